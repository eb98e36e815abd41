"""What can be set about the local cloud, as frozen values.

The defaults are a patient cloud: AWS's documented quotas, room for everything, and short delays,
so that a first task answers at once and a dispatcher that is too fast is throttled as it would be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from awsecs_async.model.quotas import STOPPED_TASK_RETENTION_SECONDS, BucketQuota

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTANCE_DRAIN_SECONDS = 14 * 24 * 3_600  # managed-instances-patching
INSTANCE_LIFE_SECONDS = 21 * 24 * 3_600  # managed-instances-patching
NO_QUOTAS: Mapping[str, BucketQuota | None] = MappingProxyType({"*": None})  # for CloudSettings.quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long a task stays in each status, in seconds; 0 passes through it without a stop.

    `buying` is the time until an instance that was bought has registered; a task that waits for one
    stays in PROVISIONING. `pulling` is the time in PENDING. Real containers ignore it and
    `activating`: they take the time they take.
    """

    buying: float = 0.05
    provisioning: float = 0.02
    pulling: float = 0.02
    activating: float = 0.02
    deactivating: float = 0.0
    stopping: float = 0.02
    deprovisioning: float = 0.02

    @classmethod
    def none(cls) -> Delays:
        """A cloud that is done as soon as it is asked."""
        return cls(buying=0, provisioning=0, pulling=0, activating=0, stopping=0, deprovisioning=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much room each cluster's own instances have; Fargate is not counted.

    A full cluster answers RESOURCE:CPU or RESOURCE:MEMORY in `failures`, as one without managed
    scaling does; with `wait` its tasks stay in PROVISIONING until there is room, as with a
    capacity provider.
    """

    cpu_units: int  # 1024 units are one vCPU
    memory_mib: int
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """The local cloud's settings.

    `quotas` replaces quotas by category (ECS), operation (Logs, as "logs:FilterLogEvents") or
    "fargate-run-task", "fargate-launches", "fargate-spot-launches"; None lifts one, and the key
    "*" is for all that are not named. `auto_scaling_types` says which instance types an Auto Scaling
    group launches, by patterns of capacity providers' names: {"gpu-*": ("g5.*",)}; any without
    accelerators where nothing is said.
    """

    region: str = "us-east-1"
    account: str = "000000000000"
    delays: Delays = field(default_factory=Delays)
    quotas: Mapping[str, BucketQuota | None] = field(default_factory=lambda: MappingProxyType({}))
    capacity: Capacity | None = None  # None: room for everything
    retention_seconds: float = STOPPED_TASK_RETENTION_SECONDS  # how long stopped tasks are known
    idle_instance_seconds: float = 300  # until an idle instance goes, where its provider does not say
    instance_drain_seconds: float = (
        INSTANCE_DRAIN_SECONDS  # age of a Managed Instance that takes no more tasks
    )
    instance_life_seconds: float = INSTANCE_LIFE_SECONDS  # age at which it goes, and its tasks with it
    ec2_instances: tuple[str, ...] = ()  # types that stand in each cluster; (): one with room for everything
    auto_scaling_types: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    log_delay_seconds: float = 0.0  # from a line being written to its being found
    log_events_per_group: int = 2_000_000  # the oldest go when a group holds more
    seed: int | None = None  # makes ids and faults repeatable

    def quota(self, name: str, default: BucketQuota) -> BucketQuota | None:
        """The quota in force under `name`; None is no limit."""
        if name in self.quotas:
            return self.quotas[name]
        return self.quotas.get("*", default)
