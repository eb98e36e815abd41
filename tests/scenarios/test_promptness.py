"""In time: the first status within a minute of the submit, and the logs within half a minute of the end.

Both are success criteria of the specification, SC-002 and SC-006. The cloud here is as slow as AWS is on a
usual day: seconds in each status, and lines that are found only some seconds after they were written.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from awsecs_async.engine.logs import LogLine
from awsecs_async.engine.roll import Transition
from awsecs_async.kit.wall import wall_time
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import CloudSettings, Delays
from awsecs_async.model.lifecycle import State
from awsecs_async.testing.rehearsal import rehearsal

if TYPE_CHECKING:
    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.model.task import TaskId

USUAL = Delays(
    buying=40, provisioning=5, pulling=10, activating=2, deactivating=1, stopping=2, deprovisioning=5
)
FIRST_STATUS_SECONDS = 60.0
LOGS_SECONDS = 30.0


def cloud(script: Script, *, log_delay_seconds: float = 0.0) -> Cloud:
    """A cloud as slow as AWS."""
    settings = CloudSettings(delays=USUAL, log_delay_seconds=log_delay_seconds)
    return Cloud(settings, scripts=every_container(script))


async def first_statuses(dispatcher: Dispatcher, count: int) -> dict[TaskId, float]:
    """Submit so many; for each, the seconds until the first status that ECS told of it."""
    now = asyncio.get_running_loop().time
    submitted: dict[TaskId, float] = {}
    told: dict[TaskId, float] = {}
    with dispatcher.changes() as changes:
        for number in range(count):
            submitted[(await dispatcher.submit(command=[str(number)])).id] = now()
        async for change in changes:
            if isinstance(change, Transition) and change.new.is_on_ecs:
                told.setdefault(change.id, now() - submitted[change.id])
                if len(told) == count:
                    return told
    raise AssertionError(told)


async def test_the_first_status_comes_within_a_minute() -> None:
    """One task, and a thousand at once, as far as RunTask's rate of 40 a second lets them."""
    for count in (1, 1_000):
        async with cloud(Script(duration_seconds=600)) as slow, rehearsal(cloud=slow) as (dispatcher, _):
            told = await first_statuses(dispatcher, count)
            assert max(told.values()) < FIRST_STATUS_SECONDS


async def test_a_change_on_ecs_is_told_within_ten_seconds() -> None:
    """However old a task is: ten seconds are the longest between two looks."""
    async with cloud(Script(duration_seconds=7_200)) as slow, rehearsal(cloud=slow) as (dispatcher, _):
        result = await (await dispatcher.submit(command=["work"])).result()
        (attempt,) = result.attempts
        assert attempt.stopped_at is not None
        assert result.ended_at - attempt.stopped_at < 11


@pytest.mark.parametrize("log_delay_seconds", [0.0, 5.0, 10.0])
async def test_all_lines_are_had_within_half_a_minute_of_the_end(log_delay_seconds: float) -> None:
    """Also the last ones, which CloudWatch brings so long after they were written."""
    said = tuple(f"line {number}" for number in range(50))
    script = Script(duration_seconds=60, output=said, line_interval_seconds=1.2)
    async with (
        cloud(script, log_delay_seconds=log_delay_seconds) as slow,
        rehearsal(cloud=slow) as (dispatcher, _),
    ):
        task = await dispatcher.submit(command=["work"])
        lines = [line.message async for line in task.logs() if isinstance(line, LogLine)]
        had_at = wall_time()
        result = await task.result()
    assert tuple(lines) == said
    assert result.state is State.SUCCEEDED
    (attempt,) = result.attempts
    assert attempt.stopped_at is not None
    assert had_at - attempt.stopped_at < LOGS_SECONDS
