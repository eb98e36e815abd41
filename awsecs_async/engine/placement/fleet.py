"""The instance types that a provider may launch, as far as the catalogue knows them.

Of a Managed Instances provider this is what its instanceRequirements let through. What the requirements
name and the catalogue has not heard of may hold anything, and so refuses nothing.
Source: API_InstanceRequirementsRequest of ECS; managed-instances-instance-types.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from awsecs_async.engine.placement.machine import known
from awsecs_async.model.accelerators import CHIPS
from awsecs_async.model.instances import CATALOGUE
from awsecs_async.model.machine_type import matches, narrowed, within
from awsecs_async.model.placement import InstanceRequirements, Kind
from awsecs_async.model.resources import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsecs_async.engine.placement.machine import Machine
    from awsecs_async.model.instances import InstanceType

_REMEMBERED: Final = 1_024
ANYTHING: Final = InstanceRequirements()

# Managed Instances launch neither these families, nor nano and micro sizes, nor a single vCPU.
_NOT_MANAGED: Final = frozenset(
    {"a1", "c4", "d2", "h1", "i3", "m4", "p3", "r4", "t2", "x1", "x1e", "u-3tb1", "u-6tb1"}
)
_GPU_FAMILIES: Final = frozenset(
    family for chip in CHIPS.values() if chip.resource == "GPU" for family in chip.families + chip.parts
)
_INFERENCE: Final = ("inferentia", "trainium", "gaudi")

# What an instance keeps for its system and agent, so that tasks get less than its nominal memory. AWS says
# no figure; measured instances keep 3 to 6 % of little memory and 1 % of much. Less is assumed here, so that
# nothing is refused that would fit.
_KEPT_SHARE: Final = 0.025
_KEPT_MOST_MIB: Final = 2_048


def task_memory_mib(of: InstanceType) -> int:
    """The most memory that tasks on an instance of this type could have, in MiB."""
    return of.memory_mib - min(int(of.memory_mib * _KEPT_SHARE), _KEPT_MOST_MIB)


@lru_cache(_REMEMBERED)
def fleet(requirements: InstanceRequirements, kind: Kind) -> tuple[InstanceType, ...]:
    """The known types that satisfy the requirements."""
    return tuple(
        each
        for each in CATALOGUE.values()
        if (kind is not Kind.MANAGED_INSTANCES or _is_managed(each)) and _satisfies(each, requirements)
    )


@lru_cache(_REMEMBERED)
def largest(requirements: InstanceRequirements, kind: Kind, machine: Machine) -> tuple[tuple[int, int], ...]:
    """(vCPUs, MiB for tasks) of the fleet's types that are such machines and not surpassed in both."""
    sizes = {(each.vcpus, task_memory_mib(each)) for each in _machines(requirements, kind, machine)}
    return tuple(
        size for size in sizes if not any(o != size and o[0] >= size[0] and o[1] >= size[1] for o in sizes)
    )


@lru_cache(_REMEMBERED)
def most_local_gb(requirements: InstanceRequirements, kind: Kind, machine: Machine) -> int:
    """The most GB of their own disks that the fleet's types have that are such machines."""
    found = _machines(requirements, kind, machine)
    return max((each.local_storage_gb for each in found), default=0)


def _machines(requirements: InstanceRequirements, kind: Kind, machine: Machine) -> Iterator[InstanceType]:
    for each in fleet(requirements, kind):
        is_chosen = (any(matches(p, each.name) for p in side) for side in machine.choices if side)
        if each.architecture == machine.architecture and has_gpus(each, machine.gpus) and all(is_chosen):
            yield each


def has_gpus(of: InstanceType, count: float) -> bool:
    """Whether an instance of this type has so many GPUs, or such a part of one, for a task."""
    if not count:
        return True
    if of.family not in _GPU_FAMILIES:
        return False
    return count == ALL or (of.gpus >= count and (of.gpus < 1) == (count < 1))


@lru_cache(_REMEMBERED)
def may_be_unknown(requirements: InstanceRequirements, machine: Machine) -> bool:
    """Whether the requirements may let through a type that the catalogue has not."""
    left = requirements.allowed or ("*",)
    for side in machine.choices:
        left = narrowed(left, side) if side else left
    if any(name.lower() not in _accelerators() for name in requirements.accelerator_names):
        return bool(left)
    return any(
        not known(each) for each in left if not any(within(each, out) for out in requirements.excluded)
    )


@cache
def _accelerators() -> frozenset[str]:
    return frozenset(each.accelerator for each in CATALOGUE.values() if each.accelerator)


def _is_managed(of: InstanceType) -> bool:
    size = of.name.partition(".")[2]
    return of.vcpus > 1 and size not in {"nano", "micro"} and of.family not in _NOT_MANAGED


def _satisfies(of: InstanceType, wanted: InstanceRequirements) -> bool:
    return (
        _in_range(of.vcpus, wanted.vcpus)
        and _in_range(of.memory_mib, wanted.memory_mib)
        and (not wanted.allowed or any(matches(pattern.lower(), of.name) for pattern in wanted.allowed))
        and not any(matches(pattern.lower(), of.name) for pattern in wanted.excluded)
        and (not wanted.accelerator_names or of.accelerator in {n.lower() for n in wanted.accelerator_names})
        and (not wanted.accelerator_types or any(_is_type(of, each) for each in wanted.accelerator_types))
        and (wanted.accelerator_count is None or _in_range(math.ceil(of.gpus), wanted.accelerator_count))
    )


def _in_range(value: int, limits: tuple[int, int | None]) -> bool:
    least, most = limits
    return least <= value and (most is None or value <= most)


def _is_type(of: InstanceType, accelerator_type: str) -> bool:
    if of.accelerator is None:
        return False
    return of.accelerator.startswith(_INFERENCE) == (accelerator_type == "inference")
