"""Trust policies as people write them, and the services that they name."""

from __future__ import annotations

import pytest

from awsecs_async.aws.roles import RolesDoor
from awsecs_async.errors import RequestRefused, TargetBlocked
from tests.unit.aws.scripted import Scripted, Wire

ARN = "arn:aws:iam::123456789012:role/path/of/runner"
TASKS, ECS = "ecs-tasks.amazonaws.com", "ecs.amazonaws.com"


def role(policy: object) -> Wire:
    """GetRole's answer."""
    return {"Role": {"RoleName": "runner", "Arn": ARN, "AssumeRolePolicyDocument": policy}}


def allow(**more: object) -> Wire:
    """One statement."""
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": TASKS}, **more}


@pytest.mark.parametrize(
    ("policy", "trusts"),
    [
        ({"Statement": [allow()]}, {TASKS}),
        ({"Statement": allow()}, {TASKS}),
        ({"Statement": [allow(), allow(Principal={"Service": [ECS]})]}, {TASKS, ECS}),
        ({"Statement": [allow(Action=["sts:TagSession", "sts:AssumeRole"])]}, {TASKS}),
        ({"Statement": [allow(Action="STS:*")]}, {TASKS}),
        ({"Statement": [allow(Action="sts:TagSession")]}, set()),
        ({"Statement": [allow(Effect="Deny")]}, set()),
        ({"Statement": [allow(Principal="*")]}, set()),
        ({"Statement": [allow(Principal={"AWS": "arn:aws:iam::1:root"})]}, set()),
        ({"Statement": [{"Effect": "Allow"}]}, set()),
        ({}, set()),
        (None, set()),
    ],
)
async def test_trusts(policy: object, trusts: set[str]) -> None:
    """Every form that a trust policy may have is read, and none breaks the reading."""
    transport = Scripted(lambda *_: role(policy))
    found = await RolesDoor(transport).role(ARN)
    assert found is not None
    assert found.trusts == frozenset(trusts)
    assert transport.asked == [("iam", "GetRole", {"RoleName": "runner"})]


async def test_what_is_no_role_is_not_asked_about() -> None:
    """An instance profile's ARN, easily mistaken for a role's, is no role."""
    transport = Scripted(lambda *_: role({}))
    assert await RolesDoor(transport).role("arn:aws:iam::1:instance-profile/runner") is None
    assert await RolesDoor(transport).role("") is None
    assert transport.asked == []
    assert await RolesDoor(transport).role("arn:aws:iam::123456789012:role/runner") is None  # another path


@pytest.mark.parametrize(
    "fault", [TargetBlocked("AccessDenied", "not authorized"), RequestRefused("ValidationError", "too long")]
)
async def test_refusals_are_not_absence(fault: Exception) -> None:
    """A role that may not be looked at is not said to be absent."""

    def answer(*_: object) -> Wire:
        raise fault

    with pytest.raises(type(fault)):
        await RolesDoor(Scripted(answer)).role("runner")
