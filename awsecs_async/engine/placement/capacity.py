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


def size(need: Need) -> tuple[int, int, tuple[str, ...]]:
    """CPU units and MiB of the task, and what was raised: any size from ECS's least."""
    cpu_units = units.cpu_units(need.cpus)
    if cpu_units >= MIN_CPU_UNITS:
        return cpu_units, need.memory_mib, ()
    least = MIN_CPU_UNITS / units.CPU_UNITS_PER_VCPU
    remark = f"cpus {need.cpus:g} raised to {least:g}: the least that ECS gives a task"
    return MIN_CPU_UNITS, need.memory_mib, (remark,)


def _is_in_range(need: Need, wanted: InstanceRequirements) -> bool:
    most_vcpus, most_memory_mib = wanted.vcpus[1], wanted.memory_mib[1]
    return need.cpus <= (most_vcpus or math.inf) and need.memory_mib <= (most_memory_mib or math.inf)
