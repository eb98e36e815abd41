"""A Launch: one RunTask call as a value, put on disk before it is sent.

The request is kept as the JSON text that will be sent, so that a replay after a crash is the same
request to the byte, never one rendered anew. The client token is derived from the launch's id: ECS
answers the same token with the same tasks, so sending a recorded launch twice starts nothing twice.

The members are the tasks that it starts, one each. Members of a merged launch (copies without an
index) are interchangeable until an ARN is theirs.

What the request says of the task itself stands in its ``overrides``: see ``model/overrides``. The rest is
said here: where, with which network, volume and tags. AWS: API_RunTask.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NewType

from awsecs_async.model.overrides import overrides_of
from awsecs_async.model.placement import EBS_VOLUME, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from awsecs_async.model.network import Awsvpc
    from awsecs_async.model.overrides import Work
    from awsecs_async.model.placement import Ebs
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskId

LaunchId = NewType("LaunchId", str)


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


def render_launch(
    launch_id: LaunchId,
    members: Mapping[TaskId, int],
    work: Work,
    *,
    definition_arn: Arn,
    started_by: str,
    made_at: float,
    overrides: Mapping[str, Any] | None = None,
) -> Launch:
    """The launch of these members (which attempt of each it is, by task id), all with the same work.

    ``overrides`` are what is left of the work's own where a part of them is on S3.
    """
    placement = work.placement
    request: dict[str, Any] = {
        "cluster": placement.cluster,
        "taskDefinition": definition_arn,
        "count": len(members),
        "clientToken": client_token(launch_id),
        "startedBy": started_by,
        "group": launch_id,
        "overrides": overrides_of(work) if overrides is None else overrides,
    }
    _say_where(request, work)
    _say_how(request, work)
    return Launch(
        id=launch_id,
        target=placement.target,
        lane=placement.lane,
        members=tuple(members),
        attempts=tuple(members.values()),
        request=json.dumps(request, separators=(",", ":")),
        made_at=made_at,
    )


def _say_where(request: dict[str, Any], work: Work) -> None:
    placement, provider = work.placement, work.placement.provider
    if provider.name is not None:
        request["capacityProviderStrategy"] = [{"capacityProvider": provider.name, "weight": 1}]
    else:
        request["launchType"] = provider.kind.value
    if provider.kind is Kind.FARGATE and work.target.platform_version:
        request["platformVersion"] = work.target.platform_version
    if placement.network is not None:
        request["networkConfiguration"] = {"awsvpcConfiguration": _network(placement.network)}
    if placement.constraint:
        request["placementConstraints"] = [{"type": "memberOf", "expression": placement.constraint}]


def _say_how(request: dict[str, Any], work: Work) -> None:
    tags = work.tags
    if tags:
        request["tags"] = _tags(tags.items())
    if work.target.ecs_managed_tags:
        request["enableECSManagedTags"] = True
    if work.spec.execute_command:
        request["enableExecuteCommand"] = True
    if work.placement.ebs is not None:
        volume = _volume(work.placement.ebs, tags)
        request["volumeConfigurations"] = [{"name": EBS_VOLUME, "managedEBSVolume": volume}]


def _network(wanted: Awsvpc) -> dict[str, Any]:
    network: dict[str, Any] = {"subnets": list(wanted.subnets)}
    if wanted.security_groups:
        network["securityGroups"] = list(wanted.security_groups)
    if wanted.assign_public_ip is not None:
        network["assignPublicIp"] = "ENABLED" if wanted.assign_public_ip else "DISABLED"
    return network


def _volume(wanted: Ebs, tags: Mapping[str, str]) -> dict[str, Any]:
    volume: dict[str, Any] = {
        "roleArn": wanted.role,
        "sizeInGiB": wanted.size_gib,
        "volumeType": wanted.type,
        "terminationPolicy": {"deleteOnTermination": True},
    }
    optional = {
        "iops": wanted.iops,
        "throughput": wanted.throughput,
        "encrypted": wanted.encrypted,
        "filesystemType": wanted.filesystem,
    }
    volume |= {name: value for name, value in optional.items() if value is not None}
    if tags:  # a task's tags are not its volume's; this is how cost reports find the volume too
        volume["tagSpecifications"] = [{"resourceType": "volume", "tags": _tags(tags.items())}]
    return volume


def _tags(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs]
