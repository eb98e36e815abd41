"""Placement constraints: what RunTask and a task definition may say about the instance.

Managed Instances know four attributes in memberOf's expressions; elsewhere every attribute and the
EC2 instance's id can be asked for. Fargate has no constraints. Source: AWS API_PlacementConstraint,
task-placement-constraints, and ManagedInstances for its four.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.local.ecs.clusters import FARGATE, MANAGED_INSTANCES
from awsecs_async.local.ecs.definitions import Definition
from awsecs_async.local.ecs.expressions import BadExpression, subjects
from awsecs_async.local.wire import Wire, invalid_parameter
from awsecs_async.model.quotas import PLACEMENT_CONSTRAINTS_MAX

MEMBER_OF: Final = "memberOf"
DISTINCT: Final = "distinctInstance"
_EXPRESSION_MAX_CHARACTERS: Final = 2_000  # API_PlacementConstraint, expression
_ON_MANAGED_INSTANCES: Final = frozenset(
    f"attribute:ecs.{name}"
    for name in ("subnet-id", "availability-zone", "instance-type", "cpu-architecture")
)


def read_constraints(params: Wire, definition: Definition, launch_type: str) -> tuple[tuple[str, ...], bool]:
    """The memberOf expressions of the call and the definition, and whether tasks must not share an instance.

    Raises InvalidParameterException.
    """
    given = params.get("placementConstraints") or []
    if launch_type == FARGATE:
        if given or params.get("placementStrategy"):
            raise invalid_parameter(
                "Placement constraints and strategies are not supported with FARGATE launch type."
            )
        return (), False
    if params.get("platformVersion"):
        raise invalid_parameter("The platform version must be null when specifying an EC2 launch type.")
    if launch_type == MANAGED_INSTANCES and params.get("placementStrategy"):
        raise invalid_parameter("Placement strategies are not supported on Managed Instances.")
    every = [*given, *definition.wire["placementConstraints"]]
    if len(every) > PLACEMENT_CONSTRAINTS_MAX:
        raise invalid_parameter(
            f"At most {PLACEMENT_CONSTRAINTS_MAX} placement constraints are allowed, "
            "the task definition's included."
        )
    for constraint in every:
        _check(constraint, launch_type)
    members = tuple(item["expression"] for item in every if item["type"] == MEMBER_OF)
    return members, any(item["type"] == DISTINCT for item in every)


def _check(constraint: Wire, launch_type: str) -> None:
    kind, text = constraint.get("type"), constraint.get("expression")
    if kind not in {MEMBER_OF, DISTINCT}:
        raise invalid_parameter(f"Invalid placement constraint type {kind!r}: use {MEMBER_OF} or {DISTINCT}.")
    if kind == DISTINCT:
        if text:
            raise invalid_parameter(f"A placement constraint of type {DISTINCT} has no expression.")
        return
    if not text or len(text) > _EXPRESSION_MAX_CHARACTERS:
        raise invalid_parameter(
            f"The expression of a {MEMBER_OF} placement constraint has 1 to {_EXPRESSION_MAX_CHARACTERS} "
            "characters."
        )
    _check_subjects(text, launch_type)


def _check_subjects(text: str, launch_type: str) -> None:
    try:
        asked = subjects(text)
    except BadExpression as problem:
        raise invalid_parameter(f"Invalid constraint expression {problem}.") from None
    if launch_type == MANAGED_INSTANCES:
        unknown = sorted(asked - _ON_MANAGED_INSTANCES)
        known = ", ".join(sorted(_ON_MANAGED_INSTANCES))
    else:
        unknown = sorted(
            item for item in asked if not item.startswith("attribute:") and item != "ec2InstanceId"
        )
        known = "attribute:NAME and ec2InstanceId here"
    if unknown:
        raise invalid_parameter(
            f"Placement constraints cannot ask for {', '.join(unknown)}, only for {known}."
        )
