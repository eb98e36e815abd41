"""What EC2's instance types hold: vCPUs, memory, architecture, accelerators, local disk.

ECS tells which types a capacity provider may launch by name, and nothing about what a name holds. This
catalogue says it, so that a task that no allowed type could carry is refused at once with the nearest that
would, instead of waiting for capacity that cannot come.

AWS adds types every month. A type that is not here is *nothing known*, never a mistake: whoever asks
``instance_type`` and gets None lets the task through. The figures are EC2's nominal ones: local disk to
within a per cent or so, memory before the system's own share of it.

The catalogue is built at first use, so that importing it costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from awsecs_async.model.instances.families import ACCELERATED, GENERAL

Architecture = Literal["X86_64", "ARM64"]

_GIB_BY_LETTER: Final = {"c": 2.0, "m": 4.0, "r": 8.0}
_VCPUS_BY_SIZE: Final = {"medium": 1, "large": 2, "xlarge": 4}
_SIZE: Final = re.compile(r"([^=~@:]+)(?:=(\d+))?(?:~([\d.]+))?(?:@(\d+))?(?::([\d.]+))?")
_GRAVITON: Final = re.compile(r"a1|[a-z]+\d+g[a-z]*")  # the letter after the generation is the maker's


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """What one instance type holds.

    Args:
        name: As EC2 writes it, such as ``"c6i.2xlarge"``.

        vcpus: How many vCPUs it has.

        memory_mib: All of its memory in MiB; tasks get less, because the system keeps some.

        architecture: ``"X86_64"`` or ``"ARM64"``, as ECS writes them.

        gpus: How many accelerators of any make it has; 0.125, 0.25 or 0.5 where it is a part of one.

        accelerator: Which, in the spelling of AWS's ``acceleratorNames``, such as ``"a10g"``.

        local_storage_gb: Disk in the machine itself (instance store) in GB; 0 means none.
    """

    name: str
    vcpus: int
    memory_mib: int
    architecture: Architecture
    gpus: float = 0
    accelerator: str | None = None
    local_storage_gb: int = 0

    @property
    def family(self) -> str:
        """The part before the point, such as ``"c6i"``."""
        return self.name.partition(".")[0]

    @property
    def is_bare_metal(self) -> bool:
        """Whether the whole machine is rented, without a hypervisor."""
        return self.name.partition(".")[2].startswith("metal")

    @property
    def is_burstable(self) -> bool:
        """Whether its vCPUs are paid by credits (the T families)."""
        return self.name.startswith("t") and self.name[1:2].isdigit()


def instance_type(name: str) -> InstanceType | None:
    """What is known of the type of this name; None when nothing is."""
    return _catalogue().get(name)


class _Catalogue(Mapping[str, InstanceType]):
    """All known types by name, sorted by family as in the table; built when somebody first looks."""

    def __getitem__(self, name: str) -> InstanceType:
        return _catalogue()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_catalogue())

    def __len__(self) -> int:
        return len(_catalogue())

    def __repr__(self) -> str:
        return f"<catalogue of {len(self)} instance types>"


CATALOGUE: Final[Mapping[str, InstanceType]] = _Catalogue()


@cache
def _catalogue() -> dict[str, InstanceType]:
    found: dict[str, InstanceType] = {}
    for table in (GENERAL, ACCELERATED):
        for row in table.strip().splitlines():
            names, gib, local_gb, sizes = (cell.strip() for cell in row.split("|"))
            families = names.split()
            accelerator = families.pop() if table is ACCELERATED else None
            for family in families:
                for size in sizes.split():
                    made = _made(family, size, _gib_per_vcpu(family, gib), float(local_gb), accelerator)
                    found[made.name] = made
    return found


def _gib_per_vcpu(family: str, cell: str) -> float:
    return _GIB_BY_LETTER[family[0]] if cell == "c m r" else float(cell)


def _made(
    family: str, size: str, gib_per_vcpu: float, local_gb: float, accelerator: str | None
) -> InstanceType:
    match = _SIZE.fullmatch(size)
    if match is None:
        raise AssertionError(f"the table of instance families has a size nobody can read: {family} {size}")
    short, vcpus_here, gib_here, local_here, gpus = match.groups()
    vcpus = int(vcpus_here or _VCPUS_BY_SIZE.get(short) or 4 * int(short.removeprefix("metal-")))
    return InstanceType(
        name=f"{family}.{_long(short)}",
        vcpus=vcpus,
        memory_mib=int(1024 * float(gib_here or gib_per_vcpu * vcpus)),
        architecture="ARM64" if _GRAVITON.fullmatch(family) else "X86_64",
        gpus=float(gpus or 0),
        accelerator=accelerator,
        local_storage_gb=int(local_here or local_gb * vcpus),
    )


def _long(size: str) -> str:
    if size.isdigit():
        return f"{size}xlarge"
    return f"{size}xl" if size.startswith("metal-") else size
