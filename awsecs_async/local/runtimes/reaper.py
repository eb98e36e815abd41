"""The last one out: a small program that ends a dead cloud's processes.

It is started by `watchdog.py`, reads orders from its standard input and does nothing until that ends.
The cloud never closes it before it is through, so its end means that the cloud is gone, however it
went, kill -9 included. Then everything that was named and not yet released is ended: process groups are
killed, commands are run (to remove containers), directories are removed. On Linux processes that left
their group are found too, by a mark in their environment.

It is run by its path with the standard library alone (`python -I -S reaper.py`), so it imports nothing
of this package.

Orders, one a line, fields separated by tabs: `group ID`, `release ID`, `mark NAME=VALUE`, `command
WORD...`, `directory PATH`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

SWEEPS = 50  # what forks while we look is found in the next sweep; bounded, lest a fork bomb hold us for ever
COMMAND_SECONDS = 60.0  # removing containers; a runtime that hangs must not keep us here


@dataclass(slots=True, kw_only=True)
class Orders:
    """What is to be ended when the cloud is gone."""

    groups: set[int] = field(default_factory=set)
    marks: set[bytes] = field(default_factory=set)
    commands: list[list[str]] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)

    def obey(self, line: str) -> None:
        """Take one order. Unknown ones are ignored: this program must never fail before its time."""
        match line.rstrip("\n").split("\t"):
            case ["group", group]:
                self.groups.add(int(group))
            case ["release", group]:
                self.groups.discard(int(group))
            case ["mark", mark]:
                self.marks.add(mark.encode())
            case ["command", *words]:
                self.commands.append(words)
            case ["directory", path]:
                self.directories.append(path)


def marked(marks: Iterable[bytes]) -> list[int]:
    """Processes whose environment holds one of the marks; none where there is no /proc."""
    wanted = set(marks)
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ") if wanted else ():
        with suppress(OSError):  # it has ended, or it is another user's
            if wanted & set(environ.read_bytes().split(b"\0")):
                found.append(int(environ.parent.name))
    return found


def end(orders: Orders) -> None:
    """End everything that was named."""
    for group in orders.groups:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    for _ in range(SWEEPS):
        found = marked(orders.marks)
        if not found:
            break
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    for command in orders.commands:
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(command, capture_output=True, check=False, timeout=COMMAND_SECONDS)
    for directory in orders.directories:
        shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Read orders until the cloud is gone, then act."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C reaches the cloud; we go when it has gone
    orders = Orders()
    for line in sys.stdin:
        orders.obey(line)
    end(orders)


if __name__ == "__main__":
    main()
