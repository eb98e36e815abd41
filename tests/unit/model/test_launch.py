"""A Launch: the recorded request, its token, and where and with what it says that a task runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.launch import LaunchId, client_token, render_launch
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.overrides import OVERRIDES_TAKEN, Work, check_work, length
from awsecs_async.model.placement import Ebs, Kind, Provider
from awsecs_async.model.sighting import Arn
from awsecs_async.model.spill import spill
from awsecs_async.model.task import TaskId, TaskSpec
from tests.unit.model.shapes import problems
from tests.unit.model.specs import specs
from tests.unit.model.works import FARGATE, PLACE, ROLE, TARGET, at_any_place, request, work


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


def test_the_network_is_as_it_was_placed() -> None:
    """AWS: a network configuration is for awsvpc only, and a public address for Fargate only."""
    managed = replace(PLACE, network=Awsvpc(subnets=("subnet-1",), security_groups=("sg-1",)))
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}
    assert request(work(TaskSpec(), managed))["networkConfiguration"] == {"awsvpcConfiguration": network}
    fargate = replace(FARGATE, network=Awsvpc(subnets=("subnet-1",), assign_public_ip=False))
    found = request(work(TaskSpec(), fargate))["networkConfiguration"]["awsvpcConfiguration"]
    assert found == {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}
    assert "networkConfiguration" not in request(work(TaskSpec()))


def test_a_constraint_and_a_platform_version_where_they_belong() -> None:
    """AWS: constraints are not for Fargate, platform versions are for nothing else."""
    target = replace(TARGET, platform_version="1.4.0")
    expression = "attribute:ecs.instance-type in [c6i.large]"
    managed = request(work(TaskSpec(), replace(PLACE, constraint=expression), target))
    assert managed["placementConstraints"] == [{"type": "memberOf", "expression": expression}]
    assert "platformVersion" not in managed
    assert request(work(TaskSpec(), FARGATE, target))["platformVersion"] == "1.4.0"


def test_a_volume_has_the_tasks_tags_and_goes_with_it() -> None:
    """ECS gives a task's tags to no volume, and cost reports go by volumes."""
    ebs = Ebs(role=ROLE, size_gib=100, type="gp3", mount_path="/scratch", iops=4000)
    found = request(work(TaskSpec(tags={"k": "v"}), replace(PLACE, ebs=ebs)))["volumeConfigurations"]
    volume = {
        "roleArn": ROLE, "sizeInGiB": 100, "volumeType": "gp3", "iops": 4000,
        "terminationPolicy": {"deleteOnTermination": True},
        "tagSpecifications": [{"resourceType": "volume", "tags": [{"key": "k", "value": "v"}]}],
    }  # fmt: skip
    assert found == [{"name": "disk", "managedEBSVolume": volume}]


def test_tags_are_the_targets_overlaid_by_the_tasks() -> None:
    """What a task says itself wins; together there may be 50, which is known at submit."""
    target = replace(TARGET, tags=(("project", "p"), ("owner", "o")), ecs_managed_tags=True)
    found = request(work(TaskSpec(tags={"owner": "me"}), target=target))
    assert found["tags"] == [{"key": "project", "value": "p"}, {"key": "owner", "value": "me"}]
    assert found["enableECSManagedTags"] is True
    check_work(work(TaskSpec(tags={"owner": "me"} | {str(n): "" for n in range(48)}), target=target))
    with pytest.raises(InvalidTask, match="tags: 51 of them"):
        check_work(work(TaskSpec(tags={str(n): "" for n in range(49)}), target=target))


def test_exec_needs_a_role() -> None:
    """ECS Exec talks through the task's role; without one RunTask refuses it, and so do we, at submit."""
    spec = TaskSpec(execute_command=True)
    assert request(work(spec))["enableExecuteCommand"] is True
    check_work(work(spec))
    with pytest.raises(InvalidTask, match=r"execute_command: .*task_role"):
        check_work(work(spec, target=replace(TARGET, task_role=None)))


@given(at_any_place(specs))
@settings(max_examples=150, deadline=None)
def test_every_request_is_valid_by_botocores_model(of: Work) -> None:
    """An unknown member, a wrong type or a missing one would be found here, not in production."""
    found = request(of)
    assert problems("RunTask", found) == ""
    kind = of.placement.provider.kind
    assert ("capacityProviderStrategy" in found) != ("launchType" in found)
    assert not (kind is Kind.MANAGED_INSTANCES and "launchType" in found)


@given(at_any_place(specs), st.sampled_from([9_000, 100_000]))
@settings(max_examples=50, deadline=None)
def test_so_is_what_is_left_when_a_part_is_on_s3(of: Work, count: int) -> None:
    """And what is left, RunTask has room for, wherever the task goes and whatever else it asks for."""
    long = TaskSpec(
        command=["x" * count], environment={"A": "y" * 9_000}, work_dir="s3://work/ab", fusion=True
    )
    spilled = spill(replace(of, spec=long), "me")
    assert spilled is not None
    found = request(of) | {"overrides": spilled.overrides}
    assert problems("RunTask", found) == ""
    assert length(spilled.overrides) <= OVERRIDES_TAKEN
