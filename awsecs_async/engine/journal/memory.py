"""A journal that lasts as long as the process, for a library user who wants no file.

It keeps the promises of the port that do not need a disk: the same key is the same task, and what
ended can be asked for, up to ``finished_kept`` endings. Nothing waits: what is written is written at
once, and ``then`` is called before ``write`` returns.

It costs next to nothing, since most tasks of most programs pass through it: of a live task it holds
the ``Admitted`` entry that it was given and nothing of its own; launches, wishes and rounds are the
ledger's to know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NoReturn

from awsecs_async.engine.journal.port import Admitted, Ended, Entry, Remembered, Withdrawn
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId


class MemoryJournal:
    """What was promised, until this process ends.

    Args:
        finished_kept: How many ended tasks ``find`` and ``get`` still know; the one that ended first is
            forgotten first, and its key with it.
    """

    def __init__(self, *, finished_kept: int = 10_000) -> None:
        self.finished_kept = finished_kept
        # The mutable state of this journal: every task is in exactly one of the first two, and the keys
        # of both are in the third.
        self._live: dict[TaskId, Admitted] = {}
        self._finished: dict[TaskId, tuple[Admitted, Result]] = {}  # the oldest ending first
        self._keys: dict[str, TaskId] = {}

    async def open(self) -> Remembered:
        """Nothing is remembered."""
        return Remembered(notes={})

    def write(self, entries: Sequence[Entry], then: Callable[[], None] | None = None) -> None:
        """Take the entries in and call ``then``, both at once."""
        for entry in entries:
            if isinstance(entry, Admitted):  # quicker than `match`, and most entries are none of these
                self._admit(entry)
            elif isinstance(entry, Ended):
                self._end(entry.result)
            elif isinstance(entry, Withdrawn):
                self._forget(self._live.pop(entry.id, None))
        if then is not None:
            then()

    async def written(self) -> None:
        """There is nothing to wait for."""

    async def watch(self) -> NoReturn:
        """Never returns, and never fails."""
        while True:
            await asyncio.Event().wait()

    async def find(self, key: str) -> tuple[Admitted, Result | None] | None:
        """The task of that key, with its result if it has ended."""
        task_id = self._keys.get(key)
        return None if task_id is None else await self.get(task_id)

    async def get(self, task_id: TaskId) -> tuple[Admitted, Result | None] | None:
        """The task of that id, with its result if it has ended."""
        if (admitted := self._live.get(task_id)) is not None:
            return admitted, None
        return self._finished.get(task_id)

    async def prune(self, before: float) -> int:
        """Forget the tasks that ended before this moment (epoch seconds), and say how many those were."""
        over = [known for known in self._finished.values() if known[1].ended_at < before]
        for admitted, _ in over:
            del self._finished[admitted.id]
            self._forget(admitted)
        return len(over)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _admit(self, admitted: Admitted) -> None:
        self._live[admitted.id] = admitted
        if admitted.key is not None:
            self._keys[admitted.key] = admitted.id

    def _end(self, result: Result) -> None:
        self._finished[result.id] = (self._live.pop(result.id), result)
        while len(self._finished) > self.finished_kept:
            oldest = next(iter(self._finished))
            self._forget(self._finished.pop(oldest)[0])

    def _forget(self, admitted: Admitted | None) -> None:
        if admitted is not None and admitted.key is not None:
            self._keys.pop(admitted.key, None)

    def __repr__(self) -> str:
        return f"<MemoryJournal {len(self._live)} live, {len(self._finished)} finished>"
