"""Machines taken away on demand: Spot storms and lost hosts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from tests.unit.local.estate import machine, provider, run, sized, tasks

Params = dict[str, Any]
LONG = every_container(Script(duration_seconds=1000, stop_seconds=5))
FARGATE: Params = {
    "family": "fargate",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "main", "image": "busybox"}],
}


async def test_a_spot_instance_takes_its_tasks_along(job: Params) -> None:
    """They stop with TerminationNotice, and nobody learns their exit codes; others go on."""
    async with Cloud(scripts=LONG) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        await provider(cloud, "cheap", {"allowedInstanceTypes": ["m5.large"]}, capacityOptionType="SPOT")
        spot = await run(cloud, "cheap", count=2, **sized("1024", "1024"))
        (other,) = await run(cloud, **sized())
        await asyncio.sleep(1)
        host = await machine(cloud, (await tasks(cloud, spot[0]))[0])
        assert set(cloud.interrupt_spot()) == set(spot)
        await asyncio.sleep(1)
        *gone, stays = await tasks(cloud, *spot, other)
        assert {task["stopCode"] for task in gone} == {"TerminationNotice"}
        assert gone[0]["stoppedReason"] == f"Host EC2 (instance {host['ec2InstanceId']}) terminated."
        assert "exitCode" not in gone[0]["containers"][0]
        assert {task["lastStatus"] for task in gone} == {"STOPPED"}
        assert stays["lastStatus"] == "RUNNING"


async def test_half_of_the_running_tasks_three_times(job: Params) -> None:
    """A storm takes half of those that are left, rounded up; the same seed takes the same ones."""
    async with Cloud(scripts=LONG) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        await provider(cloud, "cheap", {"allowedInstanceTypes": ["m5.large"]}, capacityOptionType="SPOT")
        await run(cloud, "cheap", count=10, **sized("2048", "1024"))
        await asyncio.sleep(1)
        sizes = []
        for _ in range(3):
            sizes.append(len(cloud.interrupt_spot(0.5, ["cheap"])))
            await asyncio.sleep(1)
        assert sizes == [5, 3, 1]


async def test_fargate_spot_is_interrupted_task_by_task() -> None:
    """With SIGTERM and SpotInterruption, each for itself; on-demand tasks go on."""
    async with Cloud(scripts=LONG) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", FARGATE)
        network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
        for name in ("FARGATE_SPOT", "FARGATE"):
            await run(cloud, name, taskDefinition="fargate", count=4, networkConfiguration=network)
        await asyncio.sleep(1)
        hit = cloud.interrupt_spot(0.5)
        await asyncio.sleep(20)
        shown = await tasks(cloud, *hit)
        assert len(shown) == 2
        assert {task["stopCode"] for task in shown} == {"SpotInterruption"}
        assert {task["containers"][0]["exitCode"] for task in shown} == {143}
        assert cloud.state()["tasks"]["RUNNING"] == 6


async def test_a_host_is_lost_by_any_of_its_names(job: Params) -> None:
    """The instance's ids, or a task on it; what is not there is a KeyError."""
    async with Cloud(scripts=LONG) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        (first,) = await run(cloud, **sized("2048", "2048"))
        (second,) = await run(cloud, **sized("2048", "2048"))
        await asyncio.sleep(1)
        host = await machine(cloud, (await tasks(cloud, first))[0])
        assert cloud.lose_host(host["ec2InstanceId"]) == [first]
        assert cloud.lose_host(second) == [second]
        with pytest.raises(KeyError):
            cloud.lose_host(host["ec2InstanceId"])
        await asyncio.sleep(1)
        assert {task["stopCode"] for task in await tasks(cloud, first, second)} == {"TerminationNotice"}


async def test_spot_instances_may_say_spot_interruption(job: Params) -> None:
    """Which of the two ECS says for Managed Instances is not documented, so both can be had."""
    async with Cloud(scripts=LONG) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        (arn,) = await run(cloud, **sized())
        await asyncio.sleep(1)
        cloud.interrupt_spot(1, ["local-*"], stop_code="SpotInterruption")
        await asyncio.sleep(1)
        (task,) = await tasks(cloud, arn)
        assert (task["stopCode"], task["stoppedReason"]) == (
            "SpotInterruption",
            "Your Spot Task was interrupted.",
        )
