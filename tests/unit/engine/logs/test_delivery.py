"""The promise, for all that CloudWatch may do within the overlap: each line once, in its stream's order."""

from __future__ import annotations

import asyncio
from itertools import accumulate
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from awsecs_async.engine.logs import Dropped, LogLine
from awsecs_async.kit.wall import wall_time
from awsecs_async.testing import run
from tests.unit.engine.logs.scene import Scene, messages

if TYPE_CHECKING:
    from awsecs_async.engine.record import Record

Lines = list[tuple[float, float]]

# For each line: seconds since the one before it, and from its writing to its being found.
LINES = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(0, 20, width=16)),
        st.one_of(st.just(0.0), st.floats(0, 29.5, width=16)),
    ),
    max_size=12,
)


async def told(
    streams: list[Lines], page_events: int, *, in_order: bool
) -> list[tuple[list[str], list[str], list[str]]]:
    """What was written, what was told from the start, and what was told to a latecomer, by stream."""
    scene = Scene()
    scene.logs.page_events = page_events
    async with scene.reading():
        records = [scene.started() for _ in streams]
        following = [scene.follow(record) for record in records]
        last = write(scene, records, streams, in_order=in_order)
        await asyncio.sleep(last / 2)
        latecomers = [scene.follow(record) for record in records]
        await asyncio.sleep(max(0.0, last / 2 - 14))  # the settle time is 15 s
        for record in records:
            scene.stop(record)
        return [
            ([str(n) for n in range(len(lines))], messages(await one), messages(await other))
            for lines, one, other in zip(streams, following, latecomers, strict=True)
        ]


def write(scene: Scene, records: list[Record], streams: list[Lines], *, in_order: bool) -> float:
    """Write every line at its time; the answer is in how many seconds the last one can be found."""
    last = 0.0
    for record, lines in zip(records, streams, strict=True):
        stamps = list(accumulate(gap for gap, _ in lines))
        found = [stamp + late for stamp, (_, late) in zip(stamps, lines, strict=True)]
        if in_order:  # as a driver sends them: one batch after the other
            found = list(accumulate(found, max))
        for number, (stamp, when) in enumerate(zip(stamps, found, strict=True)):
            scene.write(record, str(number), ago=-stamp, late=min(when, stamp + 29.5))
        last = max([last, *found])
    return last


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3), st.sampled_from([1, 2, 5, 10_000]))
def test_each_line_is_told_once(streams: list[Lines], page_events: int) -> None:
    """Whatever is found late and in whatever order: each line comes once, to early and late followers."""
    for written, early, late in run(told(streams, page_events, in_order=False)):
        assert sorted(early, key=int) == sorted(late, key=int) == written


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3), st.sampled_from([1, 2, 5, 10_000]))
def test_a_streams_order_is_kept(streams: list[Lines], page_events: int) -> None:
    """Where a container's lines are found in the order of their writing, they are told in that order."""
    for written, early, late in run(told(streams, page_events, in_order=True)):
        assert early == late == written


async def test_a_slow_reader_of_the_past_loses_nothing() -> None:
    """The past waits for its reader: a buffer far smaller than it is enough, and nobody else is delayed."""
    scene = Scene(buffer=5)
    scene.logs.page_events = 7
    async with scene.reading():
        record = scene.started()
        for number in range(100):
            scene.write(record, str(number))
            await asyncio.sleep(1)
        got: list[LogLine | Dropped] = []
        async for line in scene.reader.follow(record):
            got.append(line)
            await asyncio.sleep(3)
            if len(got) == 50:
                scene.stop(record)
        assert messages(got) == [str(number) for number in range(100)]


async def test_lines_come_within_two_read_intervals() -> None:
    """Whoever follows live sees a line as soon as the next read can find it."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        lines = scene.reader.follow(record)
        for number in range(20):
            scene.write(record, str(number))
            written = wall_time()
            await anext(lines)
            assert wall_time() - written <= 2
            await asyncio.sleep(1.3)
        await lines.aclose()
