"""The rehearsal: a whole dispatcher on virtual time, as an application's own tests would use it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script
from awsecs_async.model.lifecycle import State
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.rehearsal import TARGET, rehearsal


async def test_a_task_plays_its_script_on_virtual_time() -> None:
    """The script's duration and exit code are the task's, and no real time passes."""
    async with rehearsal(script=Script(duration_seconds=60, exit_code=3)) as (dispatcher, cloud):
        task = await dispatcher.submit(command=["echo", "hello"])
        result = await task.result()
        assert (result.state, result.exit_code) == (State.FAILED, 3)
        assert cloud.calls["ecs:RunTask"] == 1
        assert 60 < asyncio.get_running_loop().time() < 80


async def test_a_task_may_bring_its_own_script() -> None:
    """AWSECS_SCRIPT in a task's environment goes before the rehearsal's script."""
    async with rehearsal(script=Script(exit_code=1)) as (dispatcher, _):
        task = await dispatcher.submit(command=["x"], environment={"AWSECS_SCRIPT": '{"exit": 7}'})
        assert (await task.result()).exit_code == 7


async def test_a_cloud_of_ones_own_outlives_the_dispatcher() -> None:
    """Two dispatchers, one after the other, reach the same cloud: the second finds the definition there."""
    async with Cloud() as cloud:
        for _ in range(2):
            async with rehearsal(cloud=cloud) as (dispatcher, same):
                assert same is cloud
                await (await dispatcher.submit(command=["x"], environment={"AWSECS_SCRIPT": "{}"})).result()
        assert cloud.calls["ecs:RegisterTaskDefinition"] == 1
        assert cloud.calls["ecs:RunTask"] == 2


async def test_the_neighbours_are_those_of_the_test() -> None:
    """What a target needs beside ECS, here the default VPC's subnets, is asked of the given neighbours."""
    neighbours = Neighbours()
    target = replace(TARGET, network_mode="awsvpc")
    async with rehearsal(neighbours=neighbours, targets=(target,)):
        assert ("ec2", "DescribeSubnets") in neighbours.asked
