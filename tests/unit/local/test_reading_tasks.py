"""DescribeTasks and ListTasks: limits, pages, and what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.faults import Faults
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings
from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


async def test_a_batch_holds_a_hundred_references(ask: Ask, registered: str) -> None:
    """101 are refused as a whole; ids serve as well as ARNs."""
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    task_id = arn.rpartition("/")[2]
    with pytest.raises(WireError, match="100 elements"):
        await ask("DescribeTasks", tasks=[task_id] * 101)
    assert (await ask("DescribeTasks", tasks=[task_id]))["tasks"][0]["taskArn"] == arn


async def test_unknown_tasks_are_missing_by_their_full_arn(ask: Ask) -> None:
    """failures[] names even an id by its ARN, so that a caller can match it."""
    answer = await ask("DescribeTasks", tasks=["0" * 32])
    arn = f"arn:aws:ecs:us-east-1:000000000000:task/local/{'0' * 32}"
    assert answer == {"tasks": [], "failures": [{"arn": arn, "reason": "MISSING"}]}


async def test_a_task_is_not_found_in_another_cluster(ask: Ask, registered: str) -> None:
    """A batch of one cluster says MISSING for a task of another."""
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    assert (await ask("DescribeTasks", cluster="default", tasks=[arn]))["failures"][0]["reason"] == "MISSING"


async def test_an_answer_is_the_same_object_until_the_task_changes(ask: Ask, registered: str) -> None:
    """This is what makes polling cheap; what was handed out is never changed afterwards."""
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    first = (await ask("DescribeTasks", tasks=[arn]))["tasks"][0]
    assert (await ask("DescribeTasks", tasks=[arn]))["tasks"][0] is first
    await asyncio.sleep(10)
    assert (await ask("DescribeTasks", tasks=[arn]))["tasks"][0] is not first
    assert first["lastStatus"] == "PROVISIONING"


async def test_a_late_task_is_missing_at_first(cloud: Cloud, ask: Ask, registered: str) -> None:
    """ECS is eventually consistent: MISSING right after RunTask does not mean that it is gone."""
    cloud.set_faults(Faults(visibility_delay_seconds=2))
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    assert (await ask("DescribeTasks", tasks=[arn]))["failures"]
    await asyncio.sleep(2)
    assert (await ask("DescribeTasks", tasks=[arn]))["tasks"]


async def list_all(cloud: Cloud, **params: object) -> list[str]:
    """Every page of ListTasks."""
    arns: list[str] = []
    token: str | None = None
    while True:
        page = {"cluster": "local", **params, **({"nextToken": token} if token else {})}
        answer = await cloud.call("ecs", "ListTasks", page)
        arns += answer["taskArns"]
        token = answer.get("nextToken")
        if token is None:
            return arns


async def test_pages_hold_every_task_once(job: Params) -> None:
    """Paging through running and stopped tasks finds each exactly once, in pages of at most a hundred."""
    async with Cloud(CloudSettings(quotas=NO_QUOTAS)) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        run = {"cluster": "local", "taskDefinition": "job", "count": 10}
        made = [
            task["taskArn"] for _ in range(25) for task in (await cloud.call("ecs", "RunTask", run))["tasks"]
        ]
        assert sorted(await list_all(cloud)) == sorted(made)
        for arn in made[::2]:
            await cloud.call("ecs", "StopTask", {"cluster": "local", "task": arn})
        assert sorted(await list_all(cloud, maxResults=7)) == sorted(made[1::2])
        assert sorted(await list_all(cloud, desiredStatus="STOPPED")) == sorted(made[::2])


async def test_filters(ask: Ask, registered: str) -> None:
    """startedBy, family and launchType choose; PENDING is never desired and matches nothing."""
    arn = (await ask("RunTask", startedBy="me"))["tasks"][0]["taskArn"]
    await ask("RunTask", startedBy="you")
    assert (await ask("ListTasks", startedBy="me"))["taskArns"] == [arn]
    assert (await ask("ListTasks", family="other"))["taskArns"] == []
    assert len((await ask("ListTasks", launchType="MANAGED_INSTANCES"))["taskArns"]) == 2
    assert (await ask("ListTasks", desiredStatus="PENDING"))["taskArns"] == []


@pytest.mark.parametrize("size", [0, 101])
async def test_a_page_has_one_to_a_hundred(ask: Ask, size: int) -> None:
    """Other sizes are refused, not rounded."""
    with pytest.raises(WireError, match="between 1 and 100"):
        await ask("ListTasks", maxResults=size)
