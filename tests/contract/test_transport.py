"""What every transport promises: answers as the service's JSON, and five kinds of faults."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from awsecs_async.errors import AwsFault, RequestRefused, TargetBlocked, Throttled, TokenConflict, Unanswered
from awsecs_async.local.faults import (
    CLUSTER_DELETED,
    DENIED,
    DROP_AFTER,
    DROP_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    EXPIRED,
    REFUSE,
    SLOW,
    THROTTLE,
    Faults,
    Rule,
)

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Transport
    from awsecs_async.local.cloud import Cloud

DEFINITION = {
    "family": "f",
    "networkMode": "host",
    "requiresCompatibilities": ["MANAGED_INSTANCES"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "main", "image": "busybox"}],
}
RUN = {"cluster": "local", "taskDefinition": "f", "count": 2, "clientToken": "t1", "startedBy": "me"}


def broken(cloud: Cloud, kind: str, **rule: object) -> None:
    """Break the next call."""
    cloud.set_faults(Faults(rules=(Rule(kind=kind, times=1, **rule),)))  # type: ignore[arg-type]


async def test_answer_is_the_services_json(transport: Transport, cloud: Cloud) -> None:
    """Both ways give the same plain JSON, with timestamps in epoch seconds."""
    await transport.call("ecs", "RegisterTaskDefinition", DEFINITION)
    answer = await transport.call("ecs", "RunTask", RUN)
    task = answer["tasks"][0]
    assert abs(task["createdAt"] - cloud.clock()) < 60
    assert transport.region == "us-east-1"


async def test_replay_gives_the_same_tasks(transport: Transport, cloud: Cloud) -> None:
    """A recorded request sent twice launches once."""
    await transport.call("ecs", "RegisterTaskDefinition", DEFINITION)
    text = json.dumps(RUN)
    first = await transport.send("ecs", "RunTask", text)
    second = await transport.send("ecs", "RunTask", text)
    assert [t["taskArn"] for t in first["tasks"]] == [t["taskArn"] for t in second["tasks"]]
    assert cloud.state()["tasksMade"] == 2


async def test_conflict_names_the_tasks(transport: Transport) -> None:
    """A token that was used with other parameters leads to the tasks that it made."""
    await transport.call("ecs", "RegisterTaskDefinition", DEFINITION)
    first = await transport.call("ecs", "RunTask", RUN)
    with pytest.raises(TokenConflict) as caught:
        await transport.call("ecs", "RunTask", {**RUN, "count": 1})
    assert sorted(caught.value.arns) == sorted(t["taskArn"] for t in first["tasks"])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (THROTTLE, Throttled),
        (ERROR_BEFORE, Unanswered),
        (ERROR_AFTER, Unanswered),
        (DROP_BEFORE, Unanswered),
        (DROP_AFTER, Unanswered),
        (EXPIRED, TargetBlocked),
        (DENIED, TargetBlocked),
        (CLUSTER_DELETED, TargetBlocked),
        (REFUSE, RequestRefused),
    ],
)
async def test_faults(transport: Transport, cloud: Cloud, fault: str, kind: type[AwsFault]) -> None:
    """Every fault has its kind, reaches the caller at once and once, and leaves the transport usable."""
    await transport.call("ecs", "ListTasks", {"cluster": "local"})
    broken(cloud, fault)
    before = cloud.calls.total()
    with pytest.raises(AwsFault) as caught:
        await transport.call("ecs", "ListTasks", {"cluster": "local"})
    assert type(caught.value) is kind
    assert caught.value.operation == "ListTasks"
    assert cloud.calls.total() == before + 1  # nobody below the engine tried again
    assert (await transport.call("ecs", "ListTasks", {"cluster": "local"}))["taskArns"] == []


async def test_dropped_launch_is_found_by_its_token(transport: Transport, cloud: Cloud) -> None:
    """When the answer is lost after the effect, the same request finds what it launched."""
    await transport.call("ecs", "RegisterTaskDefinition", DEFINITION)
    broken(cloud, DROP_AFTER)
    with pytest.raises(Unanswered):
        await transport.call("ecs", "RunTask", RUN)
    assert len((await transport.call("ecs", "RunTask", RUN))["tasks"]) == 2
    assert cloud.state()["tasksMade"] == 2


async def test_cancelled_call_leaves_the_transport_usable(transport: Transport, cloud: Cloud) -> None:
    """A caller that goes away in mid call takes its answer with it: the next caller gets its own."""
    broken(cloud, SLOW, operation="ListClusters", latency_seconds=5)
    gone = asyncio.create_task(transport.call("ecs", "ListClusters", {}))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await gone
    assert gone.cancelled()
    answers = await asyncio.gather(
        *(transport.call("ecs", "ListTasks", {"cluster": "local"}) for _ in range(5)),
        *(transport.call("logs", "DescribeLogGroups", {}) for _ in range(5)),
    )
    assert all("taskArns" in answer for answer in answers[:5])
    assert all("logGroups" in answer for answer in answers[5:])


async def test_each_caller_gets_its_own_answer(transport: Transport) -> None:
    """Concurrent calls do not mix up their bodies or their answers."""
    names = [f"family{i}" for i in range(15)]
    answers = await asyncio.gather(
        *(transport.call("ecs", "RegisterTaskDefinition", {**DEFINITION, "family": name}) for name in names)
    )
    assert [answer["taskDefinition"]["family"] for answer in answers] == names
