"""The local cloud in a child process, behind its HTTP door, and aiobotocore's clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from awsecs_async.local.child import LocalCloud


@pytest.fixture
async def cloud() -> AsyncIterator[LocalCloud]:
    """A cloud whose containers are plain processes."""
    async with LocalCloud(runtime="process") as cloud:
        yield cloud


@pytest.fixture
async def clients(cloud: LocalCloud) -> AsyncIterator[dict[str, Any]]:
    """aiobotocore's clients of ECS and Logs."""
    async with AsyncExitStack() as stack:
        yield {
            service: await stack.enter_async_context(client(cloud, service)) for service in ("ecs", "logs")
        }


@pytest.fixture
async def neighbours(cloud: LocalCloud) -> AsyncIterator[dict[str, Any]]:
    """aiobotocore's clients of services that are moto's."""
    async with AsyncExitStack() as stack:
        services = ("s3", "sqs", "events")
        yield {service: await stack.enter_async_context(client(cloud, service)) for service in services}


def client(cloud: LocalCloud, service: str) -> Any:  # noqa: ANN401
    """One client, to be entered."""
    return get_session().create_client(
        service,
        endpoint_url=cloud.endpoint_url,
        region_name=cloud.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=AioConfig(
            retries={"mode": "standard", "total_max_attempts": 1}
        ),  # a fault is met, not retried away
    )
