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
from awsecs_async.model.quotas import OVERRIDES_MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.network import Awsvpc
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.settings import Target
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskId, TaskSpec

LaunchId = NewType("LaunchId", str)

ARRAY_INDEX: Final = "AWSECS_ARRAY_INDEX"
ARRAY_SIZE: Final = "AWSECS_ARRAY_SIZE"

JSON_WORST: Final = 6  # characters of JSON that one character of ASCII may take: \u0000
JSON_WORST_ABROAD: Final = 12  # and one beyond ASCII: two surrogates of 6
CONTAINER_OVERHEAD: Final = 200  # its fields' names, and an array's index and size
WORD_OVERHEAD: Final = 24  # {"name":"","value":""},
FIXED_OVERHEAD: Final = 400  # names of fields, sizes, a task role's ARN


def variables(container: ContainerSpec) -> tuple[tuple[str, str], ...]:
    """The container's own environment variables."""
    pairs: dict[str, str] = dict(container.environment)
    return tuple(pairs.items())


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What all members of a launch have in common, and so all that one request can say.

    Args:
        index, size: The place in an array and its length, both None outside arrays.
    """

    spec: TaskSpec
    placement: Placement
    target: Target
    index: int | None = None
    size: int | None = None


def overrides_of(work: Work) -> dict[str, Any]:
    """RunTask's ``overrides``."""
    spec, target = work.spec, work.target
    extra = [] if work.index is None else [(ARRAY_INDEX, str(work.index)), (ARRAY_SIZE, str(work.size))]
    containers = []
    for container in spec.all_containers:
        override: dict[str, Any] = {"name": container.name}
        if container.command:
            override["command"] = list(container.command)
        if environment := [{"name": n, "value": v} for n, v in (*variables(container), *extra)]:
            override["environment"] = environment
        containers.append(override)
    overrides: dict[str, Any] = {
        "containerOverrides": containers,
        "cpu": str(work.placement.cpu_units),
        "memory": str(work.placement.memory_mib),
    }
    if target.task_role:
        overrides["taskRoleArn"] = target.task_role
    return overrides


def check_overrides(work: Work) -> None:
    """Nothing, if RunTask will take this task's overrides.

    Raises:
        InvalidTask: if they are longer than ECS takes.
    """
    if _longest(work.spec) <= OVERRIDES_MAX_CHARACTERS:
        return  # no need to render them: nearly all tasks are far from the limit
    overrides = overrides_of(work)
    length = len(json.dumps(overrides, separators=(",", ":")))
    if length > OVERRIDES_MAX_CHARACTERS:
        raise InvalidTask(
            "command",
            f"command and environment come to {length} characters with ECS's own JSON, and RunTask takes "
            f"{OVERRIDES_MAX_CHARACTERS}; put the command into the image or a script the task fetches",
        )


def _longest(spec: TaskSpec) -> int:
    """No fewer characters than the overrides will have."""
    characters = words = 0
    for c in spec.all_containers:
        texts = [c.name, *c.command]
        for pair in variables(c):
            texts += pair
        characters += sum(len(t) * (JSON_WORST if t.isascii() else JSON_WORST_ABROAD) for t in texts)
        characters += CONTAINER_OVERHEAD
        words += len(texts)
    return characters + words * WORD_OVERHEAD + FIXED_OVERHEAD


def render_launch(
    launch_id: LaunchId,
    members: Mapping[TaskId, int],
    work: Work,
    *,
    definition_arn: Arn,
    started_by: str,
    made_at: float,
) -> Launch:
    """The launch of these members (which attempt of each it is, by task id), all with the same work."""
    spec, placement = work.spec, work.placement
    request: dict[str, Any] = {
        "cluster": placement.cluster,
        "taskDefinition": definition_arn,
        "count": len(members),
        "clientToken": client_token(launch_id),
        "startedBy": started_by,
        "group": launch_id,
        "overrides": overrides_of(work),
    }
    if placement.provider.name is not None:
        request["capacityProviderStrategy"] = [{"capacityProvider": placement.provider.name, "weight": 1}]
    else:
        request["launchType"] = placement.provider.kind.value
    if placement.network is not None:
        request["networkConfiguration"] = {"awsvpcConfiguration": _network(placement.network)}
    if spec.tags:
        request["tags"] = [{"key": key, "value": value} for key, value in dict(spec.tags).items()]
    return Launch(
        id=launch_id,
        target=placement.target,
        lane=placement.lane,
        members=tuple(members),
        attempts=tuple(members.values()),
        request=json.dumps(request, separators=(",", ":")),
        made_at=made_at,
    )


def _network(wanted: Awsvpc) -> dict[str, Any]:
    network: dict[str, Any] = {"subnets": list(wanted.subnets)}
    if wanted.security_groups:
        network["securityGroups"] = list(wanted.security_groups)
    if wanted.assign_public_ip is not None:
        network["assignPublicIp"] = "ENABLED" if wanted.assign_public_ip else "DISABLED"
    return network
