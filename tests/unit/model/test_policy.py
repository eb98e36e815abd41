"""The least IAM policy."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.policy import FAMILIES, least_policy
from awsecs_async.model.settings import Settings, Target
from awsecs_async.model.task import TaskSpec

ROLE = "arn:aws:iam::123456789012:role/"
TARGET = Target(cluster="c", region="eu-west-1", execution_role=ROLE + "execution")


def statements(*targets: Target, doctor: bool = False) -> dict[str, dict[str, Any]]:
    """By name."""
    found = least_policy(Settings(targets=targets), doctor=doctor)["Statement"]
    return {each["Sid"]: each for each in found}


def test_only_what_is_used_is_allowed() -> None:
    """No bucket, no volumes and no doctor: no rights on S3, on infrastructure roles, or on IAM."""
    text = json.dumps(list(statements(TARGET).values()))
    assert "s3:" not in text
    assert "iam:GetRole" not in text
    assert "ecs.amazonaws.com" not in text


def test_resources_are_named_as_closely_as_aws_lets_them() -> None:
    """The policy is of this account, region and cluster, and of our own task definitions."""
    found = statements(TARGET)
    assert found["FollowTasks"]["Resource"] == ["arn:aws:ecs:eu-west-1:123456789012:task/c/*"]
    assert found["LaunchTasks"]["Resource"] == [
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/awsecs-*:*"
    ]
    assert found["HandRolesToTasks"]["Resource"] == [ROLE + "execution"]
    assert found["LaunchTasks"]["Condition"] == {
        "ArnEquals": {"ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/c"}
    }


def test_what_the_settings_use_is_allowed() -> None:
    """Volumes need their role handed on, long commands their bucket."""
    target = Target(
        cluster="c",
        execution_role=ROLE + "x",
        infrastructure_role=ROLE + "infra",
        work_bucket="s3://work/some/where",
    )
    found = statements(target, doctor=True)
    assert found["HandVolumesToEcs"]["Resource"] == [ROLE + "infra"]
    assert found["KeepLongCommands"]["Resource"] == ["arn:aws:s3:::work/some/where/*"]
    assert found["SeeRoles"]["Resource"] == [ROLE + "x", ROLE + "infra"]


def test_targets_share_statements_where_they_can() -> None:
    """Two clusters of one account need two conditions, but one list of rights on definitions."""
    other = Target(cluster="d", name="d", region="eu-west-1", execution_role=ROLE + "execution")
    found = statements(TARGET, other)
    assert {"LaunchTasks", "LaunchTasks2", "KeepDefinitions"} <= set(found)
    assert "KeepDefinitions2" not in found
    assert all(len(set(each["Resource"])) == len(each["Resource"]) for each in found.values())


def test_our_definitions_have_the_family_that_the_policy_allows() -> None:
    """A family that is renamed without the policy would lock every dispatcher out."""
    place = Placement(
        target="t", cluster="c", provider=Provider(name="p", kind=Kind.MANAGED_INSTANCES),
        network_mode="host", cpu_units=256, memory_mib=512,
    )  # fmt: skip
    definition = render_definition(TaskSpec(container="a/b:1"), place, TARGET, Fusion())
    assert fnmatchcase(definition.family, FAMILIES)


def test_a_clusters_arn_tells_where_it_is() -> None:
    """Partition, region and account of GovCloud or China, though no region is set."""
    arn = "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:cluster/c"
    found = statements(Target(cluster=arn))
    assert found["SeeCluster"]["Resource"] == [arn]
    assert found["FollowTasks"]["Resource"] == ["arn:aws-us-gov:ecs:us-gov-west-1:123456789012:task/c/*"]
