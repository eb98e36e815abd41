"""A cluster as the specification's users have one: Managed Instances for usual work and for GPUs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.cloud import Cloud
from awsecs_async.model.settings import Target
from awsecs_async.task import Task
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

USUAL: Final = "mi-usual"
GPUS: Final = "mi-gpus"
IMAGE: Final = "registry.example/work:1"
ROLE: Final = "arn:aws:iam::123456789012:role/ecs"
TARGET: Final = Target(cluster="local", execution_role=ROLE, infrastructure_role=ROLE)
_ALLOWED: Final[dict[str, dict[str, Any]]] = {
    USUAL: {"allowedInstanceTypes": ["c6i.*", "m6i.*", "r6i.*"]},
    GPUS: {
        "allowedInstanceTypes": ["g4dn.*", "g5.*", "p3.*"],
        "acceleratorManufacturers": ["nvidia"],
        "acceleratorCount": {"min": 1},
    },
}


async def furnish(cloud: Cloud) -> None:
    """Make the two providers of Managed Instances."""
    for name, allowed in _ALLOWED.items():
        template = {
            "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
            "networkConfiguration": {"subnets": ["subnet-1"]},
            "instanceRequirements": {"vCpuCount": {"min": 1}, "memoryMiB": {"min": 1}, **allowed},
        }
        provider = {"infrastructureRoleArn": ROLE, "instanceLaunchTemplate": template}
        request = {"name": name, "cluster": "local", "managedInstancesProvider": provider}
        await cloud.call("ecs", "CreateCapacityProvider", request)


@asynccontextmanager
async def at_work(
    *providers: str,
    duration_seconds: float = 60.0,
    **settings: Any,  # noqa: ANN401
) -> AsyncIterator[tuple[Dispatcher, TappedCloud]]:
    """A dispatcher on that cluster, whose tasks may run on these providers, by default on the two."""
    async with TappedCloud(duration_seconds=duration_seconds) as cloud:
        await furnish(cloud)
        cloud.asked.clear()
        target = replace(TARGET, capacity_providers=providers or (USUAL, GPUS))
        async with rehearsal(cloud=cloud, targets=(target,), **settings) as (dispatcher, _):
            yield dispatcher, cloud


async def seen_by_ecs(cloud: Cloud, task: Task) -> dict[str, Any]:
    """The task as DescribeTasks shows it."""
    assert task.arn is not None
    request = {"cluster": "local", "tasks": [task.arn]}
    answer = await cloud.call("ecs", "DescribeTasks", request)
    found: dict[str, Any] = answer["tasks"][0]
    return found
