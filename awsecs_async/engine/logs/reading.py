"""A Reading: one follower reading one attempt, a strand for each of its containers.

It says which attempt comes next, turns events into lines, and knows when all has been said: an attempt's
output is over when the attempt has stopped, CloudWatch has had time to show the last lines (the settle
time), and every strand was quiet for two reads in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.engine.logs.cursor import SKEW_SECONDS, Cursor
from awsecs_async.engine.logs.strand import Strand
from awsecs_async.kit.fanout import Follower
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.sighting import task_id_of
from awsecs_async.model.task import TaskId

if TYPE_CHECKING:
    from awsecs_async.aws.ports import LogEvent
    from awsecs_async.engine.record import Record
    from awsecs_async.errors import LogsUnavailable
    from awsecs_async.model.sighting import Arn


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line that a container wrote.

    Args:
        timestamp: Epoch milliseconds at which the driver read the line.

        attempt: Which attempt of the task wrote it, from 1.
    """

    task_id: TaskId
    container: str
    timestamp: int
    message: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One attempt as something to read. ``began_at`` is no later than its first line; epoch seconds.

    ``stopped_at`` is None while it runs.
    """

    number: int
    arn: Arn
    target: str
    began_at: float
    started_at: float
    stopped_at: float | None = None


def next_source(record: Record, after: int, now: float) -> Source | None:
    """The first attempt after that number which can be read now; None while there is none."""
    for attempt in record.attempts:
        # Without a machine nothing was written.
        if attempt.number > after and attempt.arn and attempt.outcome.cause is not Cause.CAPACITY:
            return Source(
                number=attempt.number,
                arn=attempt.arn,
                target=attempt.target,
                began_at=record.submitted_at - SKEW_SECONDS,
                started_at=attempt.started_at or record.submitted_at,
                stopped_at=attempt.stopped_at or now,
            )
    live = record.live
    if live and live.arn and live.number > after and record.state in {State.RUNNING, State.STOPPING}:
        return Source(
            number=live.number,
            arn=live.arn,
            target=record.placement.target,
            began_at=live.launched_at - SKEW_SECONDS,
            started_at=live.started_at or live.launched_at,
        )
    return None


class Reading:
    """What one follower has read of one attempt, and what is still to come. Its state is its strands."""

    __slots__ = ("_settle_seconds", "error", "record", "sink", "source", "strands")

    def __init__(
        self,
        record: Record,
        source: Source,
        prefix: str,
        *,
        settle_seconds: float,
        overlap_seconds: float,
        buffer_lines: int,
    ) -> None:
        self.record = record
        self.source = source
        self.sink: Follower[LogLine] = Follower(buffer_lines)
        self.error: LogsUnavailable | None = None
        self._settle_seconds = settle_seconds
        floor_ms = int(source.began_at * 1000)
        self.strands = [
            Strand(
                stream_name(prefix, container.name, source.arn),
                container.name,
                Cursor(floor_ms, overlap_seconds=overlap_seconds),
                source.stopped_at,
            )
            for container in record.spec.all_containers
        ]

    def __repr__(self) -> str:
        return f"<Reading {self.record.id} attempt {self.source.number}: {self.strands!r}>"

    @property
    def stopped_at(self) -> float | None:
        """When its attempt stopped, or when we heard of that; epoch seconds, None while it runs."""
        return self.strands[0].stopped_at

    def look(self, now: float) -> None:
        """Take notice if the attempt has stopped.

        Its own time of the stop is not asked: that is by ECS's clock, and hearing of it late only makes
        the settle time longer.
        """
        if self.stopped_at is None and not _is_current(self.record, self.source.number):
            for strand in self.strands:
                strand.stopped_at = now

    def line(self, strand: Strand, event: LogEvent) -> LogLine | None:
        """The event as a line, if it is new."""
        if not strand.cursor.takes(event):
            return None
        strand.had_news = True
        return LogLine(
            task_id=self.record.id,
            container=strand.container,
            timestamp=event.timestamp,
            message=event.message,
            attempt=self.source.number,
        )

    @property
    def is_over(self) -> bool:
        """Whether all has been read."""
        return all(strand.is_over(self._settle_seconds) for strand in self.strands)

    def end(self, error: LogsUnavailable | None = None) -> None:
        """Nothing more will be put into the sink, all being said or because of ``error``."""
        self.error = error
        self.sink.end()


def _is_current(record: Record, number: int) -> bool:
    return record.live is not None and record.live.number == number and not record.state.is_ending


def stream_name(prefix: str, container: str, arn: Arn) -> str:
    """The stream that the awslogs driver writes to. AWS: using_awslogs, awslogs-stream-prefix."""
    return f"{prefix}/{container}/{task_id_of(arn)}"
