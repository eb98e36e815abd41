"""The log reader on virtual time: when a log ends, and what must have come by then."""

from __future__ import annotations

import asyncio

from awsecs_async.engine.logs import LogLine
from awsecs_async.kit.wall import wall_time as time
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Wish
from tests.unit.engine.logs.scene import Scene, messages


async def test_settle_time_and_its_tail() -> None:
    """Lines found up to the settle time after the stop are delivered; then two quiet reads end it."""
    scene = Scene(settle=15)
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        await asyncio.sleep(3)
        scene.write(record, "last", late=14)
        scene.stop(record)
        began = time()
        assert messages(await following) == ["last"]
        assert 15 <= time() - began <= 18


async def test_the_last_reads_go_back_to_before_the_stop() -> None:
    """What was written 20 s before the stop and is found 14 s after it comes, whatever others write."""
    scene = Scene(settle=15)
    async with scene.reading():
        record, other = scene.started(), scene.started()
        following, beside = scene.follow(record), scene.follow(other)
        await asyncio.sleep(40)
        scene.write(record, "last", late=34)
        for second in range(60):
            if second == 20:
                scene.stop(record)
            scene.write(other, str(second))
            await asyncio.sleep(1)
        scene.stop(other)
        assert messages(await following) == ["last"]
        assert len(await beside) == 60


async def test_two_quiet_reads_end_it() -> None:
    """One read without news is no sign of the end, not even where there is no settle time."""
    scene = Scene(settle=0)
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        await asyncio.sleep(3.3)
        calls = len(scene.logs.asked)
        scene.write(record, "last")
        scene.stop(record)
        assert messages(await following) == ["last"]
        assert len(scene.logs.asked) - calls == 3


async def test_without_settle_time_the_end_is_at_once() -> None:
    """Where nothing comes late, a stopped task's log ends without any waiting."""
    scene = Scene(settle=0)
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        await asyncio.sleep(3.3)
        scene.write(record, "last")
        scene.stop(record)
        began = time()
        assert messages(await following) == ["last"]
        assert time() == began


async def test_attempts_follow_each_other() -> None:
    """A task that spot interrupts goes on with its next attempt's stream, after the first one's last line."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        scene.write(record, "one", late=10)
        assert scene.stop(record, spot=True) is State.QUEUED
        scene.run(record)
        scene.write(record, "two")
        await asyncio.sleep(60)
        scene.stop(record)
        lines = await following
    assert [(line.attempt, line.message) for line in lines if isinstance(line, LogLine)] == [
        (1, "one"),
        (2, "two"),
    ]


async def test_cancelled_while_queued_ends_at_once() -> None:
    """A task that never ran has an empty log, and its followers do not wait for one."""
    scene = Scene()
    async with scene.reading():
        record = scene.submit()
        following = scene.follow(record)
        await asyncio.sleep(5)
        scene.ledger.wish(record.id, Wish.CANCEL)
        assert await following == []
        assert scene.logs.asked == []


async def test_other_tasks_do_not_make_the_tail_read() -> None:
    """Where stops are read at once, only those of followed tasks are: others cost no call."""
    scene = Scene(settle=0)
    async with scene.reading():
        following = scene.follow(scene.started())
        await asyncio.sleep(3.5)
        calls = len(scene.logs.asked)
        for _ in range(100):
            scene.stop(scene.started())
            await asyncio.sleep(0)
        assert len(scene.logs.asked) == calls
        following.cancel()
        await asyncio.wait([following])
