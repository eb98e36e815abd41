"""One real container, seen through the command that started it and is attached to it.

The command ends when the container does, and its exit code is the container's, except where the
engine uses the same codes for itself: only then the engine is asked. What comes before the container
is known to have started may be the engine's own complaint, so it is withheld until then.
"""

from __future__ import annotations

import asyncio
import math
import signal
from asyncio.subprocess import Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from awsecs_async.local.runtimes.cli import TIMED_OUT, call
from awsecs_async.local.runtimes.flags import container_name
from awsecs_async.local.runtimes.lines import Lines
from awsecs_async.local.runtimes.port import ContainerRun, Exit
from awsecs_async.local.runtimes.process import DRAIN_SECONDS, KILLED, exit_code, kill_group
from awsecs_async.local.runtimes.watchdog import Watchdog

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"  # the agent's words
NEVER_STARTED = "the container was created and could not be started; its log has the engine's words"
DOUBTFUL_CODES = frozenset({125, 126, 127, KILLED})  # the engine's own, the program's, or the kernel's: ask
STATE = "--format={{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}"
NEVER = "0001"  # the year in which Go's clock begins
LOOK_SECONDS = {"podman": 0.01, "docker": 0.1}  # between looks whether it has started: a file, or a call


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the engine says of a container."""

    code: int | None
    out_of_memory: bool
    started: bool

    def exit(self) -> Exit:
        """What it comes to when the container has ended."""
        if not self.started:  # its process was made but never let go; what the engine said is in its log
            return Exit(code=None, reason=f"CannotStartContainerError: {NEVER_STARTED}")
        return Exit(code=self.code, reason=OUT_OF_MEMORY if self.out_of_memory else None)


REMOVED = State(
    code=None, out_of_memory=False, started=True
)  # by somebody else: nobody can know how it ended


class RunningContainer:
    """A container, seen through the command that started it and is attached to it."""

    def __init__(
        self, engine: str, run: ContainerRun, process: Process, streams: tuple[Lines, ...], watchdog: Watchdog
    ) -> None:
        self.name = container_name(run)
        self._engine = engine
        self._run = run
        self._process = process
        self._watchdog = watchdog
        self._state: State | None = None  # once it has ended
        self._end = asyncio.create_task(self._follow(streams), name=f"container {self.name}")

    def __repr__(self) -> str:
        return f"<RunningContainer {self.name} {'ended' if self._end.done() else 'running'}>"

    def when_ended(self, call_: Callable[[RunningContainer], None]) -> None:
        """Have something called at the end."""
        self._end.add_done_callback(lambda _: call_(self))

    async def has_started(self, pidfile: Path) -> bool:
        """Wait until it has started, or has ended without."""
        while not self._end.done():
            if await self._seen_started(pidfile):
                return True
            await asyncio.wait({self._end}, timeout=LOOK_SECONDS[self._engine])
        await self._end
        return self._state is None or self._state.started

    async def _seen_started(self, pidfile: Path) -> bool:
        """Podman tells by a file, Docker when asked; one that is gone already is left to its end to judge."""
        if self._engine == "podman":
            return _written(pidfile)
        state = await self._inspect()
        return state is not None and state.started

    async def wait(self) -> Exit:
        """How it ended, after its last line."""
        return await asyncio.shield(self._end)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """The image's stop signal, or SIGTERM; SIGKILL after the stop timeout (in whole seconds)."""
        seconds = math.ceil(self._run.stop_timeout_seconds if grace_seconds is None else grace_seconds)
        stopping = asyncio.create_task(
            call(self._engine, "stop", "-t", str(seconds), self.name, timeout_seconds=seconds + 30)
        )
        await asyncio.wait({stopping, self._end}, return_when=asyncio.FIRST_COMPLETED)
        answer = await stopping
        if not answer.ok and not self._end.done():
            await call(self._engine, "kill", "--signal=KILL", self.name)
        await self.wait()

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """Run a command in the container."""
        answer = await call(self._engine, "exec", self.name, *command, timeout_seconds=timeout_seconds)
        return KILLED if answer.code == TIMED_OUT else answer.code

    async def _follow(self, streams: tuple[Lines, ...]) -> Exit:
        code = exit_code(await self._process.wait())
        kill_group(self._process.pid)
        self._watchdog.release(self._process.pid)
        for lines in streams:
            await lines.drain(DRAIN_SECONDS)
        exit_ = Exit(code=code)
        if code in DOUBTFUL_CODES:
            if self._process.returncode == -signal.SIGKILL:  # the command was killed, not the container
                await call(self._engine, "wait", self.name, timeout_seconds=None)
            self._state = await self._inspect() or REMOVED
            exit_ = self._state.exit()
        await call(self._engine, "rm", "--force", self.name)
        return exit_

    async def _inspect(self) -> State | None:
        answer = await call(self._engine, "inspect", STATE, self.name)
        match answer.output.split(maxsplit=2):
            case [code, killed, since] if answer.ok:
                return State(
                    code=int(code), out_of_memory=killed == "true", started=not since.startswith(NEVER)
                )
            case _:
                return None


class Withheld:
    """Lines kept back until it is known whether they are the container's or the engine's."""

    def __init__(self, output: Callable[[str], None]) -> None:
        self._output = output
        self._lines: list[str] | None = []

    def __call__(self, line: str) -> None:
        """Take a line."""
        if self._lines is None:
            self._output(line)
        else:
            self._lines.append(line)

    def release(self) -> None:
        """They are the container's: give them away, and all that follow."""
        lines, self._lines = self._lines or [], None
        for line in lines:
            self._output(line)

    def complaint(self) -> str:
        """They were the engine's: the last is why."""
        said = [line for line in self._lines or [] if line.strip()]
        return said[-1].removeprefix("Error: ") if said else "the engine does not say why"


def _written(pidfile: Path) -> bool:
    """Whether the container's first process exists. The file is left alone: conmon reads it after we do."""
    return pidfile.exists()
