"""The log reader: the eternal coroutine behind ``Task.logs()``, and the door that followers come in by."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import anyio

from awsecs_async.engine.logs.past import past
from awsecs_async.engine.logs.reading import Reading, next_source
from awsecs_async.engine.logs.tail import Tail
from awsecs_async.errors import LogsUnavailable
from awsecs_async.kit.wall import wall_time

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.logs.reading import LogLine, Source
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.targets import Station
    from awsecs_async.kit.fanout import Dropped
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.task import TaskId

LEAST_OVERLAP_SECONDS: Final = 5.0  # where lines can be found at once their times may still cross
FRESH_SECONDS: Final = 60.0  # what started no longer ago has no past worth a call of its own


class LogReader:
    """Reads what is followed. Its state is the tails, who follows what, and who waits for an attempt."""

    def __init__(self, ledger: Ledger, stations: Sequence[Station], settings: Settings) -> None:
        self._settings = settings
        self._tails = {station.target.name: Tail(station, settings) for station in stations}
        self._followers: Counter[TaskId] = Counter()
        self._changes: dict[TaskId, asyncio.Event] = {}
        self._closed = False
        ledger.heed(self._heard)

    def __repr__(self) -> str:
        return f"<LogReader {self._followers.total()} followers, {list(self._tails.values())!r}>"

    async def run(self) -> None:
        """Read for ever what is followed; when that is cancelled, all followers end."""
        try:
            async with anyio.create_task_group() as tails:
                for tail in self._tails.values():
                    tails.start_soon(tail.run)
        finally:
            self._close()

    def _close(self) -> None:
        self._closed = True
        for tail in self._tails.values():
            tail.close(_closed())
        for change in self._changes.values():
            change.set()

    async def follow(self, record: Record) -> AsyncGenerator[LogLine | Dropped]:
        """All that the task's attempts have written and will write, until its end.

        Lines of one container come in the order in which they were written; only one that CloudWatch shows
        later than its successors comes after them. ``Dropped`` stands where this reader was too slow.

        Raises:
            LogsUnavailable: when CloudWatch does not give them; the task itself is not affected.
        """
        number = 0
        self._followers[record.id] += 1
        try:
            while (source := await self._next_source(record, number)) is not None:
                number = source.number
                async with aclosing(self._read(record, source)) as items:
                    async for item in items:
                        yield item
        finally:
            self._followers[record.id] -= 1
            if not self._followers[record.id]:
                del self._followers[record.id]

    async def _read(self, record: Record, source: Source) -> AsyncGenerator[LogLine | Dropped]:
        tail = self._tail(source.target)
        reading = self._open(record, source, tail)
        if source.stopped_at is not None or wall_time() - source.started_at > FRESH_SECONDS:
            async with aclosing(past(reading, tail.station)) as lines:
                async for line in lines:
                    yield line
        if reading.is_over:
            return
        if self._closed:
            raise _closed()
        tail.join(reading)
        try:
            async for item in reading.sink:
                yield item
        finally:
            tail.leave(reading)
        if reading.error is not None:
            raise LogsUnavailable(str(reading.error)) from reading.error

    def _open(self, record: Record, source: Source, tail: Tail) -> Reading:
        return Reading(
            record,
            source,
            tail.station.target.log_stream_prefix,
            settle_seconds=self._settings.log_settle,
            # How late a line may be after a stop, and as much again: other lines of a call go before it.
            overlap_seconds=max(LEAST_OVERLAP_SECONDS, 2 * self._settings.log_settle),
            buffer_lines=self._settings.log_buffer_lines,
        )

    def _tail(self, target: str) -> Tail:
        if target not in self._tails:
            known = ", ".join(self._tails)
            raise LogsUnavailable(
                f"the task ran on target {target!r}, and the settings name only {known}: name it there again"
            )
        return self._tails[target]

    async def _next_source(self, record: Record, after: int) -> Source | None:
        while True:
            source = next_source(record, after, wall_time())
            if source is not None or record.state.is_ending:
                return source
            if self._closed:
                raise _closed()
            await self._changes.setdefault(record.id, asyncio.Event()).wait()

    def _heard(self, record: Record, _old: State | None) -> None:
        change = self._changes.pop(record.id, None)
        if change is not None:
            change.set()
        tail = self._tails.get(record.placement.target)
        if tail is not None and record.id in self._followers and not record.state.is_on_ecs:
            tail.nudge()


def _closed() -> LogsUnavailable:
    return LogsUnavailable("the dispatcher was closed while the log was followed; CloudWatch keeps the lines")
