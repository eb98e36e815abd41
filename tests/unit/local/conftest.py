"""A local cloud in process, on virtual time, whose containers are scripts of one second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import CloudSettings

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    """A cloud with AWS's quotas and repeatable ids."""
    async with Cloud(CloudSettings(seed=7), scripts=every_container(Script(duration_seconds=1))) as cloud:
        yield cloud


@pytest.fixture
def ask(cloud: Cloud) -> Ask:
    """Ask one operation of ECS, by name; on the cluster `local` where it takes one."""

    async def asked(operation: str, **params: object) -> dict[str, Any]:
        if operation in {"RunTask", "StopTask", "DescribeTasks", "ListTasks"}:
            params.setdefault("cluster", "local")
        if operation == "RunTask":
            params.setdefault("taskDefinition", "job")
        return await cloud.call("ecs", operation, params)

    return asked


@pytest.fixture
def job() -> dict[str, Any]:
    """The request that registers `job`, the plainest definition for Managed Instances."""
    return {
        "family": "job",
        "requiresCompatibilities": ["MANAGED_INSTANCES"],
        "networkMode": "host",
        "containerDefinitions": [{"name": "main", "image": "busybox", "command": ["true"]}],
    }


@pytest.fixture
async def registered(ask: Ask, job: dict[str, Any]) -> str:
    """`job`, registered; its ARN."""
    answer = await ask("RegisterTaskDefinition", **job)
    return str(answer["taskDefinition"]["taskDefinitionArn"])
