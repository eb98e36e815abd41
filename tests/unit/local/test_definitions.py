"""RegisterTaskDefinition's rules, revisions, and what becomes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.ecs.definition_rules import check_definition
from awsecs_async.local.wire import WireError
from awsecs_async.model.quotas import FARGATE_SIZES

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


def containers(*names: str, **members: object) -> list[Params]:
    """Container definitions of these names."""
    return [{"name": name, "image": "busybox", **members} for name in names]


def after(other: str, condition: str) -> list[Params]:
    """A dependsOn of one."""
    return [{"containerName": other, "condition": condition}]


LOGGING = {"logDriver": "awslogs", "options": {"awslogs-group": "/g", "awslogs-region": "us-east-1"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"family": "a space"}, "Family"),
        ({"family": "x" * 256}, "Family"),
        ({"containerDefinitions": []}, "null or empty"),
        ({"containerDefinitions": containers(*(f"c{n}" for n in range(11)))}, "limit is 10"),
        ({"containerDefinitions": containers("a", "a")}, "not unique"),
        ({"containerDefinitions": containers("a b")}, "Container.name"),
        ({"containerDefinitions": [{"name": "a"}]}, "Container.image"),
        ({"containerDefinitions": containers("a", essential=False)}, "essential"),
        (
            {"containerDefinitions": containers("a", dependsOn=after("b", "START"))},
            "not in the task definition",
        ),
        (
            {"containerDefinitions": containers("a", "b", dependsOn=after("a", "SUCCESS"))},
            "essential container",
        ),
        ({"containerDefinitions": containers("a", "b", dependsOn=after("a", "HEALTHY"))}, "no healthCheck"),
        ({"containerDefinitions": containers("a", "b", dependsOn=after("a", "SOON"))}, "SOON"),
        ({"containerDefinitions": containers("a", dependsOn=after("a", "START"))}, "cycle"),
        ({"containerDefinitions": containers("a", stopTimeout=86_401)}, "stopTimeout"),
        ({"containerDefinitions": containers("a", mountPoints=[{"sourceVolume": "v"}])}, "Unknown volume"),
        ({"containerDefinitions": containers("a", logConfiguration=LOGGING)}, "awslogs-stream-prefix"),
        ({"containerDefinitions": containers("a", command=["x" * 65_536])}, "Max allowed length"),
        ({"containerDefinitions": containers("a", memory=2048), "memory": "1024"}, "greater than the task's"),
        ({"containerDefinitions": containers("a", memory=10, memoryReservation=20)}, "exceeds memory"),
        ({"requiresCompatibilities": []}, "memoryReservation"),
        ({"requiresCompatibilities": ["MOON"]}, "MOON"),
        ({"networkMode": "bridge"}, "Managed Instances only support"),
        ({"ephemeralStorage": {"sizeInGiB": 30}}, "ephemeralStorage"),
        ({"cpu": "one"}, "'cpu'"),
        ({"requiresCompatibilities": ["FARGATE"], "networkMode": "host"}, "awsvpc"),
        ({"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}, "at the task level"),
    ],
)
def test_what_is_refused(job: Params, changes: Params, message: str) -> None:
    """Each rule refuses alone, and its message says which it is."""
    check_definition(job)
    with pytest.raises(WireError, match=message) as refusal:
        check_definition({**job, **changes})
    assert refusal.value.code == "ClientException"


@given(
    cpu=st.sampled_from(sorted(FARGATE_SIZES)), memory=st.integers(min_value=1, max_value=245) | st.just(0.5)
)
def test_fargate_accepts_exactly_its_table(cpu: int, memory: float) -> None:
    """Every pair of the documentation's table registers, and no other."""
    mib = round(memory * 1024)
    request = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(cpu),
        "memory": f"{memory} GB",
        "containerDefinitions": containers("a"),
    }
    if mib in FARGATE_SIZES[cpu]:
        check_definition(request)
    else:
        with pytest.raises(WireError, match="No Fargate configuration exists"):
            check_definition(request)


async def test_revisions_count_up_and_are_never_reused(ask: Ask, job: Params) -> None:
    """A family names its latest ACTIVE revision; a deleted number does not come back."""
    for _ in range(2):
        await ask("RegisterTaskDefinition", **job)
    await ask("DeregisterTaskDefinition", taskDefinition="job:2")
    assert (await ask("DescribeTaskDefinition", taskDefinition="job"))["taskDefinition"]["revision"] == 1
    await ask("DeleteTaskDefinitions", taskDefinitions=["job:2"])
    assert (await ask("RegisterTaskDefinition", **job))["taskDefinition"]["revision"] == 3
    with pytest.raises(WireError):
        await ask("DescribeTaskDefinition", taskDefinition="job:2")


async def test_definitions_are_listed_by_status(ask: Ask, job: Params) -> None:
    """A dispatcher finds its own earlier revisions by family, newest first where it asks so."""
    for _ in range(3):
        await ask("RegisterTaskDefinition", **job)
    await ask("RegisterTaskDefinition", **{**job, "family": "job-2"})
    await ask("DeregisterTaskDefinition", taskDefinition="job:1")
    listed = await ask("ListTaskDefinitions", familyPrefix="job", sort="DESC", maxResults=1)
    assert listed["taskDefinitionArns"][0].endswith("task-definition/job:3")
    rest = await ask("ListTaskDefinitions", familyPrefix="job", sort="DESC", nextToken=listed["nextToken"])
    assert [arn.rpartition("/")[2] for arn in rest["taskDefinitionArns"]] == ["job:2"]
    assert (await ask("ListTaskDefinitionFamilies"))["families"] == ["job", "job-2"]
    inactive = await ask("ListTaskDefinitions", status="INACTIVE")
    assert len(inactive["taskDefinitionArns"]) == 1


async def test_an_active_definition_is_not_deleted(ask: Ask, registered: str) -> None:
    """It has to be deregistered first, and the failure says so."""
    answer = await ask("DeleteTaskDefinitions", taskDefinitions=["job:1"])
    assert answer["taskDefinitions"] == []
    assert "ACTIVE" in answer["failures"][0]["reason"]
