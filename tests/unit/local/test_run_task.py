"""RunTask's rules, as API_RunTask and the service quotas have them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.settings import Capacity, CloudSettings
from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]

AWSVPC = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
FARGATE_JOB: Params = {
    "family": "fargate",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "main", "image": "busybox"}],
}


@pytest.mark.parametrize("count", [0, 11])
async def test_a_call_launches_one_to_ten_tasks(ask: Ask, registered: str, count: int) -> None:
    """A dispatcher that asks for more than ten is told so, not given ten."""
    with pytest.raises(WireError, match="between 1 and 10") as refusal:
        await ask("RunTask", count=count)
    assert refusal.value.code == "InvalidParameterException"


async def test_tasks_set_out_as_provisioning(ask: Ask, registered: str) -> None:
    """The answer shows tasks at their beginning, with all that the request gave them."""
    answer = await ask("RunTask", count=10, startedBy="me", group="mine")
    first = answer["tasks"][0]
    assert answer["failures"] == []
    assert len({task["taskArn"] for task in answer["tasks"]}) == 10
    assert (first["lastStatus"], first["desiredStatus"], first["version"]) == ("PROVISIONING", "RUNNING", 1)
    assert (first["startedBy"], first["group"]) == ("me", "mine")
    assert first["capacityProviderName"] == "local-managed-instances"
    assert first["launchType"] == "MANAGED_INSTANCES"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"cluster": "nowhere"}, "Cluster not found"),
        ({"taskDefinition": "unknown"}, "TaskDefinition not found"),
        ({"taskDefinition": "job:2"}, "TaskDefinition not found"),
        ({"startedBy": "x" * 129}, "startedBy"),
        ({"startedBy": "a space"}, "startedBy"),
        ({"clientToken": "x" * 65}, "clientToken"),
        ({"networkConfiguration": AWSVPC}, "not valid for the given networkMode"),
        ({"launchType": "MANAGED_INSTANCES"}, "capacityProviderStrategy"),
        ({"launchType": "FARGATE"}, "does not support launch_type FARGATE"),
        ({"overrides": {"containerOverrides": [{"name": "other"}]}}, "named other is not a container"),
        ({"capacityProviderStrategy": [{"capacityProvider": "unknown"}]}, "not found on cluster"),
        ({"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, "both"),
        ({"tags": [{"key": "aws:mine", "value": "x"}]}, "reserved"),
        ({"tags": [{"key": str(number), "value": ""} for number in range(51)]}, "50 tags"),
        ({"platformVersion": "1.4.0"}, "platform version"),
        ({"propagateTags": "SERVICE"}, "SERVICE"),
    ],
)
async def test_what_is_refused(ask: Ask, registered: str, params: Params, message: str) -> None:
    """Each rule refuses alone, and says which it is; nothing is launched."""
    with pytest.raises(WireError, match=message):
        await ask("RunTask", **params)
    assert (await ask("ListTasks"))["taskArns"] == []


async def test_a_strategy_holds_one_type_of_provider(ask: Ask, registered: str) -> None:
    """Fargate and Managed Instances cannot stand in for each other within one call."""
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 1},
        {"capacityProvider": "local-managed-instances", "weight": 1},
    ]
    with pytest.raises(WireError, match="only one type"):
        await ask("RunTask", capacityProviderStrategy=strategy)


async def test_base_and_weights_spread_a_call(ask: Ask) -> None:
    """The base goes first, then the weights share the rest."""
    await ask("RegisterTaskDefinition", **FARGATE_JOB)
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 2},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    answer = await ask(
        "RunTask",
        taskDefinition="fargate",
        count=10,
        capacityProviderStrategy=strategy,
        networkConfiguration=AWSVPC,
    )
    used = [task["capacityProviderName"] for task in answer["tasks"]]
    assert used[:2] == ["FARGATE", "FARGATE"]
    assert (used.count("FARGATE"), used.count("FARGATE_SPOT")) == (4, 6)


async def test_awsvpc_needs_its_network(ask: Ask) -> None:
    """A Fargate task without subnets is refused; with them it has a network interface."""
    await ask("RegisterTaskDefinition", **FARGATE_JOB)
    with pytest.raises(WireError, match="must be provided when networkMode 'awsvpc'"):
        await ask("RunTask", taskDefinition="fargate", launchType="FARGATE")
    answer = await ask("RunTask", taskDefinition="fargate", launchType="FARGATE", networkConfiguration=AWSVPC)
    assert answer["tasks"][0]["attachments"][0]["type"] == "ElasticNetworkInterface"


async def test_fargate_sells_certain_sizes_only(ask: Ask) -> None:
    """An override may not make a pair of cpu and memory that Fargate does not have."""
    await ask("RegisterTaskDefinition", **FARGATE_JOB)
    with pytest.raises(WireError, match="No Fargate configuration exists"):
        await ask(
            "RunTask",
            taskDefinition="fargate",
            launchType="FARGATE",
            networkConfiguration=AWSVPC,
            overrides={"cpu": "256", "memory": "4096"},
        )


async def test_overrides_hold_8192_characters_of_json(ask: Ask, registered: str) -> None:
    """The limit counts the JSON's own characters, and is exact."""
    overrides: Params = {"containerOverrides": [{"name": "main", "command": [""]}]}
    command = overrides["containerOverrides"][0]["command"]
    room = 8192 - len(json.dumps(overrides, separators=(",", ":")))
    command[0] = "x" * room
    assert len((await ask("RunTask", overrides=overrides))["tasks"]) == 1
    command[0] += "x"
    with pytest.raises(WireError, match="at most 8192"):
        await ask("RunTask", overrides=overrides)


async def test_overrides_are_echoed_for_every_container(ask: Ask, job: Params) -> None:
    """A container without overrides is named all the same, as ECS does."""
    job["containerDefinitions"].append({"name": "side", "image": "busybox", "essential": False})
    await ask("RegisterTaskDefinition", **job)
    override = {"name": "side", "command": ["echo"]}
    answer = await ask("RunTask", overrides={"containerOverrides": [override]})
    assert answer["tasks"][0]["overrides"]["containerOverrides"] == [{"name": "main"}, override]


async def test_an_inactive_definition_does_not_run(ask: Ask, registered: str) -> None:
    """A deregistered revision cannot be launched by its number, and a family falls back to what is ACTIVE."""
    await ask("DeregisterTaskDefinition", taskDefinition="job:1")
    with pytest.raises(WireError, match="inactive"):
        await ask("RunTask", taskDefinition="job:1")
    with pytest.raises(WireError, match="not found"):
        await ask("RunTask")


async def test_a_full_cluster_fails_tasks_one_by_one(job: Params) -> None:
    """Partial success is an answer like any other: tasks and failures side by side."""
    async with Cloud(CloudSettings(capacity=Capacity(cpu_units=2048, memory_mib=8192))) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", {**job, "cpu": "1024", "memory": "1024"})
        answer = await cloud.call("ecs", "RunTask", {"cluster": "local", "taskDefinition": "job", "count": 3})
        assert len(answer["tasks"]) == 2
        assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:CPU"]


async def test_tags_are_shown_on_demand(ask: Ask, registered: str) -> None:
    """Tags cost a larger answer, so only include=TAGS shows them."""
    answer = await ask("RunTask", tags=[{"key": "who", "value": "me"}])
    arn = answer["tasks"][0]["taskArn"]
    assert "tags" not in (await ask("DescribeTasks", tasks=[arn]))["tasks"][0]
    tagged = await ask("DescribeTasks", tasks=[arn], include=["TAGS"])
    assert tagged["tasks"][0]["tags"] == [{"key": "who", "value": "me"}]
