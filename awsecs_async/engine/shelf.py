"""Tasks that are set aside until what they need is there: a task definition, or their files on S3.

They wait in batches, one for each thing needed, so that it is fetched once and they come back in the order
in which they came. Nobody who has all that he needs waits behind them, and no worker of a lane waits with
them. Which batch is served next is decided as in a line: the highest priority first, and the groups in turns.

They are QUEUED all the while and count as such; one that ends is off the shelf at once.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from awsecs_async.engine.lanes import LaneKey, Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsecs_async.engine.record import Record
    from awsecs_async.model.task import TaskId


class Stage(Enum):
    """What is done for a batch: the activity of a station, at whose gate of that name it may be blocked."""

    FINDING = "finding"
    REGISTERING = "registering"
    SPILLING = "spilling"

    @property
    def obstacle(self) -> str:
        """What the tasks of the batch wait for, for people."""
        return "its files on S3" if self is Stage.SPILLING else "its task definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A thing that tasks need before they can be launched at a target."""

    target: str
    what: Hashable


@dataclass(slots=True, kw_only=True, eq=False)
class Batch:
    """Those who need the same thing, in their order.

    Args:
        lane: That which took the first of them.

        is_served: Whether it has had its turn, so that who comes now only joins.
    """

    need: Need
    stage: Stage
    lane: LaneKey
    is_served: bool = False
    records: dict[TaskId, Record] = field(default_factory=dict)


class Shelf:
    """Its mutable state is the batches, whose each task is, and who stands in line for the next turn."""

    def __init__(self) -> None:
        self._batches: dict[Need, Batch] = {}
        self._batch_of: dict[TaskId, Batch] = {}
        self._lines: dict[tuple[str, Stage], Line] = {}

    def __repr__(self) -> str:
        return f"<Shelf {len(self)} set aside in {len(self._batches)} batches>"

    def __len__(self) -> int:
        return len(self._batch_of)

    def awaits(self, need: Need) -> bool:
        """Whether anybody waits for that: who needs it too goes behind them, be it there by now or not."""
        return need in self._batches

    def batch_of(self, record: Record) -> Batch | None:
        """The batch that it waits in; None if it is not here."""
        return self._batch_of.get(record.id)

    def put(self, need: Need, stage: Stage, lane: LaneKey, records: Iterable[Record]) -> bool:
        """Set them aside, behind those who need the same; whether they are the first of their batch."""
        batch = self._batches.get(need)
        is_new = batch is None
        if batch is None:
            batch = self._batches[need] = Batch(need=need, stage=stage, lane=lane)
        for record in records:
            batch.records[record.id] = record
            self._batch_of[record.id] = batch
            self._stand(batch, record)
        return is_new

    def next(self, target: str, stage: Stage) -> Batch | None:
        """The batch whose turn it is, to be served by the caller."""
        line = self._lines.get((target, stage))
        if line is None:
            return None
        (first,) = line.take(1)
        batch = self._batch_of[first.id]
        batch.is_served = True
        for record in batch.records.values():
            line.remove(record)
        self._tidy(batch)
        return batch

    def again(self, batch: Batch, stage: Stage) -> None:
        """It takes more than was thought: the batch waits for a turn at that."""
        batch.stage, batch.is_served = stage, False
        for record in batch.records.values():
            self._stand(batch, record)
        self._tidy(batch)

    def clear(self, batch: Batch) -> list[Record]:
        """What the batch waited for is there, or cannot be: it is over. Its tasks, in their order."""
        records = list(batch.records.values())
        for record in records:
            self.remove(record)
        if self._batches.get(batch.need) is batch:
            del self._batches[batch.need]
        return records

    def remove(self, record: Record) -> bool:
        """Take it off the shelf, wherever it stands; False if it is not here."""
        batch = self._batch_of.pop(record.id, None)
        if batch is None:
            return False
        del batch.records[record.id]
        if not batch.is_served:
            self._lines[batch.need.target, batch.stage].remove(record)
            self._tidy(batch)
        return True

    def _stand(self, batch: Batch, record: Record) -> None:
        if not batch.is_served:
            self._lines.setdefault((batch.need.target, batch.stage), Line(())).put(record, front=False)

    def _tidy(self, batch: Batch) -> None:
        key = (batch.need.target, batch.stage)
        if key in self._lines and not len(self._lines[key]):
            del self._lines[key]
        if not (batch.records or batch.is_served) and self._batches.get(batch.need) is batch:
            del self._batches[batch.need]
