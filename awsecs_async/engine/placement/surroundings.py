"""What of a container's surroundings a kind of capacity cannot give: privileges, devices, host directories.

Sources: fargate-tasks-services; task_definition_parameters-managed-instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.placement import Kind
from awsecs_async.model.quotas import STOP_TIMEOUT_MAX_FARGATE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.volumes import Volume

_FARGATE_CAPABILITY: Final = "SYS_PTRACE"  # the only one that may be added there
_LACKING: Final = {
    Kind.FARGATE: ("privileged", "devices", "tmpfs", "shared_memory", "memory_swap", "swappiness"),
    Kind.MANAGED_INSTANCES: ("shared_memory", "memory_swap", "swappiness"),
    Kind.EC2: (),
}
_WORDS: Final = {Kind.FARGATE: "Fargate", Kind.MANAGED_INSTANCES: "Managed Instances", Kind.EC2: "EC2"}


def check(container: ContainerSpec, kind: Kind, given: Iterable[Volume] = ()) -> None:
    """Nothing, if this kind of capacity can give the container what it asks of its surroundings.

    ``given`` are the volumes that it has by the settings.

    Raises:
        Misfit: if not.
    """
    most = STOP_TIMEOUT_MAX_FARGATE_SECONDS
    if kind is Kind.FARGATE and (container.stop_timeout or 0) > most:
        raise Misfit(
            "stop_timeout",
            f"Fargate waits {most} seconds at most, not {container.stop_timeout}; ask for less{_else(kind)}",
        )
    options = container.container_options
    if isinstance(options, ContainerOptions):
        for name in _LACKING[kind]:
            value = getattr(options, name)
            if value or (value == 0 and value is not False):  # to have no swap is asked for, too
                able = Kind.MANAGED_INSTANCES if name in _LACKING[Kind.MANAGED_INSTANCES] else kind
                raise Misfit(
                    "container_options", f"{_WORDS[kind]} cannot give {name}; leave it out{_else(able)}"
                )
        added = [each for each in options.add_capabilities if each != _FARGATE_CAPABILITY]
        if kind is Kind.FARGATE and added:
            raise Misfit(
                "container_options",
                f"Fargate adds no capability but {_FARGATE_CAPABILITY}, not {added[0]}; leave it out"
                f"{_else(kind)}",
            )
    for volume in container.all_volumes:
        if kind is Kind.FARGATE and volume.host_path:
            raise Misfit(
                "volumes",
                f"Fargate has no directory {volume.host_path} of a host; use EFS, S3 or disk{_else(kind)}",
            )
    for volume in given:
        if kind is Kind.FARGATE and volume.host_path:
            raise Misfit(
                "volumes",
                f"Fargate has no directory {volume.host_path} of a host, and volumes under [aws.ecs] mounts "
                f"it in every task; use EFS there{_else(kind)}",
            )


def _else(kind: Kind) -> str:
    return ", or use Managed Instances" if kind is Kind.FARGATE else ", or use EC2"
