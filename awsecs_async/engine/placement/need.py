"""What a task needs of any provider: its spec with the defaults filled in and its words looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.engine.placement.machine import Machine, machine
from awsecs_async.model import fused
from awsecs_async.model.network import Network
from awsecs_async.model.resources import Accelerator, Disk

if TYPE_CHECKING:
    from awsecs_async.model.settings import Settings, Target
    from awsecs_async.model.task import TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One task's needs; the sizes are those asked for, not yet any provider's."""

    cpus: float
    memory_mib: int
    machine: Machine
    disk: Disk | None = None
    network: Network
    fusion: bool = False


def need_of(spec: TaskSpec, target: Target, settings: Settings) -> Need:
    """The needs of this task on that target.

    Raises:
        InvalidTask: if its accelerator or machine types cannot be read.

        Refused: if they contradict each other, or the architecture.
    """
    is_arm = (spec.architecture or target.architecture) == "ARM64"
    return Need(
        cpus=spec.cpus if isinstance(spec.cpus, float) else settings.default_cpus,
        memory_mib=spec.memory if isinstance(spec.memory, int) else settings.default_memory,
        machine=machine(
            "ARM64" if is_arm else "X86_64",
            spec.accelerator if isinstance(spec.accelerator, Accelerator) else None,
            tuple(spec.machine_type or ()),
        ),
        disk=spec.disk if isinstance(spec.disk, Disk) else None,
        network=spec.network if isinstance(spec.network, Network) else Network(),
        fusion=fused.is_on(spec, settings.fusion),
    )
