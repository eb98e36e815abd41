"""Fargate's own rules: sizes from a table, no GPUs, no choice of machine, no privileges.

Source: AmazonECS/latest/developerguide/fargate-tasks-services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model import quotas, units

if TYPE_CHECKING:
    from awsecs_async.engine.placement.need import Need


def check(need: Need) -> None:
    """Nothing, if Fargate has what is asked.

    Raises:
        Misfit: if not.
    """
    if need.machine.gpus:
        raise Misfit("accelerator", "Fargate has no GPUs; use Managed Instances or EC2")
    if need.machine.types:
        raise Misfit(
            "machine_type", "Fargate lets nobody choose its machines; leave it out, or use Managed Instances"
        )
    if need.fusion:
        raise Misfit(
            "fusion",
            "needs /dev/fuse and SYS_ADMIN (or privileges), which Fargate gives no container; use Managed "
            "Instances or EC2, or set fusion=False",
        )


def size(need: Need) -> tuple[int, int, tuple[str, ...]]:
    """CPU units and MiB of the smallest size of Fargate's table that holds the task, and what was raised.

    Raises:
        Misfit: if no size does.
    """
    cpu_asked, memory_asked = units.cpu_units(need.cpus), need.memory_mib
    for cpu_units, memories in sorted(quotas.FARGATE_SIZES.items()):
        fitting = [memory for memory in memories if memory >= memory_asked]
        if cpu_units >= cpu_asked and fitting:
            return cpu_units, min(fitting), _raised(need, cpu_units, min(fitting))
    largest = max(quotas.FARGATE_SIZES)
    raise Misfit(
        "cpus, memory",
        f"{need.cpus:g} vCPU with {units.format_memory(memory_asked)} is more than Fargate's largest, "
        f"{largest / 1024:g} vCPU with {units.format_memory(max(quotas.FARGATE_SIZES[largest]))}; "
        "ask for less, or use Managed Instances",
    )


def _raised(need: Need, cpu_units: int, memory_mib: int) -> tuple[str, ...]:
    remarks = []
    cpu_asked, memory_asked = units.cpu_units(need.cpus), units.format_memory(need.memory_mib)
    cpus = f"{cpu_units / units.CPU_UNITS_PER_VCPU:g}"
    if cpu_units > cpu_asked:
        is_nearest = not any(cpu_asked <= other < cpu_units for other in quotas.FARGATE_SIZES)
        why = "Fargate's nearest size" if is_nearest else f"Fargate's least with {memory_asked}"
        remarks.append(f"cpus {need.cpus:g} raised to {cpus}: {why}")
    if memory_mib > need.memory_mib:
        given = units.format_memory(memory_mib)
        remarks.append(f"memory {memory_asked} raised to {given}: Fargate's nearest size with {cpus} vCPU")
    return tuple(remarks)
