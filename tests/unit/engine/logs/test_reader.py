"""The log reader on virtual time: what followers get, when it ends, and what it costs."""

from __future__ import annotations

import asyncio

from awsecs_async.engine.logs import Dropped, LogLine
from awsecs_async.kit.wall import wall_time as time
from tests.unit.engine.logs.scene import Scene, messages


async def test_lines_come_once_in_order_and_the_follower_ends_with_the_task() -> None:
    """A follower gets each line once, in order, with its container and attempt, and then ends."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        for number in range(5):
            scene.write(record, f"line {number}")
            await asyncio.sleep(0.7)
        scene.stop(record)
        lines = await following
    assert messages(lines) == [f"line {number}" for number in range(5)]
    assert lines[0] == LogLine(
        task_id=record.id,
        container="main",
        timestamp=1_767_225_600_000,
        message="line 0",
        attempt=1,
    )


async def test_same_millisecond_lines_keep_their_order() -> None:
    """Lines of one millisecond are not lost and keep the order of their page."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        for number in range(50):
            scene.write(record, str(number))
        await asyncio.sleep(3)
        scene.stop(record)
        assert messages(await following) == [str(number) for number in range(50)]


async def test_late_lines_are_still_delivered() -> None:
    """A line that is found 25 s after newer ones of the same call is delivered, once."""
    scene = Scene()
    async with scene.reading():
        record, other = scene.started(), scene.started()
        following, beside = scene.follow(record), scene.follow(other)
        for second in range(40):
            scene.write(other, str(second))
            if second == 5:
                scene.write(record, "late", late=25)
            await asyncio.sleep(1)
        scene.stop(record)
        scene.stop(other)
        assert messages(await following) == ["late"]
        assert messages(await beside) == [str(second) for second in range(40)]


async def test_pages_with_repetitions_are_read_to_the_end() -> None:
    """Small pages, an empty one last, and reads that overlap: every line once."""
    scene = Scene()
    scene.logs.page_events = 3
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        for number in range(30):
            scene.write(record, str(number))
            await asyncio.sleep(0.2)
        scene.stop(record)
        assert messages(await following) == [str(number) for number in range(30)]


async def test_latecomers_get_the_past_too() -> None:
    """Who follows late, or after the end, gets everything from the beginning."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        first = scene.follow(record)
        for number in range(200):
            scene.write(record, str(number))
            await asyncio.sleep(1)
        second = scene.follow(record)
        await asyncio.sleep(5)
        scene.stop(record)
        expected = [str(number) for number in range(200)]
        assert messages(await first) == messages(await second) == expected
        assert messages(await scene.follow(record)) == expected
        await asyncio.sleep(1000)
        began, calls = time(), len(scene.logs.asked)
        assert messages(await scene.follow(record)) == expected
        assert (time() - began, len(scene.logs.asked) - calls) == (0, 1)


async def test_a_slow_reader_is_told_and_holds_up_nobody() -> None:
    """A reader that does not read loses the oldest lines and is told how many; the others get all."""
    scene = Scene(buffer=10)
    async with scene.reading():
        record = scene.started()
        slow, following = scene.reader.follow(record), scene.follow(record)
        scene.write(record, "first")
        got = [await anext(slow)]
        for number in range(100):
            scene.write(record, str(number))
            await asyncio.sleep(1)
        scene.stop(record)
        assert messages(await following) == ["first", *map(str, range(100))]
        got += [item async for item in slow]
        assert got[1] == Dropped(90)
        assert messages([got[0], *got[2:]]) == ["first", *map(str, range(90, 100))]


async def test_a_reader_that_keeps_up_loses_nothing_of_a_flood() -> None:
    """One page may hold far more lines than a buffer; who reads at once gets them all."""
    scene = Scene(buffer=10)
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        await asyncio.sleep(1.5)
        for number in range(3000):
            scene.write(record, str(number))
        await asyncio.sleep(2)
        scene.stop(record)
        assert messages(await following) == [str(number) for number in range(3000)]


async def test_250_streams_take_three_calls() -> None:
    """Followed tasks share calls: 100 streams in each."""
    scene = Scene()
    async with scene.reading():
        records = [scene.started() for _ in range(250)]
        following = [scene.follow(record) for record in records]
        await asyncio.sleep(5.5)
        calls = len(scene.logs.asked)
        await asyncio.sleep(1)
        asked = scene.logs.asked[calls:]
        assert sorted(len(call.streams or ()) for call in asked) == [50, 100, 100]
        for record in records:
            scene.write(record, "hello")
            scene.stop(record)
        assert {tuple(messages(await task)) for task in following} == {("hello",)}


async def test_a_group_of_ours_is_read_whole() -> None:
    """Where the group is ours alone, 250 streams take one call without a filter."""
    scene = Scene(ours=True)
    async with scene.reading():
        records = [scene.started() for _ in range(250)]
        following = [scene.follow(record) for record in records]
        await asyncio.sleep(5.5)
        calls = len(scene.logs.asked)
        await asyncio.sleep(1)
        assert [call.streams for call in scene.logs.asked[calls:]] == [None]
        for record in records:
            scene.write(record, "hello")
            scene.stop(record)
        assert {tuple(messages(await task)) for task in following} == {("hello",)}


async def test_no_reading_while_nobody_follows() -> None:
    """Running tasks that nobody follows cost no call, before and after one was followed."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        await asyncio.sleep(100)
        assert scene.logs.asked == []
        lines = scene.reader.follow(record)
        scene.write(record, "hello")
        await anext(lines)
        await lines.aclose()
        calls = len(scene.logs.asked)
        await asyncio.sleep(100)
        assert len(scene.logs.asked) <= calls + 1


async def test_streams_that_come_late_or_never() -> None:
    """A stream that does not exist yet spoils nothing for others, is found when it comes, and else ends."""
    scene = Scene()
    async with scene.reading():
        records = [scene.started() for _ in range(20)]
        silent = scene.submit("main", "helper")
        scene.run(silent, streams=False)
        following = [scene.follow(record) for record in records]
        beside = scene.follow(silent)
        await asyncio.sleep(20)
        for record in records:
            scene.write(record, "hello")
        scene.write(silent, "at last", container="helper")
        await asyncio.sleep(10)
        for record in [*records, silent]:
            scene.stop(record)
        assert messages(await beside) == ["at last"]
        assert {tuple(messages(await task)) for task in following} == {("hello",)}


async def test_several_containers() -> None:
    """Lines of all containers of a task come, each with its container's name."""
    scene = Scene()
    async with scene.reading():
        record = scene.started("main", "helper")
        following = scene.follow(record)
        scene.write(record, "a")
        scene.write(record, "b", container="helper")
        await asyncio.sleep(3)
        scene.stop(record)
        lines = await following
    assert [(x.container, x.message) for x in lines if isinstance(x, LogLine)] == [
        ("main", "a"),
        ("helper", "b"),
    ]
