"""The specification's tasks through HTTP and with real processes: what a command sees of its resources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from awsecs_async import Dispatcher, LocalCloud, LogLine, State, Task
from tests.integration.local.conftest import client
from tests.integration.submitting import Submit

ROLE: Final = "arn:aws:iam::000000000000:role/ecs"
GPUS: Final = "mi-gpus"
DEVICES: Final = ["sh", "-c", "echo $NVIDIA_VISIBLE_DEVICES"]


@pytest.fixture
async def cloud() -> AsyncIterator[LocalCloud]:
    """A local cloud whose cluster has a provider of GPU instances."""
    template = {
        "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
        "networkConfiguration": {"subnets": ["subnet-1"]},
        "instanceRequirements": {
            "vCpuCount": {"min": 1},
            "memoryMiB": {"min": 1},
            "allowedInstanceTypes": ["g4dn.*", "g5.*"],
            "acceleratorManufacturers": ["nvidia"],
            "acceleratorCount": {"min": 1},
        },
    }
    async with LocalCloud(runtime="process") as cloud:
        async with client(cloud, "ecs") as ecs:
            await ecs.create_capacity_provider(
                name=GPUS,
                cluster="local",
                managedInstancesProvider={"infrastructureRoleArn": ROLE, "instanceLaunchTemplate": template},
            )
        yield cloud


@asynccontextmanager
async def dispatching(cloud: LocalCloud, **target: Any) -> AsyncIterator[Dispatcher]:  # noqa: ANN401
    """A dispatcher on it."""
    settings = cloud.settings()
    targets = (replace(settings.targets[0], infrastructure_role=ROLE, **target),)
    async with Dispatcher(replace(settings, targets=targets), leaving="cancel") as dispatcher:
        yield dispatcher


async def described(cloud: LocalCloud, task: Task) -> dict[str, Any]:
    """The task as DescribeTasks shows it."""
    async with client(cloud, "ecs") as ecs:
        answer = await ecs.describe_tasks(cluster="local", tasks=[task.arn])
    found: dict[str, Any] = answer["tasks"][0]
    return found


async def output(task: Task) -> list[str]:
    """All that it wrote."""
    return [line.message async for line in task.logs() if isinstance(line, LogLine)]


@pytest.mark.parametrize("count", [1, 4])
async def test_a_command_sees_the_gpus_that_it_asked_for(cloud: LocalCloud, count: int) -> None:
    """SC-004: NVIDIA_VISIBLE_DEVICES names so many, and they are those that ECS reserved."""
    async with asyncio.timeout(30), dispatching(cloud, capacity_providers=(GPUS,)) as dispatcher:
        task = await dispatcher.submit(
            command=DEVICES, accelerator={"count": count, "type": "nvidia-tesla-t4"}
        )
        (seen,) = await output(task)
        assert await task.result()
        reserved = (await described(cloud, task))["containers"][0]["gpuIds"]
    assert seen.split(",") == reserved
    assert len(set(reserved)) == count


async def test_a_command_without_gpus_sees_none(cloud: LocalCloud) -> None:
    """What was not asked for is not given away."""
    async with asyncio.timeout(30), dispatching(cloud) as dispatcher:
        assert await output(await dispatcher.submit(command=DEVICES)) == [""]


async def test_a_disk_is_attached_and_its_directory_can_be_written(cloud: LocalCloud) -> None:
    """SC-005: ECS attaches 16 TiB; the command writes where it said that the disk should be."""
    async with asyncio.timeout(30), dispatching(cloud) as dispatcher:
        task = await dispatcher.submit(
            command=["sh", "-c", 'echo data > "$AWSECS_VOLUME_DISK/x" && cat "$AWSECS_VOLUME_DISK/x"'],
            disk={"size": "16 TiB", "type": "gp3", "mount_path": "/scratch"},
        )
        assert await output(task) == ["data"]
        (volume,) = (await described(cloud, task))["attachments"]
    details = {item["name"]: item["value"] for item in volume["details"]}
    assert (details["sizeInGiB"], details["volumeType"]) == ("16384", "gp3")


async def test_many_tasks_of_all_kinds_end_as_they_should(cloud: LocalCloud) -> None:
    """Stories 1, 2, 3 and 5 side by side: exit codes and output are each task's own."""
    kinds: list[dict[str, Any]] = [
        {"cpus": 2, "memory": "4 GB", "capacity_providers": ["local-managed-instances"]},
        {"accelerator": 1, "capacity_providers": [GPUS]},
        {"disk": "500 GB"},
    ]
    async with asyncio.timeout(60), dispatching(cloud) as dispatcher:
        tasks = [
            await dispatcher.submit(command=["sh", "-c", f"echo task {n}; exit {n % 5}"], **kinds[n % 3])
            for n in range(30)
        ]
        results = [await task.result() for task in tasks]
        outputs = [await output(task) for task in tasks]
    assert [result.exit_code for result in results] == [n % 5 for n in range(30)]
    assert [result.state is State.SUCCEEDED for result in results] == [n % 5 == 0 for n in range(30)]
    assert outputs == [[f"task {n}"] for n in range(30)]


async def test_the_command_line_asks_for_the_same(
    cloud: LocalCloud, environment: dict[str, str], tmp_path: Path
) -> None:
    """``submit --accelerator`` with a cluster's own settings: two devices are seen, 7 is handed on."""
    settings = {
        "AWSECS_CLUSTER": "local",
        "AWSECS_EXECUTION_ROLE": ROLE,
        "AWSECS_LOGS_GROUP": "/awsecs/local",
    }
    submit = Submit(environment | cloud.environment() | settings, tmp_path)
    words = ("--container", "busybox", "--provider", GPUS, "--accelerator", "2 nvidia-tesla-t4", "--")
    status, out, said = await asyncio.to_thread(
        submit, *words, "sh", "-c", "echo $NVIDIA_VISIBLE_DEVICES; exit 7", more=()
    )
    submit.close()
    assert (status, out.count(",")) == (7, 1), said
