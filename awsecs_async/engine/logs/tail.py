"""The shared tail of one target: what all its followers listen to, read together again and again.

A pass reads everything that is followed, in as few calls as that takes, a few of them at once; then it
rests for the read interval. While nobody follows there is no call at all. Lines go into the followers'
own buffers, which never make the tail wait: one that is full loses its oldest lines and says how many.

Every pass reads some seconds again, for the sake of lines that come late; so the more there is to read,
the longer the rest: half the time, at least, the calls are left to others.

A pass that fails ends the logs that it was for, never the tail.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import anyio

from awsecs_async.engine.logs.batch import batches
from awsecs_async.engine.logs.pages import NoAnswer, pages
from awsecs_async.errors import LogsUnavailable
from awsecs_async.kit.speech import get_logger
from awsecs_async.kit.wall import wall_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsecs_async.aws.ports import LogEvent
    from awsecs_async.engine.logs.batch import Batch, Followed
    from awsecs_async.engine.logs.reading import Reading
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.settings import Settings

LONGEST_REST_SECONDS: Final = 10.0
CALLS_IN_FLIGHT: Final = 4  # each may bring a megabyte
LINES_AT_ONCE: Final = 500  # then others get a turn: about 2 ms

log = get_logger()


class Tail:
    """One target's shared tail. Its state is the readings that take part."""

    def __init__(self, station: Station, settings: Settings) -> None:
        self.station = station
        self._interval_seconds = settings.log_interval
        self._waits_to_settle = settings.log_settle > 0
        self._lines_at_once = min(LINES_AT_ONCE, settings.log_buffer_lines)
        self._readings: dict[Reading, None] = {}
        self._nudge = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Tail of {self.station.target.name}: {len(self._readings)} readings>"

    def join(self, reading: Reading) -> None:
        """Read for it too, until its end; what is new goes into its sink."""
        if not self._readings:
            self._nudge.set()
        self._readings[reading] = None

    def leave(self, reading: Reading) -> None:
        """Read for it no longer."""
        self._readings.pop(reading, None)

    def nudge(self) -> None:
        """A followed attempt has stopped: where there is nothing to wait for, read at once."""
        if not self._waits_to_settle:
            self._nudge.set()

    def close(self, error: LogsUnavailable) -> None:
        """End all readings."""
        for reading in list(self._readings):
            self._end(reading, error)

    async def run(self) -> None:
        """Read for ever."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._readings:
                await self._nudge.wait()
            self._nudge.clear()
            began = loop.time()
            try:
                await self._pass()
            except Exception as error:
                log.exception("log pass failed", target=self.station.target.name)
                self.close(_defect(error))
            await self._rest(loop.time() - began)

    async def _rest(self, took_seconds: float) -> None:
        stopped = any(reading.stopped_at is not None for reading in self._readings)
        if stopped and not self._waits_to_settle:
            await asyncio.sleep(0)
            return
        if self._readings:
            with anyio.move_on_after(max(self._interval_seconds, min(took_seconds, LONGEST_REST_SECONDS))):
                await self._nudge.wait()

    async def _pass(self) -> None:
        began = wall_time()
        readings = list(self._readings)
        for reading in readings:
            reading.look(began)
        due = [
            (reading, strand) for reading in readings for strand in reading.strands if strand.is_due(began)
        ]
        if due:
            limit = asyncio.Semaphore(CALLS_IN_FLIGHT)
            async with anyio.create_task_group() as calls:
                for batch in batches(due, group_is_ours=self.station.target.logs_group_is_ours):
                    calls.start_soon(self._read, batch, began, limit)
        for reading in readings:
            if reading.is_over:
                self._end(reading)

    def _end(self, reading: Reading, error: LogsUnavailable | None = None) -> None:
        self.leave(reading)
        reading.end(error)

    async def _read(self, batch: Batch, began: float, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                await self._read_through(batch, began)
            except NoAnswer as error:  # those that still run can wait
                self._fail([f for f in batch.followed if f[0].stopped_at is not None], error)
            except LogsUnavailable as error:
                self._fail(batch.followed, error)
            except Exception as error:
                log.exception("log reading failed", target=self.station.target.name)
                self._fail(batch.followed, _defect(error))

    async def _read_through(self, batch: Batch, began: float) -> None:
        by_stream = batch.by_stream()
        missing: set[str] = set()
        newest_ms = 0
        async with aclosing(pages(self.station, batch.streams, batch.since_ms, missing)) as answers:
            async for events in answers:
                await self._deliver(events, by_stream)
                newest_ms = max(newest_ms, max((event.timestamp for event in events), default=0))
        for _, strand in batch.followed:
            strand.was_read(began, newest_ms, missing=strand.stream in missing)

    async def _deliver(self, events: Sequence[LogEvent], by_stream: Mapping[str, Sequence[Followed]]) -> None:
        for start in range(0, len(events), self._lines_at_once):
            for event in events[start : start + self._lines_at_once]:
                for reading, strand in by_stream.get(event.stream, ()):
                    line = reading.line(strand, event)
                    if line is not None:
                        reading.sink.put(line)
            await asyncio.sleep(0)  # a reader that keeps up empties its buffer now

    def _fail(self, followed: Sequence[Followed], error: LogsUnavailable) -> None:
        for reading, _ in followed:
            self._end(reading, error)


def _defect(error: Exception) -> LogsUnavailable:
    return LogsUnavailable(f"reading the log failed by a defect of awsecs_async; please report {error!r}")
