"""Podman's and Docker's command lines, called.

Their commands are the one interface that both share and that needs no library, no socket and no
privilege beyond the user's own. Every call is bounded in time and leads a process group, so that
giving it up leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

CALL_SECONDS = 60.0  # creating, inspecting, removing: a busy machine takes seconds, never a minute
TIMED_OUT = 124  # the code that timeout(1) gives
NOT_INSTALLED = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call came to."""

    code: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return self.code == 0

    @property
    def complaint(self) -> str:
        """The last line of its errors: the ones before it are retries and warnings."""
        lines = [line for line in self.errors.splitlines() if line.strip()]
        return lines[-1].removeprefix("Error: ").strip() if lines else f"exit code {self.code}"


async def call(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float | None = CALL_SECONDS,
) -> Answer:
    """Run a command to its end. `environment` is added to ours; no timeout waits as long as it takes."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    except FileNotFoundError:
        return Answer(code=NOT_INSTALLED, output="", errors=f"{arguments[0]} is not installed")
    try:
        async with asyncio.timeout(timeout_seconds):
            output, errors = await process.communicate()
    except TimeoutError:
        return Answer(code=TIMED_OUT, output="", errors=f"no answer within {timeout_seconds:g} s")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    code = process.returncode if process.returncode is not None else TIMED_OUT
    return Answer(code=code, output=output.decode(errors="replace"), errors=errors.decode(errors="replace"))
