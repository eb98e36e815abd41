"""Where a task will run, once that is decided: the value between ``engine/placement`` and a launch.

``Kind`` is the kind of capacity, because ECS's rules differ by it: Managed Instances are asked for
through a capacity provider strategy and never by launch type; Fargate has a table of sizes and a
launch rate; EC2 takes either.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from awsecs_async.model.settings import NetworkMode


class Kind(Enum):
    """The kinds of capacity, by ECS's ``requiresCompatibilities`` names."""

    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    FARGATE = "FARGATE"
    EC2 = "EC2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A capacity provider of a cluster, or a bare launch type where ``name`` is None."""

    name: str | None
    kind: Kind
    is_spot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The decision for one task: also the lane that it queues in (target and provider).

    Args:
        cpu_units: Task size in 1/1024 vCPU, already a size the provider accepts.

        memory_mib: Task size in MiB, already a size the provider accepts.
    """

    target: str
    cluster: str
    provider: Provider
    network_mode: NetworkMode
    cpu_units: int
    memory_mib: int

    @property
    def lane(self) -> tuple[str, str]:
        """What shares capacity and limits: (target name, provider name or launch type)."""
        return self.target, self.provider.name or self.provider.kind.value
