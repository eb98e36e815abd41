"""The command ``submit`` as its users run it: a process of its own, with its own local cloud."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LIMIT_SECONDS = 30
COMMAND = (sys.executable, "-m", "awsecs_async", "submit")


class Submit:
    """Runs ``submit``, in an empty directory."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self._environment = dict(environment)
        self._directory = directory
        self._begun: list[subprocess.Popen[str]] = []

    def begin(self, *arguments: str, more: Sequence[str] = ("--local",)) -> subprocess.Popen[str]:
        """Start it."""
        process = subprocess.Popen(
            [*COMMAND, *more, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._directory,
            env=self._environment,
        )
        self._begun.append(process)
        return process

    def __call__(self, *arguments: str, more: Sequence[str] = ("--local",)) -> tuple[int, str, str]:
        """Run it to its end: exit status, standard output, standard error."""
        process = self.begin(*arguments, more=more)
        out, err = process.communicate(timeout=LIMIT_SECONDS)
        return process.returncode, out, err

    def close(self) -> None:
        """End what a failed test left."""
        for process in self._begun:
            process.kill()
            process.communicate(timeout=LIMIT_SECONDS)


def events(output: str) -> list[dict[str, object]]:
    """The lines of ``--json``."""
    return [json.loads(line) for line in output.splitlines()]


def wait_until_gone(pid: int, seconds: float = 10) -> bool:
    """Whether that process, which is no child of ours, ends within this time; the kernel says when."""
    if sys.platform != "linux":
        exits = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
        try:
            return bool(select.kqueue().control([exits], 1, seconds))
        except ProcessLookupError:
            return True
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)
