"""A Launch: the recorded request, its token, and what it may override."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.launch import LaunchId, client_token, render_launch
from awsecs_async.model.overrides import Work, overrides_of
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.settings import Target
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec

TARGET = Target(cluster="c", task_role="arn:aws:iam::1:role/t")
PLACE = Placement(
    target="default", cluster="c", provider=Provider(name="mi", kind=Kind.MANAGED_INSTANCES),
    network_mode="host", cpu_units=1024, memory_mib=2048,
)  # fmt: skip
FARGATE = replace(PLACE, provider=Provider(name="FARGATE", kind=Kind.FARGATE), network_mode="awsvpc")


def work(spec: TaskSpec, placement: Placement = PLACE, target: Target = TARGET) -> Work:
    """That spec at the usual place."""
    return Work(spec=spec, placement=placement, target=target)


def request(of: Work, count: int = 1) -> dict[str, Any]:
    """The request that is rendered for it."""
    launch = render_launch(
        LaunchId("l1"), {TaskId(f"t{n}"): 1 for n in range(count)}, of,
        definition_arn=Arn("arn:d:1"), started_by="me", made_at=5.0,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(launch.request)
    return found


def test_a_launch_is_found_again_by_what_it_says() -> None:
    """Its id is the group, the dispatcher is startedBy, and the token follows from the id alone."""
    found = request(work(TaskSpec(command=["a"])), count=3)
    assert (found["group"], found["startedBy"], found["count"]) == ("l1", "me", 3)
    assert found["clientToken"] == client_token(LaunchId("l1"))
    assert len(found["clientToken"]) == 64


@given(st.text(max_size=40), st.text(max_size=40))
def test_each_launch_has_a_token_of_its_own(first: str, second: str) -> None:
    """Two launches share a token only if they are the same launch."""
    assert (client_token(LaunchId(first)) == client_token(LaunchId(second))) == (first == second)


def test_members_and_their_attempts_are_kept_in_order() -> None:
    """Which attempt of which task each ECS task will be is on disk with the request."""
    members = {TaskId("b"): 2, TaskId("a"): 1}
    launch = render_launch(
        LaunchId("l"), members, work(TaskSpec()), definition_arn=Arn("d"), started_by="me", made_at=5.0
    )
    assert (launch.members, launch.attempts, launch.lane) == (("b", "a"), (2, 1), ("default", "mi"))


def test_providers_by_name_and_launch_types_without() -> None:
    """AWS: capacityProviderStrategy and launchType exclude each other."""
    named = request(work(TaskSpec()))
    bare = request(work(TaskSpec(), placement=replace(PLACE, provider=Provider(name=None, kind=Kind.EC2))))
    assert named["capacityProviderStrategy"] == [{"capacityProvider": "mi", "weight": 1}]
    assert "launchType" not in named
    assert bare["launchType"] == "EC2"
    assert "capacityProviderStrategy" not in bare


def test_a_public_address_only_where_ecs_takes_it() -> None:
    """AWS: assignPublicIp is for Fargate; other kinds refuse it."""
    target = replace(TARGET, subnets=("subnet-1",), security_groups=("sg-1",))
    managed = work(TaskSpec(), placement=replace(PLACE, network_mode="awsvpc"), target=target)
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}
    assert request(managed)["networkConfiguration"]["awsvpcConfiguration"] == network
    fargate = request(replace(managed, placement=FARGATE))["networkConfiguration"]["awsvpcConfiguration"]
    assert fargate == network | {"assignPublicIp": "ENABLED"}
    assert "networkConfiguration" not in request(work(TaskSpec()))


def test_the_size_is_always_overridden() -> None:
    """The definition's size is a placeholder: every launch says the task's own."""
    overrides = overrides_of(work(TaskSpec()))
    assert (overrides["cpu"], overrides["memory"]) == ("1024", "2048")
    assert overrides["taskRoleArn"] == TARGET.task_role


def test_an_array_says_its_index_and_size() -> None:
    """Members of an array learn their place from the environment; others get nothing of ours."""
    of_array = overrides_of(replace(work(TaskSpec(environment={"A": "1"})), index=0, size=9))
    assert of_array["containerOverrides"][0]["environment"] == [
        {"name": "A", "value": "1"},
        {"name": "AWSECS_ARRAY_INDEX", "value": "0"},
        {"name": "AWSECS_ARRAY_SIZE", "value": "9"},
    ]
    assert overrides_of(work(TaskSpec()))["containerOverrides"] == [{"name": "main"}]
