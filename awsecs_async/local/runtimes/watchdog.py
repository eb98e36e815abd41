"""No orphans: whatever kills the cloud, its containers do not outlive it.

A cloud that is killed with -9 cannot clean up after itself, so it tells a small process beside it
(`reaper.py`) what it has started, over a pipe that only the two hold. The pipe's end is the cloud's
end, and the reaper then ends what was named. PR_SET_PDEATHSIG would be shorter but covers neither
grandchildren nor macOS nor containers, and it fires when the thread that forked ends.

Orders are written before the next await, so a process is unguarded for no longer than its own spawning
takes; the mark in its environment covers that moment on Linux.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

REAPER = Path(__file__).with_name("reaper.py")


class Watchdog:
    """Starts the reaper with the first order, and again, with all that stands, if somebody has killed it."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._standing: list[str] = []  # marks, commands, directories: orders that are never taken back
        self._reaper: subprocess.Popen[bytes] | None = None
        self._orders = -1  # the writing end of the pipe, while there is a reaper

    def __repr__(self) -> str:
        state = f"reaper {self._reaper.pid}" if self._reaper else "asleep"
        return f"<Watchdog {state}, {len(self._groups)} groups guarded>"

    def guard(self, group: int) -> None:
        """Kill this process group if the cloud dies."""
        self._groups.add(group)
        self._order(f"group\t{group}")

    def release(self, group: int) -> None:
        """The group has ended; its id may soon be another's."""
        self._groups.discard(group)
        self._order(f"release\t{group}")

    def mark(self, name: str, value: str) -> None:
        """Kill every process that has this in its environment if the cloud dies (Linux)."""
        self._stand(f"mark\t{name}={value}")

    def at_end(self, command: tuple[str, ...]) -> None:
        """Run this command when the cloud has gone, in good order or not."""
        self._stand("\t".join(("command", *command)))

    def remove(self, directory: Path) -> None:
        """Remove this directory when the cloud has gone, in good order or not."""
        self._stand(f"directory\t{directory}")

    async def close(self) -> None:
        """End everything that was named, and wait until that is done."""
        if self._reaper is not None:
            reaper, self._reaper = self._reaper, None
            os.close(self._orders)
            await asyncio.to_thread(reaper.wait)

    def _stand(self, order: str) -> None:
        if order not in self._standing:
            self._standing.append(order)
            self._order(order)

    def _order(self, order: str) -> None:
        if self._reaper is None:
            self._start()
            return
        try:
            self._write(order)
        except BrokenPipeError:  # somebody killed the reaper; its successor hears everything again
            os.close(self._orders)
            self._reaper.wait()
            self._start()

    def _start(self) -> None:
        hearing, self._orders = os.pipe()
        try:
            self._reaper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(REAPER)],
                stdin=hearing,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C in the terminal is for the cloud
            )
        finally:
            os.close(hearing)
        for order in (*self._standing, *(f"group\t{group}" for group in self._groups)):
            self._write(order)

    def _write(self, order: str) -> None:
        os.write(self._orders, f"{order}\n".encode())
