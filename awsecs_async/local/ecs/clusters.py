"""Clusters and capacity providers: where tasks may run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from awsecs_async.local.ecs.tasks import BEFORE_RUNNING, RUNNING, Task
from awsecs_async.local.settings import Capacity
from awsecs_async.local.wire import Wire, WireError

if TYPE_CHECKING:
    from awsecs_async.local.ecs.instances import Instance

FARGATE: Final = "FARGATE"
FARGATE_SPOT: Final = "FARGATE_SPOT"
MANAGED_INSTANCES: Final = "MANAGED_INSTANCES"
AUTO_SCALING: Final = "EC2_AUTOSCALING"


@dataclass(slots=True, kw_only=True)
class Provider:
    """A capacity provider; `wire` is how it is shown, `cluster` the only one that may use it, if any."""

    name: str
    kind: str  # as DescribeCapacityProviders' `type`
    wire: Wire
    cluster: str | None = None
    tags: list[Wire] = field(default_factory=list)

    @property
    def launch_type(self) -> str:
        """What the tasks it places show as their launch type."""
        return {FARGATE: "FARGATE", FARGATE_SPOT: "FARGATE", MANAGED_INSTANCES: "MANAGED_INSTANCES"}.get(
            self.kind, "EC2"
        )

    @property
    def spot(self) -> bool:
        """Whether what it runs on can be taken back."""
        managed: Wire = self.wire.get("managedInstancesProvider") or {}
        return (
            self.kind == FARGATE_SPOT
            or (managed.get("instanceLaunchTemplate") or {}).get("capacityOptionType") == "SPOT"
        )

    @property
    def family(self) -> str:
        """What a strategy may not mix: Fargate and Fargate Spot count as one."""
        return FARGATE if self.kind == FARGATE_SPOT else self.kind


class Room:
    """How much the tasks of one cluster may take together, if that is set, and those that wait for it."""

    def __init__(self, capacity: Capacity | None) -> None:
        self.capacity = capacity
        self.cpu_units = 0  # taken
        self.memory_mib = 0  # taken
        self.waiting: deque[Task] = deque()

    def lack(self, cpu_units: int, memory_mib: int) -> str | None:
        """What there is too little of for one more task: CPU, MEMORY, or None."""
        if self.capacity is None:
            return None
        if self.cpu_units + cpu_units > self.capacity.cpu_units:
            return "CPU"
        return "MEMORY" if self.memory_mib + memory_mib > self.capacity.memory_mib else None

    def take(self, task: Task) -> None:
        """Give a task its room until `release`."""
        task.releases = True
        self.cpu_units += task.launch.need.cpu_units
        self.memory_mib += task.launch.need.memory_mib

    def leave(self, task: Task) -> None:
        """A task waits no longer, if it did."""
        if self.waiting and task in self.waiting:
            self.waiting.remove(task)

    def release(self, task: Task) -> list[Task]:
        """Take a task's room back; returns those who waited and now have theirs."""
        if task.releases:
            task.releases = False
            self.cpu_units -= task.launch.need.cpu_units
            self.memory_mib -= task.launch.need.memory_mib
        placed = []
        while self.waiting:
            need = self.waiting[0].launch.need
            if self.lack(need.cpu_units, need.memory_mib) is not None:
                break
            waiter = self.waiting.popleft()
            self.take(waiter)
            placed.append(waiter)
        return placed


class Cluster:
    """A cluster: its providers and its tasks.

    `tasks` knows every task under its id and under its ARN; `running` and `stopped` hold the
    same tasks by what they are desired to be, in order, for ListTasks.
    """

    def __init__(self, name: str, arn: str, capacity: Capacity | None) -> None:
        self.name = name
        self.arn = arn
        self.status = "ACTIVE"
        self.providers: list[str] = []
        self.default_strategy: list[Wire] = []
        self.settings: list[Wire] = [{"name": "containerInsights", "value": "disabled"}]
        self.tags: list[Wire] = []
        self.tasks: dict[str, Task] = {}
        self.running: dict[str, Task] = {}
        self.stopped: dict[str, Task] = {}
        self.counts: dict[str, int] = {}  # tasks by lastStatus
        self.room = Room(capacity)
        self.instances: dict[str, Instance] = {}  # by id, those that are registered

    def add(self, task: Task) -> None:
        """A new task."""
        self.tasks[task.arn] = self.tasks[task.id] = task
        self.running[task.arn] = task
        self.counts[task.last_status] = self.counts.get(task.last_status, 0) + 1

    def moved(self, before: str, after: str) -> None:
        """Count a task under its new lastStatus."""
        self.counts[before] -= 1
        self.counts[after] = self.counts.get(after, 0) + 1

    def stopping(self, task: Task) -> None:
        """A task is now desired to be STOPPED."""
        self.running.pop(task.arn, None)
        self.stopped[task.arn] = task

    def forget(self, task: Task) -> None:
        """A task whose hour is over."""
        self.tasks.pop(task.arn, None)
        self.tasks.pop(task.id, None)
        self.stopped.pop(task.arn, None)
        self.counts[task.last_status] -= 1

    def find(self, reference: str) -> Task | None:
        """A task by ARN or id."""
        return self.tasks.get(reference)

    def wire(self, include: list[str]) -> Wire:
        """As DescribeClusters shows it."""
        shown: Wire = {
            "clusterArn": self.arn,
            "clusterName": self.name,
            "status": self.status,
            "registeredContainerInstancesCount": len(self.instances),
            "runningTasksCount": self.counts.get(RUNNING, 0),
            "pendingTasksCount": sum(self.counts.get(status, 0) for status in BEFORE_RUNNING),
            "activeServicesCount": 0,
            "statistics": [],
            "tags": self.tags if "TAGS" in include else [],
            "settings": self.settings if "SETTINGS" in include else [],
            "capacityProviders": list(self.providers),
            "defaultCapacityProviderStrategy": list(self.default_strategy),
        }
        return shown

    def __repr__(self) -> str:
        return f"<Cluster {self.name} {self.status} {dict(self.counts)}>"


def cluster_not_found() -> WireError:
    """ECS's answer for a cluster that does not exist or is deleted."""
    return WireError("ClusterNotFoundException", "Cluster not found.")
