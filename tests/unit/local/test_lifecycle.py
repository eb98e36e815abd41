"""A scripted task's life, step by step, on exact time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import Capacity, CloudSettings, Delays

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]
ORDER = [
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
]


async def one(cloud: Cloud, arn: str) -> Params:
    """DescribeTasks of one task."""
    answer = await cloud.call("ecs", "DescribeTasks", {"cluster": "local", "tasks": [arn]})
    task: Params = answer["tasks"][0]
    return task


async def run(cloud: Cloud, **params: object) -> str:
    """RunTask of one `job`; its ARN."""
    answer = await cloud.call("ecs", "RunTask", {"cluster": "local", "taskDefinition": "job", **params})
    return str(answer["tasks"][0]["taskArn"])


async def test_a_task_passes_through_every_status_in_order(cloud: Cloud, registered: str) -> None:
    """Each change raises the version and tells an event; the order is the documentation's."""
    events: list[Params] = []
    cloud.listen(events.append)
    arn = await run(cloud)
    await asyncio.sleep(5)
    statuses = [event["detail"]["lastStatus"] for event in events]
    assert list(dict.fromkeys(statuses)) == ORDER
    versions = [event["detail"]["version"] for event in events]
    assert versions == sorted(set(versions))
    task = await one(cloud, arn)
    assert (task["stopCode"], task["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert task["containers"][0]["exitCode"] == 0


async def test_times_are_those_of_the_steps(job: Params) -> None:
    """What happened when does not depend on when somebody looked."""
    delays = Delays(
        buying=0, provisioning=1, pulling=2, activating=3, deactivating=4, stopping=5, deprovisioning=6
    )
    settings = CloudSettings(delays=delays)
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=10))) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        arn = await run(cloud)
        await asyncio.sleep(100)
        task = await one(cloud, arn)
    names = ("pullStartedAt", "pullStoppedAt", "startedAt", "executionStoppedAt", "stoppingAt", "stoppedAt")
    assert [round(task[name] - task["createdAt"], 3) for name in names] == [1, 3, 6, 16, 16, 31]


async def test_a_cloud_without_delays_is_done_at_once(job: Params) -> None:
    """Even so the answer to RunTask shows the beginning."""
    async with Cloud(CloudSettings(delays=Delays.none()), scripts=every_container(Script())) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        arn = await run(cloud)
        assert (await one(cloud, arn))["lastStatus"] == "STOPPED"


async def test_stopping_ends_a_running_task_by_sigterm(cloud: Cloud, ask: Ask, registered: str) -> None:
    """UserInitiated with the caller's reason, and 143 as a container that heeds SIGTERM exits."""
    arn = await run(cloud)
    await asyncio.sleep(0.5)
    answer = await ask("StopTask", task=arn, reason="enough")
    assert answer["task"]["desiredStatus"] == "STOPPED"
    await asyncio.sleep(1)
    task = await one(cloud, arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert task["containers"][0]["exitCode"] == 143


async def test_a_deaf_container_is_killed_after_its_stop_timeout(job: Params) -> None:
    """The task stays STOPPING for the whole stop timeout, and the exit code is SIGKILL's."""
    job["containerDefinitions"][0]["stopTimeout"] = 45
    script = Script(duration_seconds=1000, stop_seconds=900)
    async with Cloud(scripts=every_container(script)) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        arn = await run(cloud)
        await asyncio.sleep(1)
        await cloud.call("ecs", "StopTask", {"cluster": "local", "task": arn})
        await asyncio.sleep(44)
        assert (await one(cloud, arn))["lastStatus"] == "STOPPING"
        await asyncio.sleep(2)
        task = await one(cloud, arn)
    assert (task["lastStatus"], task["containers"][0]["exitCode"]) == ("STOPPED", 137)


async def test_a_task_stopped_before_it_ran_has_no_exit_code(cloud: Cloud, ask: Ask, registered: str) -> None:
    """What never started cannot have exited: the code is absent, not zero."""
    arn = await run(cloud)
    await ask("StopTask", task=arn)
    await asyncio.sleep(1)
    task = await one(cloud, arn)
    assert task["lastStatus"] == "STOPPED"
    assert "exitCode" not in task["containers"][0]
    assert "startedAt" not in task


async def test_stopping_twice_keeps_the_first_reason(cloud: Cloud, ask: Ask, registered: str) -> None:
    """The first wish decides; a second StopTask is accepted and changes nothing."""
    arn = await run(cloud)
    await ask("StopTask", task=arn, reason="first")
    await ask("StopTask", task=arn, reason="second")
    assert (await one(cloud, arn))["stoppedReason"] == "first"


async def test_stopped_tasks_are_forgotten_after_an_hour(cloud: Cloud, ask: Ask, registered: str) -> None:
    """From then on DescribeTasks says MISSING, as for a task that never was."""
    arn = await run(cloud)
    await asyncio.sleep(3600)
    assert (await one(cloud, arn))["lastStatus"] == "STOPPED"
    await asyncio.sleep(60)
    answer = await ask("DescribeTasks", tasks=[arn])
    assert answer == {"tasks": [], "failures": [{"arn": arn, "reason": "MISSING"}]}


def staged(job: Params) -> Params:
    """Stage-in, main, stage-out: the pattern in which stage-out's exit ends the task."""
    job["containerDefinitions"] = [
        {"name": "in", "image": "busybox", "essential": False},
        {
            "name": "main",
            "image": "busybox",
            "essential": False,
            "dependsOn": [{"containerName": "in", "condition": "SUCCESS"}],
        },
        {
            "name": "out",
            "image": "busybox",
            "dependsOn": [{"containerName": "main", "condition": "COMPLETE"}],
        },
    ]
    return job


def scripted(name: str, script: str) -> Params:
    """An override that gives a container its script."""
    return {"name": name, "environment": [{"name": "AWSECS_SCRIPT", "value": script}]}


async def test_dependencies_order_scripted_containers(cloud: Cloud, job: Params) -> None:
    """main waits for stage-in's success, stage-out for main's end; the codes are each container's own."""
    await cloud.call("ecs", "RegisterTaskDefinition", staged(job))
    arn = await run(cloud, overrides={"containerOverrides": [scripted("main", '{"duration": 2, "exit": 3}')]})
    await asyncio.sleep(2)
    status = {item["name"]: item["lastStatus"] for item in (await one(cloud, arn))["containers"]}
    assert status == {"in": "STOPPED", "main": "RUNNING", "out": "PENDING"}
    await asyncio.sleep(4)
    task = await one(cloud, arn)
    assert {item["name"]: item["exitCode"] for item in task["containers"]} == {"in": 0, "main": 3, "out": 0}
    assert round(task["executionStoppedAt"] - task["createdAt"], 1) == 4.1


async def test_an_unmet_success_stops_the_dependent_with_143(cloud: Cloud, job: Params) -> None:
    """A failed stage-in means main never starts: 143 and the reason tell it from a killed main."""
    await cloud.call("ecs", "RegisterTaskDefinition", staged(job))
    arn = await run(cloud, overrides={"containerOverrides": [scripted("in", '{"exit": 1}')]})
    await asyncio.sleep(5)
    task = await one(cloud, arn)
    main = next(item for item in task["containers"] if item["name"] == "main")
    assert main["exitCode"] == 143
    assert "dependency graph" in main["reason"]
    assert task["lastStatus"] == "STOPPED"


async def test_a_missing_log_group_keeps_a_task_from_starting(cloud: Cloud, job: Params) -> None:
    """The reason names the group's absence, and there is no exit code to mislead."""
    options = {"awslogs-group": "/none", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}
    job["containerDefinitions"][0]["logConfiguration"] = {"logDriver": "awslogs", "options": options}
    await cloud.call("ecs", "RegisterTaskDefinition", job)
    arn = await run(cloud)
    await asyncio.sleep(1)
    task = await one(cloud, arn)
    assert task["stopCode"] == "TaskFailedToStart"
    assert "The specified log group does not exist" in task["stoppedReason"]
    assert "exitCode" not in task["containers"][0]


async def test_without_room_tasks_wait_in_provisioning(job: Params) -> None:
    """The third task starts when the first ends, and one that is stopped leaves the line."""
    settings = CloudSettings(capacity=Capacity(cpu_units=1024, memory_mib=4096, wait=True))
    async with Cloud(settings, scripts=every_container(Script(duration_seconds=10))) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", {**job, "cpu": "1024", "memory": "512"})
        first, second, third = [await run(cloud) for _ in range(3)]
        await asyncio.sleep(5)
        assert [(await one(cloud, arn))["lastStatus"] for arn in (first, second)] == [
            "RUNNING",
            "PROVISIONING",
        ]
        await cloud.call("ecs", "StopTask", {"cluster": "local", "task": second})
        await asyncio.sleep(8)
        assert [(await one(cloud, arn))["lastStatus"] for arn in (first, third)] == ["STOPPED", "RUNNING"]


@pytest.mark.parametrize("code", [0, 1, 255])
async def test_a_script_in_the_environment_decides_the_exit(cloud: Cloud, registered: str, code: int) -> None:
    """AWSECS_SCRIPT needs no Python: an override's environment plays any end."""
    override = scripted("main", f'{{"exit": {code}}}')
    arn = await run(cloud, overrides={"containerOverrides": [override]})
    await asyncio.sleep(1)
    assert (await one(cloud, arn))["containers"][0]["exitCode"] == code
