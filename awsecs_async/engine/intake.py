"""What comes in: spec -> placement -> room in the queue -> ledger -> disk.

A task that can never run is refused before it takes a place. What is admitted is promised: the answer is
given when it is on disk, and whoever stops waiting for that leaves no task behind, unless it has a key by
which it can be found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.engine.record import Record, finished
from awsecs_async.errors import KeyConflict
from awsecs_async.model.outcome import Wish
from awsecs_async.model.overrides import Work, check_work

if TYPE_CHECKING:
    from awsecs_async.engine.journal.port import Admitted, Journal
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.spill import Overflow
    from awsecs_async.engine.submissions import Submissions
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.placement import Route
    from awsecs_async.model.result import Result
    from awsecs_async.model.task import TaskId, TaskSpec

ADMISSIONS_PER_TURN = 50  # of the loop: admitting one takes a tenth of a millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One task that somebody wants admitted: see ``Dispatcher.submit`` and ``submit_array``."""

    spec: TaskSpec
    key: str | None = None
    index: int | None = None
    size: int | None = None


class Intake:
    """The way in. Its only state is a count, by which it gives way to its host."""

    def __init__(
        self,
        ledger: Ledger,
        journal: Journal,
        submissions: Submissions,
        places: Places,
        overflow: Overflow,
        fusion: Fusion,
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._submissions = submissions
        self._places = places
        self._overflow = overflow
        self._fusion = fusion
        self._admissions = 0

    async def admit(self, wanted: Sequence[Wanted]) -> list[Record]:
        """A record for each, in their order, once they are on disk; waits while the queue is full.

        Raises:
            Refused, InvalidTask: if one can run nowhere as asked; then none is admitted.

            KeyConflict: if the key of one belongs to another task.

            DispatcherClosed: if the dispatcher closes meanwhile.
        """
        routes = [self._places.place(each.spec) for each in wanted]
        for each, route in zip(wanted, routes, strict=True):
            self._check(each, route)
        records: list[Record] = []
        fresh: list[Record] = []
        try:
            for each, route in zip(wanted, routes, strict=True):
                await self._give_way()
                async with self._submissions.room():
                    record = await self._known(each)
                    if record is None:
                        record = self._ledger.admit(
                            each.spec, route, key=each.key, index=each.index, size=each.size
                        )
                        fresh.append(record)
                records.append(record)
            await self._ledger.written()
        except BaseException:
            self._take_back(fresh)
            raise
        return records

    async def get(self, task_id: TaskId) -> Record | None:
        """The task of that id, live or as far back as the journal remembers."""
        live = self._ledger.get(task_id)
        if live is not None:
            return live
        found = await self._journal.get(task_id)
        return self._finished(*found) if found else self._ledger.get(task_id)

    def _check(self, wanted: Wanted, route: Route) -> None:
        for place in route:
            work = Work(
                spec=wanted.spec,
                placement=place,
                target=self._places.station(place).target,
                index=wanted.index,
                size=wanted.size,
                fusion=self._fusion,
                attempt=2,  # a second one may be longer, and no later one is
            )
            check_work(work)
            self._overflow.of(work)

    async def _give_way(self) -> None:
        """Now and then let the loop turn: admissions in which nothing waits would hold up their host."""
        self._admissions += 1
        if not self._admissions % ADMISSIONS_PER_TURN:
            await asyncio.sleep(0)

    async def _known(self, wanted: Wanted) -> Record | None:
        """The task that has this key already; who gets None admits it before awaiting anything."""
        key = wanted.key
        while key is not None:
            live = self._ledger.by_key(key)
            if live is not None:
                _check_same(wanted, live)
                return live
            found = await self._journal.find(key)
            if self._ledger.by_key(key) is not None:
                continue  # somebody admitted it meanwhile
            if found is None:
                return None
            record = self._finished(*found)
            if record is not None:
                _check_same(wanted, record)
                return record
        return None

    def _take_back(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.key is None:
                self._ledger.withdraw(record)
                self._ledger.wish(record.id, Wish.CANCEL, "its submit was cancelled")  # if it is launching

    def _finished(self, admitted: Admitted, result: Result | None) -> Record | None:
        if result is None:
            return None
        return finished(admitted, result, self._places.recalled(admitted.spec, result.attempts))


def _check_same(wanted: Wanted, known: Record) -> None:
    if (wanted.spec, wanted.index, wanted.size) != (known.spec, known.index, known.size):
        raise KeyConflict(
            f"the key {wanted.key!r} belongs to a task with another spec; use another key, or submit the "
            "same spec"
        )
