"""Whether a provider could ever launch an instance that holds the task.

Fargate has sizes instead of instances: see ``fargate``. Of an EC2 provider's instances nothing is known but
what the task itself says of them: a machine type, an accelerator.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from awsecs_async.engine.placement.explanation import Explanation
from awsecs_async.engine.placement.fleet import ANYTHING, largest, may_be_unknown
from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model import units
from awsecs_async.model.placement import Kind

if TYPE_CHECKING:
    from awsecs_async.engine.placement.need import Need
    from awsecs_async.model.placement import InstanceRequirements, Provider

MAX_VCPUS: Final = 192  # API_RegisterTaskDefinition, cpu: 196,608 units
MIN_CPU_UNITS: Final = 128  # as MAX_VCPUS

# AWS calls what such a provider launches general-purpose, and chosen by what the task requires; whether that
# takes in GPUs is not said. Sources: create-capacity-provider-managed-instances, and the page on its types.
_GENERAL_PURPOSE: Final = (
    "accelerator: {} has no instanceRequirements, and may launch general-purpose instances only; if no GPU "
    "comes, give it acceleratorTypes or allowedInstanceTypes"
)


def check(need: Need, provider: Provider) -> None:
    """Nothing, if some instance that the provider may launch could hold the task, or nobody knows.

    Raises:
        Misfit: if none could, with the nearest.
    """
    if need.cpus > MAX_VCPUS:
        raise Misfit(
            "cpus", f"{need.cpus:g} vCPUs are more than ECS gives a task; ask for {MAX_VCPUS} or fewer"
        )
    if provider.kind is Kind.EC2 and not any(need.machine.choices):
        return
    wanted = provider.requirements or ANYTHING
    if fits(need, wanted, provider.kind) or (
        may_be_unknown(wanted, need.machine) and _is_in_range(need, wanted)
    ):
        return
    explanation = Explanation(need, provider, fits_elsewhere=fits(need, ANYTHING, provider.kind))
    raise explanation.misfit()


def fits(need: Need, wanted: InstanceRequirements, kind: Kind) -> bool:
    """Whether a known type that satisfies the requirements holds the task."""
    sizes = largest(wanted, kind, need.machine)
    return any(need.cpus <= vcpus and need.memory_mib <= memory_mib for vcpus, memory_mib in sizes)


def size(need: Need, provider: Provider) -> tuple[int, int, tuple[str, ...]]:
    """CPU units and MiB of the task, any from ECS's least, and what is to be said about its machine."""
    cpu_units, remarks = units.cpu_units(need.cpus), need.machine.remarks
    if cpu_units < MIN_CPU_UNITS:
        cpu_units = MIN_CPU_UNITS
        least = MIN_CPU_UNITS / units.CPU_UNITS_PER_VCPU
        remarks += (f"cpus {need.cpus:g} raised to {least:g}: the least that ECS gives a task",)
    if need.machine.gpus and provider.kind is Kind.MANAGED_INSTANCES and provider.requirements is None:
        remarks += (_GENERAL_PURPOSE.format(provider.word),)
    return cpu_units, need.memory_mib, remarks


def _is_in_range(need: Need, wanted: InstanceRequirements) -> bool:
    most_vcpus, most_memory_mib = wanted.vcpus[1], wanted.memory_mib[1]
    return need.cpus <= (most_vcpus or math.inf) and need.memory_mib <= (most_memory_mib or math.inf)
