"""clientToken: the same call twice launches once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
HOUR = 3600


async def launched(ask: Ask, **params: object) -> list[str]:
    """The ARNs that RunTask answers."""
    return [task["taskArn"] for task in (await ask("RunTask", **params))["tasks"]]


async def test_the_same_token_launches_once(ask: Ask, registered: str) -> None:
    """A retry after a lost answer gets the tasks that were made, and makes none."""
    first = await launched(ask, clientToken="t", count=2)
    assert await launched(ask, clientToken="t", count=2) == first
    assert len((await ask("ListTasks"))["taskArns"]) == 2


async def test_other_parameters_conflict_and_name_the_tasks(ask: Ask, registered: str) -> None:
    """ConflictException carries the ARNs, so that a dispatcher can adopt what it had forgotten."""
    first = await launched(ask, clientToken="t")
    with pytest.raises(WireError) as refusal:
        await ask("RunTask", clientToken="t", count=2)
    assert refusal.value.code == "ConflictException"
    assert refusal.value.extra == {"resourceIds": first}


async def test_a_token_belongs_to_its_cluster(ask: Ask, registered: str) -> None:
    """The same token on another cluster is another token."""
    first = await launched(ask, clientToken="t")
    assert await launched(ask, clientToken="t", cluster="default") != first


async def test_a_replay_tells_little_of_stopped_tasks(ask: Ask, registered: str) -> None:
    """Within the hour after its end a task of a replayed call is no more than named."""
    (arn,) = await launched(ask, clientToken="t")
    await asyncio.sleep(60)
    answer = await ask("RunTask", clientToken="t")
    assert answer["tasks"] == [{"taskArn": arn, "lastStatus": "STOPPED", "desiredStatus": "STOPPED"}]


async def test_a_token_dies_an_hour_after_its_last_task(ask: Ask, registered: str) -> None:
    """Beyond that hour a replay launches anew: the danger a dispatcher's journal must cover."""
    first = await launched(ask, clientToken="t")
    await asyncio.sleep(HOUR - 60)
    assert await launched(ask, clientToken="t") == first
    await asyncio.sleep(120)
    assert await launched(ask, clientToken="t") != first
