"""The roles that are handed to tasks and to ECS: do they exist, and may they be assumed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.aws.faults import could_not_ask, cure
from awsecs_async.aws.roles import RolesDoor
from awsecs_async.engine.survey import asked
from awsecs_async.errors import AwsFault
from awsecs_async.model.policy import ECS, TASKS

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Identity, Transport
    from awsecs_async.doctor.desk import Desk


async def check_roles(desk: Desk, transport: Transport, identity: Identity | None) -> None:
    """The execution, task and infrastructure roles."""
    target, door = desk.target, RolesDoor(transport)
    if target.execution_role:
        await _check_role(desk, door, "execution role", target.execution_role, TASKS, identity)
    else:
        mend = 'set executionRole = "ARN" under [aws.ecs], or AWSECS_EXECUTION_ROLE=ARN'
        desk.fails("execution role", "none is set: ECS pulls images and writes logs with it", mend)
    if target.task_role:
        await _check_role(desk, door, "task role", target.task_role, TASKS, identity)
    else:
        desk.holds("task role", "none is set: commands have no rights on AWS of their own")
    if target.infrastructure_role:
        await _check_role(desk, door, "infrastructure role", target.infrastructure_role, ECS, identity)
    else:
        desk.holds("infrastructure role", "none is set: ECS makes no EBS volumes for tasks that want a disk")


async def _check_role(
    desk: Desk, door: RolesDoor, name: str, arn: str, service: str, identity: Identity | None
) -> None:
    account = arn.split(":")[4] if arn.count(":") >= 5 else ""  # noqa: PLR2004 (arn:partition:iam::ACCOUNT:...)
    if identity is not None and account and account != identity.account:
        found = f"{arn} is of account {account}, and the credentials are of {identity.account}"
        desk.fails(name, found, "set a role of the account that runs the tasks")
        return
    try:
        role = await asked(lambda: door.role(arn))
    except AwsFault as fault:
        if not could_not_ask(fault):
            raise
        desk.warns(name, f"{arn} could not be looked at: {fault.code}", cure(fault))
        return
    if role is None:
        desk.fails(name, f"there is no role {arn}", "set the ARN of one that exists, or create it")
    elif service not in role.trusts:
        mend = f"add the principal {service} to the trust policy of {role.name}"
        desk.fails(name, f"{role.name} does not let {service} assume it", mend)
    else:
        desk.holds(name, arn)
