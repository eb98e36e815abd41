"""Instances: bought for tasks that need them, described, packed, aged and gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import Faults
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings, Delays
from awsecs_async.local.wire import WireError
from tests.unit.local.estate import attribute, launched, machine, provider, remaining, run, sized, tasks

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]
DAY = 24 * 3600.0


async def test_a_task_waits_for_its_machine_and_then_says_where_it_is(job: Params) -> None:
    """PROVISIONING lasts until the instance has registered; only then do task and lists show it."""
    async with Cloud(
        CloudSettings(delays=Delays(buying=40)), scripts=every_container(Script(duration_seconds=60))
    ) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        (arn,) = await run(cloud, **sized())
        await asyncio.sleep(39)
        (task,) = await tasks(cloud, arn)
        assert task["lastStatus"] == "PROVISIONING"
        assert "containerInstanceArn" not in task
        assert "availabilityZone" not in task
        await asyncio.sleep(2)
        (task,) = await tasks(cloud, arn)
        instance = await machine(cloud, task)
        assert task["lastStatus"] == "RUNNING"
        assert task["availabilityZone"] == attribute(instance, "ecs.availability-zone")
        assert instance["ec2InstanceId"].startswith("i-")
        assert instance["status"] == "ACTIVE"
        assert instance["capacityProviderName"] == "local-managed-instances"
        assert instance["runningTasksCount"] == 1
        assert instance["registeredAt"] > task["createdAt"]


async def test_the_smallest_type_that_holds_the_task_is_bought(cloud: Cloud, registered: str) -> None:
    """Within what the provider allows; processors and memory both count."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.*"]})
    arns = [
        *await run(cloud, "mi", **sized("1024", "2048")),
        *await run(cloud, "mi", **sized("8192", "2048")),
        *await run(cloud, "mi", **sized("1024", "65536")),
    ]
    await asyncio.sleep(0.5)
    found = [attribute(await machine(cloud, task), "ecs.instance-type") for task in await tasks(cloud, *arns)]
    assert found == ["m5.large", "m5.2xlarge", "m5.4xlarge"]


async def test_tasks_share_an_instance_that_has_room(cloud: Cloud, registered: str) -> None:
    """The second task takes what the first left; the third needs another instance."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.large"]})
    arns = await run(cloud, "mi", count=3, **sized("1024", "1024"))
    await asyncio.sleep(0.5)
    first, second, third = await tasks(cloud, *arns)
    assert first["containerInstanceArn"] == second["containerInstanceArn"] != third["containerInstanceArn"]
    instance = await machine(cloud, first)
    assert (remaining(instance, "CPU"), remaining(instance, "MEMORY")) == (0, 8192 - 2048)


async def test_instances_are_listed_by_pages_and_filters(ask: Ask, cloud: Cloud, registered: str) -> None:
    """A dispatcher finds instances by attribute, and learns of ids that are not there."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["c5.large"]})
    await run(cloud, "mi", count=4, **sized("2048", "1024"))
    await asyncio.sleep(0.5)
    wanted = "attribute:ecs.instance-type == c5.large"
    page = await ask("ListContainerInstances", cluster="local", filter=wanted, maxResults=3)
    rest = await ask("ListContainerInstances", cluster="local", filter=wanted, nextToken=page["nextToken"])
    arns = page["containerInstanceArns"] + rest["containerInstanceArns"]
    assert len(set(arns)) == 4
    answer = await ask("DescribeContainerInstances", cluster="local", containerInstances=[*arns, "f" * 32])
    assert len(answer["containerInstances"]) == 4
    assert answer["failures"][0]["reason"] == "MISSING"
    with pytest.raises(WireError, match="1 to 100"):
        await ask("DescribeContainerInstances", cluster="local", containerInstances=["x"] * 101)
    on_first = await ask("ListTasks", containerInstance=arns[0])
    assert len(on_first["taskArns"]) == 1


async def test_an_idle_instance_goes(cloud: Cloud, ask: Ask, registered: str) -> None:
    """After scaleInAfter without a task, and not before; until then it serves the next one."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.large"]})
    (first,) = await run(cloud, "mi", **sized())
    await asyncio.sleep(200)
    (second,) = await run(cloud, "mi", **sized())
    await asyncio.sleep(200)
    one, two = await tasks(cloud, first, second)
    assert one["containerInstanceArn"] == two["containerInstanceArn"]
    await asyncio.sleep(200)
    answer = await ask(
        "DescribeContainerInstances", cluster="local", containerInstances=[one["containerInstanceArn"]]
    )
    assert answer["failures"][0]["reason"] == "MISSING"


async def test_an_old_instance_drains_and_is_deregistered_by_force(job: Params) -> None:
    """At 14 days it takes no more tasks; at 21 its tasks stop, without exit codes."""
    scripts = every_container(Script(duration_seconds=100 * DAY))
    async with Cloud(CloudSettings(idle_instance_seconds=100 * DAY), scripts=scripts) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.large"]})
        (old,) = await run(cloud, "mi", **sized("512", "512"))
        await asyncio.sleep(13 * DAY)
        (late,) = await run(cloud, "mi", **sized("512", "512"))
        await asyncio.sleep(2 * DAY)
        (new,) = await run(cloud, "mi", **sized("512", "512"))
        await asyncio.sleep(1)
        one, two, three = await tasks(cloud, old, late, new)
        assert one["containerInstanceArn"] == two["containerInstanceArn"] != three["containerInstanceArn"]
        assert (await machine(cloud, one))["status"] == "DRAINING"
        assert {task["lastStatus"] for task in (one, two, three)} == {"RUNNING"}
        await asyncio.sleep(6 * DAY)
        assert cloud.state()["tasks"]["RUNNING"] == 1


async def test_the_last_words_of_a_deregistered_task(job: Params) -> None:
    """What a dispatcher reads of a task whose instance came to the end of its life."""
    settings = CloudSettings(instance_drain_seconds=100, instance_life_seconds=200)
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=1000))) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        (arn,) = await run(cloud)
        await asyncio.sleep(250)
        (task,) = await tasks(cloud, arn)
        assert task["lastStatus"] == "STOPPED"
        assert "deregistration forced by user" in task["stoppedReason"]
        assert "exitCode" not in task["containers"][0]


async def test_what_ec2_refuses_fails_the_task(cloud: Cloud, registered: str) -> None:
    """As often as it was asked for, with EC2's code, and no container ever starts."""
    cloud.deny_purchases("local-*", "VcpuLimitExceeded", 2)
    arns = [(await run(cloud, **sized()))[0] for _ in range(3)]
    await asyncio.sleep(0.7)
    *refused, bought = await tasks(cloud, *arns)
    assert [task["stopCode"] for task in refused] == ["TaskFailedToStart"] * 2
    assert refused[0]["stoppedReason"].startswith(
        "ResourceInitializationError: Unable to launch instance(s) for capacity provider "
        "local-managed-instances. VcpuLimitExceeded: "
    )
    assert "startedAt" not in refused[0]
    assert bought["lastStatus"] == "RUNNING"


async def test_a_need_that_no_type_meets_is_unfulfillable(cloud: Cloud, registered: str) -> None:
    """RunTask takes the task; that nothing can hold it shows later."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.large"]})
    (arn,) = await run(cloud, "mi", **sized("4096", "2048"))
    await asyncio.sleep(1)
    (task,) = await tasks(cloud, arn)
    assert "UnfulfillableCapacity" in task["stoppedReason"]


async def test_a_provider_may_buy_nothing_for_ever(cloud: Cloud, registered: str) -> None:
    """The task stays in PROVISIONING until somebody stops it, or the fault is over."""
    cloud.never_buys("local-*")
    arns = [(await run(cloud, **sized()))[0] for _ in range(2)]
    await asyncio.sleep(3600)
    assert {task["lastStatus"] for task in await tasks(cloud, *arns)} == {"PROVISIONING"}
    await cloud.call("ecs", "StopTask", {"cluster": "local", "task": arns[0]})
    cloud.set_faults(Faults())
    await asyncio.sleep(0.5)
    stopped, running = await tasks(cloud, *arns)
    assert (stopped["stopCode"], running["lastStatus"]) == ("UserInitiated", "RUNNING")


async def test_instances_that_stand_there_take_launch_type_ec2(job: Params) -> None:
    """Without a provider there is what there is: tasks beyond it are failures, each with its reason."""
    settings = CloudSettings(ec2_instances=("m5.large", "g4dn.xlarge"))
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=60))) as cloud:
        await cloud.call(
            "ecs", "RegisterTaskDefinition", {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
        )
        answer = await launched(cloud, launchType="EC2", count=5, **sized("2048", "4096"))
        assert len(answer["tasks"]) == 3
        assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:CPU"] * 2


async def test_every_instance_that_stands_there_is_tried(job: Params) -> None:
    """Many small ones are filled to the last, and one without processors left still has memory."""
    settings = CloudSettings(ec2_instances=("c5.large",) * 40)
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=60))) as cloud:
        definition = {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
        await cloud.call("ecs", "RegisterTaskDefinition", definition)
        for _ in range(4):
            await run(cloud, launchType="EC2", count=10, **sized("2048", "512"))
        answer = await launched(cloud, launchType="EC2", **sized("128", "512"))
        assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:CPU"]
        assert len(await run(cloud, launchType="EC2", overrides={"memory": "512"})) == 1


async def test_an_auto_scaling_group_grows_by_its_own_type(job: Params) -> None:
    """Its tasks wait for what the group launches; without managed scaling there is nothing to wait for."""
    settings = CloudSettings(auto_scaling_types={"asg": ("m5.xlarge",)})
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=60))) as cloud:
        await cloud.call(
            "ecs", "RegisterTaskDefinition", {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
        )
        for name, status in (("asg", "ENABLED"), ("still", "DISABLED")):
            group = {"autoScalingGroupArn": "arn:group", "managedScaling": {"status": status}}
            await cloud.call(
                "ecs", "CreateCapacityProvider", {"name": name, "autoScalingGroupProvider": group}
            )
        association = {"cluster": "local", "capacityProviders": ["asg", "still"]}
        await cloud.call(
            "ecs", "PutClusterCapacityProviders", {**association, "defaultCapacityProviderStrategy": []}
        )
        (arn,) = await run(cloud, "asg", **sized())
        await asyncio.sleep(1)
        (task,) = await tasks(cloud, arn)
        assert task["launchType"] == "EC2"
        assert attribute(await machine(cloud, task), "ecs.instance-type") == "m5.xlarge"
        answer = await launched(cloud, "still", **sized())
        assert [failure["reason"] for failure in answer["failures"]] == ["NO ACTIVE INSTANCES"]
        answer = await launched(cloud, "asg", **sized("65536", "2048"))
        assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:CPU"]


async def test_at_most_500_tasks_wait_for_auto_scaling_groups(job: Params) -> None:
    """The whole call is refused then, until some have their instances."""
    settings = CloudSettings(quotas=NO_QUOTAS, delays=Delays(buying=60))
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=600))) as cloud:
        definition = {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
        await cloud.call("ecs", "RegisterTaskDefinition", definition)
        group = {"name": "asg", "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:group"}}
        await cloud.call("ecs", "CreateCapacityProvider", group)
        association = {
            "cluster": "local",
            "capacityProviders": ["asg"],
            "defaultCapacityProviderStrategy": [],
        }
        await cloud.call("ecs", "PutClusterCapacityProviders", association)
        for _ in range(50):
            await run(cloud, "asg", count=10, **sized())
        with pytest.raises(WireError, match="Tasks provisioning capacity limit exceeded") as refusal:
            await run(cloud, "asg", **sized())
        assert refusal.value.code == "ClientException"
        await asyncio.sleep(61)
        assert len(await run(cloud, "asg", **sized())) == 1
