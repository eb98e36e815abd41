"""What a task asks of the instance it runs on, as one value.

Tasks with the same need are alike to a fleet: the type that is bought for them, and whether an
instance may hold them, is found out once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from awsecs_async.local.ecs.expressions import expression
from awsecs_async.model.instances import InstanceType

_NO_RESOURCE: Final = frozenset({"radeon-pro-v520", "gaudi-hl-205"})  # accelerators that ECS does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The room and the kind of instance that a task needs."""

    cpu_units: int = 0  # 1024 units are one vCPU
    memory_mib: int = 0
    gpus: float = 0.0  # whole ones, or a fraction of one
    every_gpu: bool = False  # the instance's GPUs, however many: "ALL"
    neuron: bool = False  # the instance's Neuron devices, all of them
    architecture: str | None = None  # X86_64 or ARM64; None: whichever
    members_of: tuple[str, ...] = ()  # expressions of memberOf constraints
    distinct_from: str | None = None  # distinctInstance: no task of this group on the same instance

    @property
    def fractional(self) -> bool:
        """Whether it asks for a part of a GPU."""
        return 0 < self.gpus < 1

    @property
    def is_choosy(self) -> bool:
        """Whether it asks for more than processors and memory."""
        return bool(
            self.architecture
            or self.members_of
            or self.gpus
            or self.every_gpu
            or self.neuron
            or self.distinct_from is not None
        )

    def lack(self, kind: InstanceType) -> str | None:
        """What an empty instance of this type has too little of, in RESOURCE's words; None if it holds it."""
        if self.architecture is not None and kind.architecture != self.architecture:
            return "ATTRIBUTE"
        if not self._has_gpus(kind):
            return "RESOURCE:GPU"
        if self.neuron and not is_neuron(kind):
            return "ATTRIBUTE"
        if self.cpu_units > kind.vcpus * 1024:
            return "RESOURCE:CPU"
        return "RESOURCE:MEMORY" if self.memory_mib > kind.memory_mib else None

    def _has_gpus(self, kind: InstanceType) -> bool:
        if self.every_gpu:
            return gpus_of(kind) >= 1
        if self.fractional:
            return self.gpus <= gpus_of(kind) < 1  # whole GPUs are not shared
        return self.gpus <= gpus_of(kind)

    def permits(self, attributes: Mapping[str, str]) -> bool:
        """Whether every memberOf constraint holds for an instance with these attributes."""
        return all(expression(text)(attributes) for text in self.members_of)


def gpus_of(kind: InstanceType) -> float:
    """How many GPUs ECS can hand out of this type: NVIDIA's, whole ones or a part of one."""
    return 0.0 if is_neuron(kind) or kind.accelerator in _NO_RESOURCE else kind.gpus


def is_neuron(kind: InstanceType) -> bool:
    """Whether it has Neuron devices, which ECS gives a task all or none."""
    return (kind.accelerator or "").startswith(("inferentia", "trainium"))
