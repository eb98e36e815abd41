"""One container in a task definition: all of it that RunTask cannot override.

AWS: API_ContainerDefinition. What was not asked for is left out, so that AWS's own defaults hold, and so
that a definition of an earlier version of ours, without an option that came later, is found again as it is.
Whether the kind of capacity has what is asked for was decided when the task was placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.model import fused
from awsecs_async.model.container import NO_IMAGE
from awsecs_async.model.placement import EBS_VOLUME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsecs_async.model.container import ContainerSpec, HealthCheck
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.linux import Device
    from awsecs_async.model.task import TaskSpec
    from awsecs_async.model.volumes import Volume

_FUSE: Final = ("/dev/fuse", "/dev/fuse", "rwm")
_PERMISSIONS: Final = {"r": "read", "w": "write", "m": "mknod"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounting:
    """What Fusion needs of a container's definition.

    Args:
        privileged: All privileges, instead of SYS_ADMIN and ``/dev/fuse``.

        secrets: Variables by the ARN of what holds them.
    """

    privileged: bool
    secrets: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, spec: TaskSpec, fusion: Fusion) -> Mounting | None:
        """What it needs of this task's result container; None for tasks that are not under it."""
        if not fused.is_on(spec, fusion):
            return None
        container = next(c for c in spec.all_containers if c.name == spec.result_container)
        # ECS takes no name as a secret and as a plain variable: the task's own wins.
        own = dict((*container.environment, *container.options.environment, *container.secrets))
        secrets = tuple(pair for pair in fused.secrets(fusion) if pair[0] not in own)
        return cls(privileged=fusion.privileged, secrets=secrets)


def render_container(
    container: ContainerSpec,
    logging: dict[str, Any],
    *,
    mounts: Iterable[Volume],
    mounting: Mounting | None,
    disk: str | None,
) -> dict[str, Any]:
    """The container with these volumes; ``disk`` is where the task's EBS volume appears in it."""
    options = container.options
    secrets = (*container.secrets, *(mounting.secrets if mounting else ()))
    optional: dict[str, object] = {
        "entryPoint": _list(container.entry_point),
        "workingDirectory": container.working_directory or options.working_directory,
        "user": container.user or options.user,
        "stopTimeout": container.stop_timeout,
        "dependsOn": [{"containerName": d.container, "condition": d.condition} for d in container.depends_on]
        or None,
        "healthCheck": _health_check(container.health_check) if container.health_check else None,
        "privileged": options.privileged or (mounting is not None and mounting.privileged) or None,
        "readonlyRootFilesystem": options.read_only or None,
        "ulimits": [{"name": n, "softLimit": soft, "hardLimit": hard} for n, soft, hard in options.ulimits]
        or None,
        "linuxParameters": _linux_parameters(container, mounting) or None,
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in secrets] or None,
        "mountPoints": _mount_points(mounts, disk) or None,
    }
    return {
        "name": container.name,
        "image": container.container or NO_IMAGE,
        "essential": container.essential,
        "logConfiguration": logging,
    } | {name: value for name, value in optional.items() if value is not None}


def render_volume(volume: Volume) -> dict[str, Any]:
    """The source of a volume, as the definition has it once for all its containers."""
    if volume.host_path is not None:
        return {"name": volume.name, "host": {"sourcePath": volume.host_path}}
    efs: dict[str, Any] = {"fileSystemId": volume.efs}
    if volume.efs_path is not None:
        efs["rootDirectory"] = volume.efs_path
    if volume.is_encrypted_in_transit:
        efs["transitEncryption"] = "ENABLED"
        access = {"accessPointId": volume.access_point, "iam": "ENABLED" if volume.iam else None}
        efs["authorizationConfig"] = {name: value for name, value in access.items() if value is not None}
    return {"name": volume.name, "efsVolumeConfiguration": efs}


def _linux_parameters(container: ContainerSpec, mounting: Mounting | None) -> dict[str, Any]:
    options = container.options
    by_device = mounting is not None and not mounting.privileged and not options.privileged
    added = {*options.add_capabilities, *(("SYS_ADMIN",) if by_device else ())}
    devices = dict.fromkeys((*options.devices, *((_FUSE,) if by_device else ())))
    capabilities = {"add": sorted(added), "drop": list(options.drop_capabilities)}
    optional: dict[str, object] = {
        "capabilities": {name: value for name, value in capabilities.items() if value} or None,
        "devices": [_device(each) for each in devices] or None,
        "initProcessEnabled": options.init or None,
        "tmpfs": [_tmpfs(*each) for each in options.tmpfs] or None,
        "sharedMemorySize": options.shared_memory,
        "maxSwap": options.memory_swap,
        "swappiness": options.swappiness,
    }
    return {name: value for name, value in optional.items() if value is not None}


def _device(device: Device) -> dict[str, Any]:
    host, inside, permissions = device
    return {
        "hostPath": host,
        "containerPath": inside,
        "permissions": [_PERMISSIONS[each] for each in permissions],
    }


def _tmpfs(path: str, size_mib: int, options: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"containerPath": path, "size": size_mib}
    return found | {"mountOptions": list(options)} if options else found


def _mount_points(mounts: Iterable[Volume], disk: str | None) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    for volume in mounts:
        point = {"sourceVolume": volume.name, "containerPath": volume.mount_path}
        points.append(point | {"readOnly": True} if volume.read_only else point)
    if disk is not None:
        points.append({"sourceVolume": EBS_VOLUME, "containerPath": disk})
    return points


def _health_check(check: HealthCheck) -> dict[str, Any]:
    return {
        "command": list(check.command),
        "interval": check.interval,
        "timeout": check.timeout,
        "retries": check.retries,
        "startPeriod": check.start_period,
    }


def _list(value: Any) -> list[str] | None:  # noqa: ANN401 (a sequence, or None)
    return None if value is None else list(value)
