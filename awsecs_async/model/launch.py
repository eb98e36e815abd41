"""A Launch: one RunTask call as a value, put on disk before it is sent.

The request is kept as the JSON text that will be sent, so that a replay after a crash is the same
request to the byte, never one rendered anew. The client token is derived from the launch's id: ECS
answers the same token with the same tasks, so sending a recorded launch twice starts nothing twice.

The members are the tasks that it starts, one each. Members of a merged launch (copies without an
index) are interchangeable until an ARN is theirs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NewType

from awsecs_async.errors import InvalidTask
from awsecs_async.model.placement import Kind
from awsecs_async.model.quotas import OVERRIDES_MAX_CHARACTERS

if TYPE_CHECKING:
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.settings import Target
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskId, TaskSpec

LaunchId = NewType("LaunchId", str)

ARRAY_INDEX: Final = "AWSECS_ARRAY_INDEX"
ARRAY_SIZE: Final = "AWSECS_ARRAY_SIZE"

# AWS: RunTask "overrides" is limited to 8192 characters with its JSON formatting; how ECS counts is not
# documented, and Batch was seen to refuse at 7,680 by its own count.


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One RunTask call: what is on disk before it happens.

    Args:

        members: The tasks it starts, in order; as many as the request's ``count``.

        attempts: For each member which attempt of it this is, from 1.

        request: The RunTask request as JSON text, client token included.

        made_at: Epoch seconds; ECS remembers the token for at least an hour after this.
    """

    id: LaunchId
    target: str
    lane: tuple[str, str]
    members: tuple[TaskId, ...]
    attempts: tuple[int, ...]
    request: str
    made_at: float


def client_token(launch_id: LaunchId) -> str:
    """64 characters: SHA-256 of the launch's id (AWS: clientToken has up to 64)."""
    return hashlib.sha256(launch_id.encode()).hexdigest()


def overrides_of(
    spec: TaskSpec, placement: Placement, target: Target, *, index: int | None, size: int | None
) -> dict[str, Any]:
    """RunTask's ``overrides`` for one task.

    Raises:

        InvalidTask: if they are longer than ECS takes.
    """
    extra = [] if index is None else [(ARRAY_INDEX, str(index)), (ARRAY_SIZE, str(size))]
    containers = []
    for container in spec.all_containers:
        override: dict[str, Any] = {"name": container.name}
        if container.command:
            override["command"] = list(container.command)
        if environment := [{"name": n, "value": v} for n, v in (*container.environment, *extra)]:
            override["environment"] = environment
        containers.append(override)
    overrides: dict[str, Any] = {
        "containerOverrides": containers,
        "cpu": str(placement.cpu_units),
        "memory": str(placement.memory_mib),
    }
    if target.task_role:
        overrides["taskRoleArn"] = target.task_role
    length = len(json.dumps(overrides, separators=(",", ":")))
    if length > OVERRIDES_MAX_CHARACTERS:
        raise InvalidTask(
            "command",
            f"command and environment come to {length} characters with ECS's own JSON, and RunTask takes "
            f"{OVERRIDES_MAX_CHARACTERS}; put the command into the image or a script the task fetches",
        )
    return overrides


def render_launch(
    launch_id: LaunchId,
    members: tuple[TaskId, ...],
    attempts: tuple[int, ...],
    *,
    spec: TaskSpec,
    overrides: dict[str, Any],
    definition_arn: Arn,
    placement: Placement,
    target: Target,
    started_by: str,
    made_at: float,
) -> Launch:
    """The launch of these members, all of the same spec and overrides."""
    request: dict[str, Any] = {
        "cluster": placement.cluster,
        "taskDefinition": definition_arn,
        "count": len(members),
        "clientToken": client_token(launch_id),
        "startedBy": started_by,
        "group": launch_id,
        "overrides": overrides,
    }
    if placement.provider.name is not None:
        request["capacityProviderStrategy"] = [{"capacityProvider": placement.provider.name, "weight": 1}]
    else:
        request["launchType"] = placement.provider.kind.value
    if placement.network_mode == "awsvpc":
        request["networkConfiguration"] = {"awsvpcConfiguration": _network(placement, target)}
    if spec.tags:
        request["tags"] = [{"key": key, "value": value} for key, value in spec.tags]
    return Launch(
        id=launch_id,
        target=placement.target,
        lane=placement.lane,
        members=members,
        attempts=attempts,
        request=json.dumps(request, separators=(",", ":")),
        made_at=made_at,
    )


def _network(placement: Placement, target: Target) -> dict[str, Any]:
    network: dict[str, Any] = {"subnets": list(target.subnets)}
    if target.security_groups:
        network["securityGroups"] = list(target.security_groups)
    if placement.provider.kind is Kind.FARGATE:  # AWS: not supported on Managed Instances, nor on EC2
        network["assignPublicIp"] = "ENABLED" if target.assign_public_ip else "DISABLED"
    return network
