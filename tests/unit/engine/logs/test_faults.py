"""What goes wrong with CloudWatch stays with the log: never the task, never another follower for good."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from awsecs_async.engine.logs import tail
from awsecs_async.errors import (
    AwsFault,
    LogStreamsMissing,
    LogsUnavailable,
    RequestRefused,
    TargetBlocked,
    Throttled,
    Unanswered,
)
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.lifecycle import State
from tests.unit.engine.logs.scene import Scene, messages

DENIED = TargetBlocked("AccessDeniedException", "not authorized to perform: logs:FilterLogEvents")
EXPIRED = TargetBlocked("ExpiredTokenException", "the security token has expired")


@pytest.mark.parametrize(
    "faults",
    [
        [Throttled("ThrottlingException", "Rate exceeded")] * 5,
        [Unanswered("ServiceUnavailableException", "503")] * 3,
        [None, EXPIRED, EXPIRED, None, EXPIRED],
        [LogStreamsMissing("ResourceNotFoundException", "The specified log group does not exist.")] * 3,
    ],
    ids=["throttled", "unanswered", "expired", "group comes late"],
)
async def test_what_passes_costs_no_line(faults: list[AwsFault | None]) -> None:
    """Throttles, lost answers, expired credentials and a group that is not there yet only delay the lines."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        scene.logs.faults = list(faults)
        following = scene.follow(record)
        for number in range(40):
            scene.write(record, str(number))
            await asyncio.sleep(1)
        scene.stop(record)
        assert messages(await following) == [str(number) for number in range(40)]


@pytest.mark.parametrize("from_the_past", [False, True])
async def test_denied_access_is_told_at_once_with_the_cure(*, from_the_past: bool) -> None:
    """A log group that may not be read ends the follower with what to allow, and the task goes on."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        await asyncio.sleep(100 if from_the_past else 0)
        scene.logs.broken = DENIED
        with pytest.raises(LogsUnavailable, match="allow logs:FilterLogEvents"):
            await scene.follow(record)
        assert record.state is State.RUNNING
        scene.logs.broken = None
        scene.write(record, "hello")
        following = scene.follow(record)
        await asyncio.sleep(5)
        assert scene.stop(record) is State.SUCCEEDED
        assert messages(await following) == ["hello"]


async def test_a_refused_call_names_the_setting() -> None:
    """A log group whose name is not acceptable is told by its setting."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        scene.logs.broken = RequestRefused("InvalidParameterException", "logGroupName")
        with pytest.raises(LogsUnavailable, match="logsGroup"):
            await scene.follow(record)


async def test_a_running_task_waits_for_its_log_and_a_stopped_one_not_for_ever() -> None:
    """While CloudWatch cannot be asked a follower waits; after the task's stop, for a minute or two."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        following = scene.follow(record)
        await asyncio.sleep(5)
        scene.logs.broken = EXPIRED
        await asyncio.sleep(1000)
        assert not following.done()
        scene.stop(record)
        stopped = wall_time()
        with pytest.raises(LogsUnavailable, match="ExpiredTokenException"):
            await following
        assert wall_time() - stopped <= 130


async def test_a_crash_of_ours_ends_the_log_alone() -> None:
    """A defect in reading is told to those who follow; the reader itself lives on."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        scene.logs.broken = ZeroDivisionError("a defect")
        with pytest.raises(LogsUnavailable, match="a defect"):
            await scene.follow(record)
        scene.logs.broken = None
        scene.write(record, "hello")
        assert (await anext(scene.reader.follow(record))) is not None


async def test_one_missing_stream_of_many_is_found_in_few_calls() -> None:
    """Halving finds the one stream that does not exist, and the found ones are not asked so again."""
    scene = Scene()
    async with scene.reading():
        records = [scene.started() for _ in range(99)]
        absent = scene.submit()
        scene.run(absent, streams=False)
        following = [scene.follow(record) for record in [*records, absent]]
        await asyncio.sleep(0.5)
        assert len(scene.logs.asked) <= 15  # one, and two for each halving of a hundred
        calls = len(scene.logs.asked)
        await asyncio.sleep(20)
        assert len(scene.logs.asked) - calls <= 26  # one a second, and one in five seconds for the absent
        for record in [*records, absent]:
            scene.stop(record)
        assert await asyncio.gather(*following) == [[]] * 100


@pytest.mark.parametrize("after", [0.0, 1.0, 3.0, 100.0, 100.25, 100.75, 103.0, 200.0])
async def test_a_cancelled_follower_leaves_nothing_behind(after: float) -> None:
    """Wherever a follower is cancelled, it is no longer read for, and the next one gets everything."""
    scene = Scene()
    scene.logs.latency_seconds = 0.5
    scene.logs.page_events = 40
    async with scene.reading():
        record = scene.submit()
        early = scene.follow(record)
        if after < 2:
            await asyncio.sleep(after)
            early.cancel()
        scene.run(record)
        for number in range(100):
            scene.write(record, str(number))
            await asyncio.sleep(1)
            if after == number:
                early.cancel()
        late = scene.follow(record)
        await asyncio.sleep(max(0.0, after - 100))
        late.cancel()
        early.cancel()
        for task in (early, late):
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.sleep(5)
        assert "0 followers" in repr(scene.reader)
        assert "0 readings" in repr(scene.reader)
        calls = len(scene.logs.asked)
        await asyncio.sleep(50)
        assert len(scene.logs.asked) == calls
        following = scene.follow(record)
        await asyncio.sleep(20)
        scene.stop(record)
        assert messages(await following) == [str(number) for number in range(100)]


@pytest.mark.parametrize("started", [True, False])
async def test_followers_end_with_the_reader(*, started: bool) -> None:
    """When the reader is stopped, in the middle of a call or not, nobody waits on for what cannot come."""
    scene = Scene()
    scene.logs.latency_seconds = 1.0
    async with scene.reading():
        following = scene.follow(scene.started() if started else scene.submit())
        await asyncio.sleep(0.5)
    with pytest.raises(LogsUnavailable, match="closed"):
        await following


async def test_a_defect_in_the_pass_itself_ends_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails in the tail, the eternal loop goes on and the next follower is served."""
    scene = Scene()
    async with scene.reading():
        record = scene.started()
        with monkeypatch.context() as broken:
            broken.setattr(tail, "batches", lambda *_, **__: 1 / 0)
            with pytest.raises(LogsUnavailable, match="ZeroDivisionError"):
                await scene.follow(record)
        scene.write(record, "hello")
        assert (await anext(scene.reader.follow(record))) is not None
