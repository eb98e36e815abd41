"""The task definition of a task: what RunTask cannot override, and nothing else.

RunTask overrides the command, the environment and its files, the size and the roles, and says which volume
a disk is. Everything else lives in a definition, which costs one RegisterTaskDefinition (1 a second). So the
definition is rendered from the fixed parts alone, and tasks that differ only in what can be overridden share
it. The size in it is a placeholder that every launch overrides.

The fingerprint of the rendered request is its key, and part of its family's name: a restarted
dispatcher finds its own earlier definition by asking for that family, and registers nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NewType

from awsecs_async.model.container_definition import Mounting, render_container, render_volume
from awsecs_async.model.mounts import mounted
from awsecs_async.model.placement import EBS_VOLUME, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.settings import Target
    from awsecs_async.model.task import TaskSpec
    from awsecs_async.model.volumes import Volume

Fingerprint = NewType("Fingerprint", str)

FAMILY_PREFIX: Final = "awsecs-"
PLACEHOLDER_CPU: Final = "256"  # the smallest size that Fargate registers; every launch overrides it
PLACEHOLDER_MEMORY: Final = "512"

_UNFIT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A rendered RegisterTaskDefinition request and its key."""

    fingerprint: Fingerprint
    family: str
    request: dict[str, Any]


def render_definition(spec: TaskSpec, placement: Placement, target: Target, fusion: Fusion) -> Definition:
    """The definition that this task needs at this place."""
    kind, mounting = placement.provider.kind, Mounting.of(spec, fusion)
    disk = placement.ebs.mount_path if placement.ebs is not None else None
    containers, logging = spec.all_containers, _log_configuration(target)
    mounts = [mounted(each, target, disk) for each in containers]
    request: dict[str, Any] = {
        "networkMode": placement.network_mode,
        "requiresCompatibilities": [kind.value],
        "cpu": PLACEHOLDER_CPU,
        "memory": PLACEHOLDER_MEMORY,
        "containerDefinitions": [
            render_container(
                each,
                logging,
                mounts=own,
                disk=disk,
                mounting=mounting if each.name == spec.result_container else None,
            )
            for each, own in zip(containers, mounts, strict=True)
        ],
    }
    if kind is not Kind.EC2 or spec.architecture is not None:
        # Unless a task says it, EC2 places by what the cluster's own instances are.
        request["runtimePlatform"] = {
            "cpuArchitecture": placement.architecture,
            "operatingSystemFamily": "LINUX",
        }
    if volumes := _volumes(mounts, disk):
        request["volumes"] = volumes
    if target.execution_role:
        request["executionRoleArn"] = target.execution_role
    key = fingerprint(request)
    request["family"] = family = f"{FAMILY_PREFIX}{_image_word(spec)}-{key[:32]}"
    return Definition(fingerprint=key, family=family, request=request)


def fingerprint(request: dict[str, Any]) -> Fingerprint:
    """SHA-256 of the request in canonical JSON: the same request always has the same one."""
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return Fingerprint(hashlib.sha256(canonical.encode()).hexdigest())


def _volumes(mounts: Iterable[Iterable[Volume]], disk: str | None) -> list[dict[str, Any]]:
    by_name = {volume.name: render_volume(volume) for each in mounts for volume in each}
    at_launch = [{"name": EBS_VOLUME, "configuredAtLaunch": True}] if disk is not None else []
    return [*(by_name[name] for name in sorted(by_name)), *at_launch]


def _log_configuration(target: Target) -> dict[str, Any]:
    options = {
        "awslogs-group": target.logs_group,
        "awslogs-create-group": "true",  # only tried when it is missing; needs logs:CreateLogGroup then
        "awslogs-region": target.region or "us-east-1",
        "awslogs-stream-prefix": target.log_stream_prefix,
        "mode": target.log_mode,
    }
    if target.log_mode == "non-blocking":
        options["max-buffer-size"] = target.log_max_buffer
    return {"logDriver": "awslogs", "options": options}


def _image_word(spec: TaskSpec) -> str:
    """The image's own short name, so that people find their way in the console."""
    image = spec.all_containers[0].container or "process"
    word = image.split("@")[0].rsplit("/", 1)[-1].split(":")[0]
    return _UNFIT_FOR_A_NAME.sub("-", word)[:60].strip("-") or "task"
