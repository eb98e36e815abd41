"""Where a task's disk is: a volume of its own, Fargate's ephemeral storage, or the instance's.

An EBS volume needs the target's infrastructure role, with which ECS makes it. Without one, Fargate gives up
to 200 GiB, and Managed Instances what their provider's instances have, shared with the other tasks there.
Sources: ebs-volumes; fargate-task-storage; CreateCapacityProvider, storageConfiguration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from awsecs_async.engine.placement.fleet import ANYTHING, may_be_unknown, most_local_gb
from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model import quotas, units
from awsecs_async.model.disk import asks_for_volume, volume
from awsecs_async.model.placement import Ebs, Kind
from awsecs_async.model.resources import DEFAULT_MOUNT_PATH

if TYPE_CHECKING:
    from awsecs_async.engine.placement.need import Need
    from awsecs_async.model.placement import Provider
    from awsecs_async.model.resources import Disk

INSTANCE_STORAGE_GIB: Final = 80  # of a Managed Instance where its provider says nothing; ECS's default
_EPHEMERAL: Final = quotas.FARGATE_EPHEMERAL_GIB
_GB_PER_GIB: Final = 1024**3 / 1000**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the disk is; nothing set means that what is there anyway suffices."""

    ebs: Ebs | None = None
    ephemeral_gib: int | None = None
    remarks: tuple[str, ...] = ()


def storage(need: Need, provider: Provider, role: str | None) -> Storage:
    """The task's disk at this provider.

    Raises:
        Misfit: if the provider has no such disk.

        InvalidTask: if EBS has no such volume.
    """
    disk = need.disk
    if disk is None:
        return Storage()
    if provider.kind is Kind.FARGATE and not asks_for_volume(disk) and disk.gib < _EPHEMERAL.stop:
        gib = disk.gib if disk.gib >= _EPHEMERAL.start else None  # 20 come free, and encrypted they all are
        return Storage(ephemeral_gib=gib, remarks=_unmounted(disk))
    if role is not None:
        ebs, remarks = volume(disk, role)
        return Storage(ebs=ebs, remarks=remarks)
    if asks_for_volume(disk) or disk.encrypted or provider.kind is not Kind.MANAGED_INSTANCES:
        raise Misfit("disk", _without_role(disk, provider))
    return _shared(need, disk, provider)


def _without_role(disk: Disk, provider: Provider) -> str:
    own = "iops, throughput, encryption or a file system of its own"
    asks = asks_for_volume(disk) or disk.encrypted
    wanted = f"type {disk.type}" if disk.type else own if asks else _gib(disk.gib)
    most = f"ask for {_gib(_EPHEMERAL.stop - 1)} or less and no more, or "
    return (
        f"{wanted} at {provider.word} takes an EBS volume, which ECS makes with a role of yours; "
        f"{most if provider.kind is Kind.FARGATE else ''}set infrastructureRole under [aws.ecs]"
    )


def _shared(need: Need, disk: Disk, provider: Provider) -> Storage:
    """The instance's own storage, if it is large enough."""
    if provider.uses_local_storage:
        most = _local_gib(need, provider)
        if most is None:
            return Storage(remarks=_unmounted(disk))
    else:
        most = INSTANCE_STORAGE_GIB if provider.storage_gib is None else provider.storage_gib
    if disk.gib <= most:
        remark = (
            f"disk {_gib(disk.gib)} is part of the {_gib(most)} that the tasks on an instance of "
            f"{provider.word} share; set infrastructureRole for a volume of its own"
        )
        return Storage(remarks=(remark, *_unmounted(disk)))
    raise Misfit(
        "disk",
        f"{_gib(disk.gib)} is more than the {_gib(most)} of {provider.word}'s instances; set "
        f"infrastructureRole for a volume of its own, ask for {_gib(most)} or less, or raise the provider's "
        "storageSizeGiB",
    )


def _unmounted(disk: Disk) -> tuple[str, ...]:
    """What to say of a mount path where there is no volume to be mounted."""
    if disk.mount_path == DEFAULT_MOUNT_PATH:
        return ()
    return (f"nothing is mounted at {disk.mount_path}: this storage is the container's own, at /",)


def _local_gib(need: Need, provider: Provider) -> int | None:
    """The most that an instance for this task has on disks of its own; None where nobody knows."""
    wanted = provider.requirements or ANYTHING
    if may_be_unknown(wanted, need.machine):
        return None
    return int(most_local_gb(wanted, provider.kind, need.machine) / _GB_PER_GIB)


def _gib(size: int) -> str:
    return units.format_memory(size * 1024)
