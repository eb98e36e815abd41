"""Token buckets: AWS's sizes by default, and never more than they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings
from awsecs_async.local.throttle import TokenBucket
from awsecs_async.local.wire import WireError
from awsecs_async.model.quotas import BucketQuota

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


async def accepted(ask: Ask, operation: str, tries: int, **params: object) -> int:
    """How many of `tries` calls at once are not throttled."""
    passed = 0
    for _ in range(tries):
        try:
            await ask(operation, **params)
            passed += 1
        except WireError as refusal:
            if str(refusal) != "ThrottlingException: Rate exceeded":
                raise
    return passed


async def test_run_task_and_stop_task_share_a_bucket(ask: Ask, registered: str) -> None:
    """100 at once, then 40 a second, whichever of the two is called."""
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    assert await accepted(ask, "RunTask", 60) == 60
    assert await accepted(ask, "StopTask", 60, task=arn) == 39
    await asyncio.sleep(1)
    assert await accepted(ask, "RunTask", 60) == 40


async def test_categories_do_not_touch_each_other(ask: Ask, registered: str) -> None:
    """An empty bucket for reading tasks leaves launching alone, and definitions have their own 20."""
    assert await accepted(ask, "ListTasks", 120) == 100
    assert await accepted(ask, "RunTask", 10) == 10
    assert await accepted(ask, "DeregisterTaskDefinition", 30, taskDefinition="job:1") == 19


async def test_quotas_can_be_raised_and_lifted(job: Params) -> None:
    """By category, or all at once."""
    quotas = {"cluster-read": BucketQuota(1, 3)}
    async with Cloud(CloudSettings(quotas=quotas)) as cloud:
        for _ in range(3):
            await cloud.call("ecs", "ListClusters", {})
        with pytest.raises(WireError, match="Rate exceeded"):
            await cloud.call("ecs", "ListClusters", {})
    async with Cloud(CloudSettings(quotas=NO_QUOTAS)) as cloud:
        for _ in range(1000):
            await cloud.call("ecs", "ListClusters", {})


async def test_fargate_counts_launches_and_calls(ask: Ask) -> None:
    """100 launches at once on On-Demand and as many on Spot; 20 calls a second for both together."""
    await ask(
        "RegisterTaskDefinition",
        family="f",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "a", "image": "busybox"}],
    )
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    fargate: Params = {"taskDefinition": "f", "networkConfiguration": network, "count": 10}
    assert await accepted(ask, "RunTask", 12, **fargate, launchType="FARGATE") == 10
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert await accepted(ask, "RunTask", 12, **fargate, capacityProviderStrategy=spot) == 8
    await asyncio.sleep(1)
    assert await accepted(ask, "RunTask", 5, **fargate, launchType="FARGATE") == 2


async def test_throttles_are_counted(cloud: Cloud, ask: Ask) -> None:
    """What the cloud says of itself includes every throttled call."""
    await accepted(ask, "ListTasks", 130)
    assert cloud.state()["throttles"] == {"ecs:ListTasks": 30}
    assert cloud.state()["calls"]["ecs:ListTasks"] == 130


@given(
    rate=st.floats(0.1, 1000),
    burst=st.integers(1, 100),
    gaps=st.lists(st.floats(0, 5), max_size=60),
)
def test_a_bucket_never_gives_more_than_burst_and_rate(rate: float, burst: int, gaps: list[float]) -> None:
    """In any stretch of time it gives at most burst + rate x time, and at once exactly its burst."""
    bucket = TokenBucket(BucketQuota(rate, burst))
    now, given_at = 1.7e9, []
    for gap in gaps:
        now += gap
        if bucket.take(now):
            given_at.append(now)
    for first, start in enumerate(given_at):
        for last in range(first, len(given_at)):
            assert last - first + 1 <= burst + rate * (given_at[last] - start) + 1e-3
