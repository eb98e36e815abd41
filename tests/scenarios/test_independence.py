"""On its own: nothing of AWS Batch is asked or allowed, and two dispatchers share no state (SC-007)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from awsecs_async.model.policy import least_policy
from awsecs_async.model.settings import Settings
from awsecs_async.testing.rehearsal import rehearsal
from tests.scenarios.workshop import IMAGE, TARGET, at_work, furnish
from tests.unit.dispatcher.tapped import TappedCloud

FULL = replace(TARGET, work_bucket="s3://bucket/work", subnets=("subnet-1",), task_role=TARGET.execution_role)


def test_no_right_on_batch_is_asked_for() -> None:
    """The least policy of full settings, the doctor's rights included, has no action of AWS Batch."""
    text = json.dumps(least_policy(Settings(targets=(FULL,)), doctor=True))
    assert "ecs:RunTask" in text
    assert "batch:" not in text.lower()


async def test_only_ecs_and_logs_are_asked() -> None:
    """From submit to the last line of the log, of the services behind the door."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(command=["work"], container=IMAGE)
        assert [line async for line in task.logs()] == []
        assert await task.result()
        assert {call.partition(":")[0] for call in cloud.calls} == {"ecs", "logs"}


async def test_two_dispatchers_side_by_side_have_only_their_own_tasks() -> None:
    """One cluster, one process, two dispatchers: each launches, follows and ends what it was given."""
    async with TappedCloud(duration_seconds=60) as cloud:
        await furnish(cloud)
        async with (
            rehearsal(cloud=cloud, dispatcher_id="one") as (one, _),
            rehearsal(cloud=cloud, dispatcher_id="two", leaving="drain") as (two, _),
        ):
            ours = [await one.submit(command=[f"one-{n}"]) for n in range(50)]
            theirs = [await two.submit(command=[f"two-{n}"]) for n in range(50)]
            assert {task.id for task in one.tasks()} == {task.id for task in ours}
            await asyncio.sleep(30)
            for task in ours:
                await task.cancel()
            assert not any([await task.result() for task in ours])
            assert all([await task.result() for task in theirs])
        by_starter = {asked.params["startedBy"] for asked in cloud.of("RunTask")}
        assert by_starter == {"one", "two"}
        assert cloud.ecs.launcher.made == 100
