"""Timeouts: three kinds, by the wall clock, right after a restart too, and in bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from awsecs_async.engine.deadlines import SPARE, UNSEEN_SECONDS, Deadlines
from awsecs_async.engine.journal.port import Admitted, LiveTask
from awsecs_async.engine.record import Record
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Wish
from awsecs_async.model.settings import Settings, Target
from awsecs_async.model.sighting import Arn, Sighting
from awsecs_async.model.task import TaskId, TaskSpec
from tests.unit.engine.parts import PLACE, SPEC, Stage, stopped

HOUR = 3600.0


@asynccontextmanager
async def keeping(**settings: Any) -> AsyncIterator[tuple[Stage, Deadlines]]:  # noqa: ANN401
    """A ledger whose deadlines are kept."""
    stage = Stage()
    made = Settings(targets=(Target(cluster="local"),), **settings)
    deadlines = Deadlines(stage.ledger, made, lambda _: "its turn")
    at_work = asyncio.create_task(deadlines.run())
    await asyncio.sleep(0)
    yield stage, deadlines
    at_work.cancel()


def launched_before(stage: Stage, seconds: float, spec: TaskSpec = SPEC) -> Record:
    """A task that an earlier process launched so long ago."""
    admitted = Admitted(id=TaskId("t"), spec=spec, submitted_at=wall_time() - seconds)
    launch = Launch(
        id=LaunchId("l"), target="default", lane=PLACE.lane, members=(admitted.id,), attempts=(1,),
        request="{}", made_at=wall_time() - seconds,
    )  # fmt: skip
    stage.journal.write([admitted])
    return stage.ledger.restore(LiveTask(admitted=admitted, launch=launch, arn=Arn("arn:t")), (PLACE,))


async def test_what_has_run_for_hours_is_not_taken_for_late_after_a_restart() -> None:
    """Restored it may have started long ago: its start is not judged before ECS was asked."""
    async with keeping(start_timeout=600.0) as (stage, _):
        record = launched_before(stage, HOUR)
        await asyncio.sleep(60)
        assert record.wish is None
        stage.ledger.seen(Sighting(arn=Arn("arn:t"), version=5, last_status="RUNNING"))
        await asyncio.sleep(HOUR)
        assert record.wish is None


async def test_what_is_still_late_after_a_restart_is_stopped() -> None:
    """Seen and not RUNNING: the time before the restart counts."""
    async with keeping(start_timeout=600.0) as (stage, _):
        record = launched_before(stage, HOUR)
        stage.ledger.seen(Sighting(arn=Arn("arn:t"), version=5, last_status="PENDING"))
        await asyncio.sleep(UNSEEN_SECONDS)
        assert record.wish is Wish.START


async def test_a_queue_timeout_counts_from_the_admission_across_restarts() -> None:
    """Ten of fifteen minutes were over when the process came back: five are left."""
    async with keeping() as (stage, _):
        spec = TaskSpec(command=["a"], queue_timeout="15m")
        admitted = Admitted(id=TaskId("t"), spec=spec, submitted_at=wall_time() - 600)
        stage.journal.write([admitted])
        record = stage.ledger.restore(LiveTask(admitted=admitted), (PLACE,))
        await asyncio.sleep(299)
        assert record.state is State.QUEUED
        await asyncio.sleep(2)
        assert record.result is not None
        assert record.result.cause is Cause.QUEUE_TIMEOUT


async def test_what_is_being_launched_is_left_alone_and_judged_when_it_comes_back() -> None:
    """The moment passes in LAUNCHING; found without capacity afterwards, its time is over."""
    async with keeping(queue_timeout=60.0) as (stage, _):
        record = stage.admit()
        await asyncio.sleep(59)
        launch = stage.launch(record)
        await asyncio.sleep(30)
        assert record.result is None
        stage.ledger.returned(launch, "no room")
        await asyncio.sleep(0.1)
        assert record.state is State.TIMED_OUT


async def test_coming_back_for_want_of_capacity_does_not_start_it_anew() -> None:
    """A hundred tries in vain: one deadline, kept once."""
    async with keeping(queue_timeout=600.0) as (stage, deadlines):
        record = stage.admit()
        for _ in range(100):
            stage.ledger.returned(stage.launch(record), "no room")
            await asyncio.sleep(5)
        assert "1 to come" in repr(deadlines)
        await asyncio.sleep(101)
        assert record.state is State.TIMED_OUT


async def test_the_deadline_of_an_earlier_wait_ends_no_later_one() -> None:
    """Taken by spot within a minute of its admission, it has a whole queueTimeout for its second wait."""
    async with keeping(queue_timeout=60.0) as (stage, _):
        record = stage.admit()
        await asyncio.sleep(50)
        arn, now = stage.run(record), wall_time()
        stage.ledger.seen(
            Sighting(
                arn=arn, version=9, last_status="STOPPED", stop_code="SpotInterruption",
                started_at=now, stopped_at=now,
            )
        )  # fmt: skip
        await asyncio.sleep(59)
        waiting: State = record.state
        await asyncio.sleep(2)
        assert (waiting, record.state) == (State.QUEUED, State.TIMED_OUT)


async def test_deadlines_of_what_has_ended_are_cleared_away() -> None:
    """Many tasks with all three timeouts leave no heap behind."""
    spec = TaskSpec(command=["a"], timeout="30 days", start_timeout="30 days", queue_timeout="30 days")
    async with keeping() as (stage, deadlines):
        for _ in range(2 * SPARE):
            record = stage.admit(spec)
            arn = stage.run(record)
            stage.ledger.seen(Sighting(arn=arn, version=5, last_status="RUNNING"))
            stage.ledger.seen(stopped(arn))
        assert int(repr(deadlines).split()[1]) <= SPARE + 3
