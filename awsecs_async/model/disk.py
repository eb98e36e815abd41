"""The EBS volume that a disk becomes: sizes raised to what there is, the rest within what its type has.

ECS makes the volume when it launches the task, and deletes it with the task. A request that EC2's
CreateVolume would refuse fails only then, minutes later and as the task's own failure; so the rules stand
here and are asked at submit. What is too small is raised, and it says so; what is too much is refused with
the most there is. Source: API_TaskManagedEBSVolumeConfiguration; least sizes: 30 GiB by the specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import units
from awsecs_async.model.placement import Ebs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsecs_async.model.resources import Disk, VolumeType

LARGEST_GIB: Final = 16_384
DEFAULT_TYPE: Final = "gp3"
_GP3_IOPS: Final = 3_000  # that come with every gp3 volume
_IOPS_PER_THROUGHPUT: Final = 4  # gp3: at most 0.25 MiB/s for each operation a second


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRules:
    """What a volume type has.

    Args:
        least_gib: Smaller ones are raised to this.

        iops: The range of operations a second that can be asked for; None where none can.

        iops_per_gib: No more than this for each GiB.

        needs_iops: Whether they must be asked for.

        throughput: The range of MiB a second that can be asked for; None where none can.
    """

    least_gib: int = 30
    iops: tuple[int, int] | None = None
    iops_per_gib: int = 0
    needs_iops: bool = False
    throughput: tuple[int, int] | None = None


RULES: Final[Mapping[VolumeType, VolumeRules]] = MappingProxyType(
    {
        "gp2": VolumeRules(),
        "gp3": VolumeRules(iops=(3_000, 16_000), iops_per_gib=500, throughput=(125, 1_000)),
        "io1": VolumeRules(iops=(100, 64_000), iops_per_gib=50, needs_iops=True),
        "io2": VolumeRules(iops=(100, 256_000), iops_per_gib=1_000, needs_iops=True),
        "st1": VolumeRules(least_gib=125),
        "sc1": VolumeRules(least_gib=125),
    }
)


def asks_for_volume(disk: Disk) -> bool:
    """Whether only a volume of its own will do, and no storage that a provider has anyway."""
    return any(each is not None for each in (disk.type, disk.iops, disk.throughput, disk.filesystem))


def volume(disk: Disk, role: str) -> tuple[Ebs, tuple[str, ...]]:
    """The volume for this disk, made with this role, and a remark where its size was raised.

    Raises:
        InvalidTask: if EBS has no such volume, naming the nearest that it has.
    """
    kind = disk.type or DEFAULT_TYPE
    rules = RULES[kind]
    size_gib = max(disk.gib, rules.least_gib)
    if size_gib > LARGEST_GIB:
        raise InvalidTask(
            "disk", f"{size_gib:,} GB is more than EBS's largest volume, 16,384 GB; ask for '16 TB' or less"
        )
    _check_iops(disk, kind, size_gib)
    _check_throughput(disk, kind)
    made = Ebs(
        role=role,
        size_gib=size_gib,
        type=kind,
        mount_path=disk.mount_path,
        iops=disk.iops,
        throughput=disk.throughput,
        encrypted=disk.encrypted,
        filesystem=disk.filesystem,
    )
    if size_gib == disk.gib:
        return made, ()
    return made, (f"disk {_gib(disk.gib)} raised to {_gib(size_gib)}, the least that {kind} has",)


def _check_iops(disk: Disk, kind: VolumeType, size_gib: int) -> None:
    rules = RULES[kind]
    if disk.iops is None:
        if rules.needs_iops:
            raise InvalidTask(
                "disk", f"{kind} has as many iops as are paid for; say how many, such as iops=3000"
            )
        return
    if rules.iops is None:
        raise InvalidTask("disk", f"{kind} takes no iops; leave them out, or take type='gp3'")
    least, most = rules.iops
    most = min(most, max(rules.iops_per_gib * size_gib, least))
    if not least <= disk.iops <= most:
        raise InvalidTask(
            "disk",
            f"{disk.iops:,} iops; {kind} has {least:,} to {most:,} with a volume of {_gib(size_gib)}",
        )


def _check_throughput(disk: Disk, kind: VolumeType) -> None:
    if disk.throughput is None:
        return
    rules = RULES[kind]
    if rules.throughput is None:
        raise InvalidTask("disk", f"{kind} takes no throughput; leave it out, or take type='gp3'")
    least, most = rules.throughput
    if not least <= disk.throughput <= most:
        raise InvalidTask(
            "disk", f"a throughput of {disk.throughput:,} MiB/s; a gp3 volume has {least} to {most:,}"
        )
    needed = disk.throughput * _IOPS_PER_THROUGHPUT
    if needed > (disk.iops or _GP3_IOPS):
        raise InvalidTask(
            "disk", f"a throughput of {disk.throughput:,} MiB/s takes {needed:,} iops; say iops={needed}"
        )


def _gib(size: int) -> str:
    return units.format_memory(size * 1024)
