"""What an attempt wrote before its follower came: fetched by the follower itself, as fast as it takes it.

Nothing is buffered but the page at hand, so a slow reader loses nothing of the past and delays nobody.
When a whole read took little time, what was written meanwhile is little too, and the shared tail goes on
from there.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from awsecs_async.engine.logs.pages import NoAnswer, pages
from awsecs_async.kit.wall import wall_time

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from awsecs_async.engine.logs.reading import LogLine, Reading
    from awsecs_async.engine.targets import Station

CAUGHT_UP_SECONDS: Final = 10.0  # a read that took no longer has caught up


async def past(reading: Reading, station: Station) -> AsyncGenerator[LogLine]:
    """All lines until now.

    Raises:
        LogsUnavailable: saying why; of a task that still runs only where waiting will not help.
    """
    began = wall_time()
    caught_up = False
    while not (caught_up or reading.is_over):
        began = wall_time()
        reading.look(began)
        try:
            async with aclosing(_once(reading, station, began)) as lines:
                async for line in lines:
                    yield line
        except NoAnswer:
            if reading.stopped_at is not None:
                raise
        else:
            caught_up = wall_time() - began <= CAUGHT_UP_SECONDS


async def _once(reading: Reading, station: Station, began: float) -> AsyncGenerator[LogLine]:
    strands = {strand.stream: strand for strand in reading.strands}
    since_ms = min(strand.cursor.floor_ms for strand in reading.strands)
    missing: set[str] = set()
    newest_ms = 0
    async with aclosing(pages(station, tuple(strands), since_ms, missing)) as answers:
        async for events in answers:
            for event in events:
                newest_ms = max(newest_ms, event.timestamp)
                line = reading.line(strands[event.stream], event)
                if line is not None:
                    yield line
    for strand in reading.strands:
        strand.was_read(began, newest_ms, missing=strand.stream in missing)
