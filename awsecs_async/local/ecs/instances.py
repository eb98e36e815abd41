"""Container instances: machines that were bought, or stood there, and what is left of their room.

An instance is a record: whatever really carries its tasks' containers out, this is the machine
that ECS would show for it, with its type's processors, memory and GPUs, its zone and its subnet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsecs_async.local.ecs.needs import Need, gpus_of, is_neuron
from awsecs_async.local.ecs.tasks import BEFORE_RUNNING, RUNNING, Task
from awsecs_async.local.wire import Wire
from awsecs_async.model.instances import InstanceType

if TYPE_CHECKING:
    from awsecs_async.local.ecs.clusters import Cluster
    from awsecs_async.local.ecs.fleet import Fleet

Place = tuple[str, str]  # an Availability Zone, and a subnet in it

REGISTERING: Final = "REGISTERING"  # bought; not shown yet
ACTIVE: Final = "ACTIVE"
DRAINING: Final = "DRAINING"  # its tasks go on, and no more come
GONE: Final = "GONE"  # and shown no longer


class Instance:
    """One machine of a cluster. `hosts` decides about it, and it keeps the books."""

    __slots__ = (
        *("arn", "attributes", "cluster", "ec2_id", "epoch", "fleet", "free_cpu_units", "free_gpu"),
        *("free_gpus", "free_memory_mib", "id", "idle_since", "kind", "registered_at", "status", "subnet"),
        *("tasks", "zone"),
    )

    def __init__(
        self, instance_id: str, arn: str, kind: InstanceType, cluster: Cluster, fleet: Fleet, place: Place
    ) -> None:
        self.id = instance_id
        self.arn = arn
        self.ec2_id = f"i-{instance_id[:17]}"
        self.kind = kind
        self.cluster = cluster
        self.fleet = fleet
        self.zone, self.subnet = place
        self.status = REGISTERING
        self.epoch = 0
        self.registered_at: float | None = None
        self.idle_since: float | None = None
        self.tasks: dict[str, Task] = {}  # by ARN, those that are coming included
        self.free_cpu_units = int(kind.vcpus * 1024)
        self.free_memory_mib = kind.memory_mib
        gpus = gpus_of(kind)
        self.free_gpus = tuple(f"GPU-{instance_id[:8]}-{number:04d}" for number in range(int(gpus)))
        self.free_gpu = gpus if gpus < 1 else 0.0  # what is left of a part of a GPU
        self.attributes = {**attributes(kind, place), "ec2InstanceId": self.ec2_id}

    @property
    def registered(self) -> bool:
        """Whether ECS has come to know it."""
        return self.registered_at is not None

    def lack(self, need: Need) -> str | None:
        """Why it cannot take one more such task, in the words of RunTask's failures; None if it can."""
        if need.cpu_units > self.free_cpu_units:
            return "RESOURCE:CPU"
        if need.memory_mib > self.free_memory_mib:
            return "RESOURCE:MEMORY"
        return self._lack_of_kind(need) if need.is_choosy else None

    def _lack_of_kind(self, need: Need) -> str | None:
        """`lack` for a need that not every instance meets, whatever its size."""
        if not need.permits(self.attributes):
            return "MemberOf placement constraint unsatisfied"
        if need.distinct_from is not None and self._shares(need.distinct_from):
            return "distinctInstance placement constraint unsatisfied"
        wrong = need.architecture not in {None, self.kind.architecture}
        if wrong or (need.neuron and not self._has_neuron()):
            return "ATTRIBUTE"
        return None if self._has_gpus(need) else "RESOURCE:GPU"

    def _has_neuron(self) -> bool:
        return is_neuron(self.kind) and not any(task.launch.need.neuron for task in self.tasks.values())

    def _has_gpus(self, need: Need) -> bool:
        if need.fractional:
            return need.gpus <= self.free_gpu
        if need.every_gpu:
            return 0 < len(self.free_gpus) == int(gpus_of(self.kind))
        return need.gpus <= len(self.free_gpus)

    def _shares(self, group: str) -> bool:
        return any(task.fixed["group"] == group for task in self.tasks.values())

    def take(self, task: Task) -> None:
        """Give a task its room, and its containers their GPUs."""
        need = task.launch.need
        task.instance = self
        self.tasks[task.arn] = task
        self.idle_since = None
        self.free_cpu_units -= need.cpu_units
        self.free_memory_mib -= need.memory_mib
        if need.gpus or need.every_gpu:
            self._give_gpus(task, need)

    def _give_gpus(self, task: Task, need: Need) -> None:
        if need.fractional:
            self.free_gpu -= need.gpus
        for container in task.containers:
            asked = task.launch.gpus.get(container.name)
            if asked is None:
                continue
            if need.fractional:
                container.gpu_ids = (f"GPU-{self.id[:8]}-0000",)
            else:
                count = len(self.free_gpus) if asked == "ALL" else int(asked)
                container.gpu_ids, self.free_gpus = self.free_gpus[:count], self.free_gpus[count:]

    def give_back(self, task: Task, at: float) -> None:
        """Take a task's room back."""
        need = task.launch.need
        del self.tasks[task.arn]
        self.free_cpu_units += need.cpu_units
        self.free_memory_mib += need.memory_mib
        if need.fractional:
            self.free_gpu += need.gpus
        elif need.gpus or need.every_gpu:
            back = [gpu for container in task.containers for gpu in container.gpu_ids]
            self.free_gpus = tuple(sorted({*self.free_gpus, *back}))
        if not self.tasks:
            self.idle_since = at

    def wire(self, now: float) -> Wire:
        """As DescribeContainerInstances shows it."""
        statuses = [task.last_status for task in self.tasks.values()]
        shown: Wire = {
            "containerInstanceArn": self.arn,
            "ec2InstanceId": self.ec2_id,
            "version": 1,
            "status": self.status,
            "agentConnected": True,
            "runningTasksCount": statuses.count(RUNNING),
            "pendingTasksCount": sum(status in BEFORE_RUNNING for status in statuses),
            "registeredAt": self.registered_at or now,
            "registeredResources": _resources(
                int(self.kind.vcpus * 1024), self.kind.memory_mib, self._every_gpu()
            ),
            "remainingResources": _resources(self.free_cpu_units, self.free_memory_mib, self.free_gpus),
            "attributes": [
                {"name": name.removeprefix("attribute:"), "value": value}
                for name, value in self.attributes.items()
                if name.startswith("attribute:") and value
            ],
            "attachments": [],
            "tags": [],
        }
        if self.fleet.provider is not None:
            shown["capacityProviderName"] = self.fleet.provider
        return shown

    def _every_gpu(self) -> tuple[str, ...]:
        taken = [gpu for task in self.tasks.values() for c in task.containers for gpu in c.gpu_ids]
        return tuple(sorted({*self.free_gpus, *taken}))

    def __repr__(self) -> str:
        return f"<Instance {self.ec2_id} {self.kind.name} {self.status} tasks={len(self.tasks)}>"


def attributes(kind: InstanceType, place: Place) -> dict[str, str]:
    """What memberOf expressions may ask of such an instance in such a place."""
    zone, subnet = place
    return {
        "attribute:ecs.instance-type": kind.name,
        "attribute:ecs.cpu-architecture": "arm64" if kind.architecture == "ARM64" else "x86_64",
        "attribute:ecs.availability-zone": zone,
        "attribute:ecs.subnet-id": subnet,
        "attribute:ecs.os-type": "linux",
    }


def _resources(cpu_units: int, memory_mib: int, gpus: tuple[str, ...]) -> list[Wire]:
    shown: list[Wire] = [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu_units},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory_mib},
    ]
    if gpus:
        shown.append({"name": "GPU", "type": "STRINGSET", "stringSetValue": list(gpus)})
    return shown
