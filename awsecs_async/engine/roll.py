"""The roll of live tasks: who is there, and who hears of a change. The ledger decides; this keeps.

Two kinds of listeners hear of a change. Those who *heed* are the engine's own coroutines, which must
know at once. Those who are *told* are outside: they hear of it when it is on disk, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.errors import DispatcherClosed
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import lifecycle

if TYPE_CHECKING:
    from awsecs_async.engine.journal.port import Entry, Journal
    from awsecs_async.engine.record import Record
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.result import Result
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of one task, as outsiders are told. ``old`` is None at its admission."""

    id: TaskId
    title: str
    old: State | None
    new: State
    at: float
    arn: Arn | None = None
    note: str = ""
    result: Result | None = None


Heed = Callable[["Record", "State | None"], None]
Tell = Callable[[Transition], None]


class Roll:
    """The records of one dispatcher, by task id, by ARN and by key."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._records: dict[TaskId, Record] = {}
        self._by_arn: dict[Arn, Record] = {}
        self._by_key: dict[str, Record] = {}
        self._heeding: list[Heed] = []
        self._told: list[Tell] = []
        self.closed: DispatcherClosed | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def __repr__(self) -> str:
        return f"<Roll {len(self._records)} live, {len(self._by_arn)} on ECS>"

    def __len__(self) -> int:
        return len(self._records)

    def all(self) -> list[Record]:
        """All live tasks, in the order of their admission."""
        return list(self._records.values())

    def get(self, task_id: TaskId) -> Record | None:
        """The live task of that id."""
        return self._records.get(task_id)

    def by_arn(self, arn: Arn) -> Record | None:
        """The live task whose current attempt that is."""
        return self._by_arn.get(arn)

    def by_key(self, key: str) -> Record | None:
        """The live task of that key."""
        return self._by_key.get(key)

    async def idle(self) -> None:
        """Return when no task is live."""
        await self._idle.wait()

    def heed(self, listener: Heed) -> None:
        """Have ``listener(record, old_state)`` called at every change, at once."""
        self._heeding.append(listener)

    def tell(self, listener: Tell) -> Callable[[], None]:
        """Have ``listener(transition)`` called once a change is on disk; the answer ends that."""
        self._told.append(listener)
        return lambda: self._told.remove(listener)

    def close(self, message: str, cause: BaseException | None) -> None:
        """Nothing will change any more: who waits for the end of a task, now or later, is told so."""
        self.closed = DispatcherClosed(message)
        self.closed.__cause__ = cause
        for record in self._records.values():
            if record.ended is not None and not record.ended.done():
                record.ended.set_exception(self.closed)
                record.ended.exception()  # whoever waits gets it; nobody is scolded for not waiting

    def add(self, record: Record) -> None:
        """It lives."""
        self._records[record.id] = record
        if record.key is not None:
            self._by_key[record.key] = record
        if record.arn is not None:
            self._by_arn[record.arn] = record
        self._idle.clear()

    def drop(self, record: Record) -> None:
        """It lives no more."""
        self._records.pop(record.id, None)
        if record.key is not None and self._by_key.get(record.key) is record:
            del self._by_key[record.key]
        if not self._records:
            self._idle.set()

    def name(self, record: Record, arn: Arn) -> None:
        """This is the ARN of its current attempt."""
        self._by_arn[arn] = record

    def unname(self, arn: Arn) -> None:
        """That attempt is over."""
        self._by_arn.pop(arn, None)

    def move(self, record: Record, to: State, *entries: Entry) -> None:
        """Give it another state, write that down, and let everyone hear of it."""
        old, record.state = record.state, lifecycle.advance(record.state, to)
        self.publish(record, old, entries)

    def publish(self, record: Record, old: State | None, entries: Sequence[Entry] = ()) -> None:
        """Write something down about it, and let everyone hear of it."""
        state, transition = record.state, self._transition(record, old) if self._told else None
        self._journal.write(entries, lambda: self._announce(record, state, transition))
        self.heard(record, old)

    def heard(self, record: Record, old: State | None) -> None:
        """Let those who heed know."""
        for listener in self._heeding:
            listener(record, old)

    def _transition(self, record: Record, old: State | None) -> Transition:
        return Transition(
            id=record.id,
            title=record.spec.title,
            old=old,
            new=record.state,
            at=wall_time(),
            arn=record.arn,
            note=record.note,
            result=record.result,
        )

    def _announce(self, record: Record, state: State, transition: Transition | None) -> None:
        record.told = state
        if state.is_ending:
            self.drop(record)
            if record.ended is not None and not record.ended.done() and record.result is not None:
                record.ended.set_result(record.result)
        if transition is not None:
            for listener in tuple(self._told):
                listener(transition)
