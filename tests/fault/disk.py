"""A disk that takes its time and a power that fails: what was not yet written when it did is gone.

`Disk` is what survives; each `CrashingJournal` on it is one process's journal. Entries reach the disk in
order, a delay after they were given, and only then is anybody told. After `crash` nothing more is written,
and nobody hears anything: whatever the dying dispatcher still says falls on deaf ears.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from awsecs_async.engine.journal.port import Admitted, Entry, Remembered
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId
from tests.contract.journal_story import Model


@dataclass(kw_only=True)
class Disk:
    """What survives.

    Args:
        write_seconds: How long a write takes; may be changed at any time.
        stuck: While set, nothing reaches the disk.

        passed: Hears of each write twice, right before and right after it.
    """

    write_seconds: float = 0.01
    stuck: bool = False
    passed: Callable[[str], None] = lambda _: None
    model: Model = field(default_factory=Model)
    entries: list[tuple[float, Entry]] = field(default_factory=list)

    def put(self, entry: Entry) -> None:
        """From now on it survives."""
        self.entries.append((asyncio.get_running_loop().time(), entry))
        self.model.apply(entry)

    def written_at(self, kind: type[Entry]) -> list[tuple[float, Entry]]:
        """All entries of that kind, with the loop time at which they were on disk."""
        return [(at, entry) for at, entry in self.entries if isinstance(entry, kind)]


class CrashingJournal:
    """A journal on a disk, for one process."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._given: deque[tuple[float, tuple[Entry, ...], Callable[[], None] | None]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self.crashed = False

    def __repr__(self) -> str:
        return f"<CrashingJournal {'crashed' if self.crashed else 'alive'}, {len(self._given)} unwritten>"

    def crash(self) -> None:
        """The power fails."""
        self.crashed = True
        self._given.clear()

    async def open(self) -> Remembered:
        """What survived."""
        remembered = self._disk.model.remembered()
        self._writing = asyncio.create_task(self._write())
        return Remembered(tasks=remembered.tasks, launches=remembered.launches, notes=dict(remembered.notes))

    def write(self, entries: Sequence[Entry], then: Callable[[], None] | None = None) -> None:
        """On their way to the disk."""
        if not self.crashed:
            due = asyncio.get_running_loop().time() + self._disk.write_seconds
            self._given.append((due, tuple(entries), then))
            self._more.set()

    async def written(self) -> None:
        """Returns when all that was given is on disk; never, after a crash."""
        there = asyncio.Event()
        self.write((), there.set)
        await there.wait()

    async def watch(self) -> NoReturn:
        """Never returns, and never fails."""
        while True:
            await asyncio.Event().wait()

    async def find(self, key: str) -> tuple[Admitted, Result | None] | None:
        """The task of that key."""
        await self.written()
        known = self._disk.model.known().values()
        return next((found for found in known if found[0].key == key), None)

    async def get(self, task_id: TaskId) -> tuple[Admitted, Result | None] | None:
        """The task of that id."""
        await self.written()
        return self._disk.model.known().get(task_id)

    async def prune(self, before: float) -> int:
        """Forgets nothing."""
        return 0

    async def close(self) -> None:
        """Everything given is written, unless the power failed."""
        if self._writing is not None:
            if not self.crashed:
                await self.written()
            self._writing.cancel()
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._given:
                self._more.clear()
                await self._more.wait()
            while self._disk.stuck or self._given[0][0] > loop.time():
                await asyncio.sleep(max(0.01, self._given[0][0] - loop.time()))
                if not self._given:
                    break
            else:
                self._commit()

    def _commit(self) -> None:
        _, entries, then = self._given.popleft()
        self._disk.passed("writing")
        if self.crashed:
            return
        for entry in entries:
            self._disk.put(entry)
        self._disk.passed("written")
        if then is not None and not self.crashed:
            then()
