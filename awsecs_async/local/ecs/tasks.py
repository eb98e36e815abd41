"""A task and its containers, as ECS knows them, and as it shows them.

What is shown is a dict that is built anew when the task's `version` has changed and is handed
out as it is until then: ten thousand tasks described twenty-five times cost ten thousand times
the changes, not the descriptions. Such a dict is never changed after it was handed out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from awsecs_async.local.ecs.definitions import Definition
from awsecs_async.local.ecs.needs import Need
from awsecs_async.local.ecs.script import Act, Script
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.local.wire import Wire

if TYPE_CHECKING:
    from awsecs_async.local.ecs.clusters import Cluster
    from awsecs_async.local.ecs.fleet import Fleet
    from awsecs_async.local.ecs.instances import Instance

PROVISIONING: Final = "PROVISIONING"
PENDING: Final = "PENDING"
ACTIVATING: Final = "ACTIVATING"
RUNNING: Final = "RUNNING"
DEACTIVATING: Final = "DEACTIVATING"
STOPPING: Final = "STOPPING"
DEPROVISIONING: Final = "DEPROVISIONING"
STOPPED: Final = "STOPPED"
BEFORE_RUNNING: Final = frozenset({PROVISIONING, PENDING, ACTIVATING})


class Container:
    """One container of a task. `exit_code` None is not known, and is then not shown."""

    __slots__ = (
        "arn",
        "definition",
        "exit_code",
        "gpu_ids",
        "health",
        "name",
        "reason",
        "runtime_id",
        "shown",
        "status",
    )

    def __init__(self, definition: Wire, arn: str, shown: Wire) -> None:
        self.definition = definition
        self.name: str = definition["name"]
        self.arn = arn
        self.shown = shown  # what never changes
        self.status = PENDING
        self.exit_code: int | None = None
        self.reason: str | None = None
        self.runtime_id: str | None = None
        self.health = "UNKNOWN"
        self.gpu_ids: tuple[str, ...] = ()  # the GPUs it got, once its task has an instance

    @property
    def essential(self) -> bool:
        """Whether its end ends the task."""
        return bool(self.definition["essential"])

    def stop(self, exit_code: int | None = None, reason: str | None = None) -> None:
        """It has ended, or will never start."""
        self.status = STOPPED
        self.exit_code = exit_code
        if reason:
            self.reason = reason

    def wire(self) -> Wire:
        """As DescribeTasks shows it."""
        shown = {**self.shown, "lastStatus": self.status, "healthStatus": self.health}
        if self.exit_code is not None:
            shown["exitCode"] = self.exit_code
        if self.reason is not None:
            shown["reason"] = self.reason
        if self.runtime_id is not None:
            shown["runtimeId"] = self.runtime_id
        if self.gpu_ids:
            shown["gpuIds"] = list(self.gpu_ids)
        return shown

    def __repr__(self) -> str:
        return f"<Container {self.name} {self.status} exit={self.exit_code}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What the tasks of one RunTask call have in common."""

    definition: Definition
    overrides: Wire  # as it is echoed
    container_overrides: dict[str, Wire]  # by container name
    shown: Wire  # the members of a task that come from the request as they are
    tags: list[Wire]
    need: Need  # what it asks of an instance
    gpus: dict[str, str]  # by container name: how many GPUs, as ECS writes them ("2", "0.5", "ALL")
    volume: Wire | None = None  # the attachment that the one EBS volume shows, its id aside


class Task:
    """A task. Only `lifecycle` changes it, and it says so by raising `version`."""

    __slots__ = (
        *(
            "_built",
            "_wire",
            "acts",
            "arn",
            "capacity_provider",
            "cast",
            "cluster",
            "containers",
            "created_at",
        ),
        *("desired_status", "epoch", "fixed", "id", "last_status", "launch", "launch_type", "number"),
        *(
            "fleet",
            "instance",
            "lost",
            "releases",
            "stop_code",
            "stopped_at",
            "stopped_reason",
            "supervised",
            "tags",
            "times",
            "version",
            "visible_at",
        ),
    )

    def __init__(self, cluster: Cluster, launch: Launch, task_id: str, number: int, fixed: Wire) -> None:
        self.cluster = cluster
        self.launch = launch
        self.id = task_id
        self.number = number  # counts tasks in the order of their making
        self.fixed = fixed  # what DescribeTasks shows and never changes
        self.arn: str = fixed["taskArn"]
        self.launch_type: str = fixed["launchType"]
        self.capacity_provider: str | None = fixed.get("capacityProviderName")
        self.created_at: float = fixed["createdAt"]
        self.containers: list[Container] = []
        self.tags = launch.tags
        self.version = 1
        self.last_status = PROVISIONING
        self.desired_status = RUNNING
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None
        self.stopped_at: float | None = None
        self.times: dict[str, float] = {}  # startedAt and its like, epoch seconds
        self.visible_at = self.created_at  # when DescribeTasks begins to know it
        self.epoch = 0  # raised when everything that was planned for the task is off
        self.fleet: Fleet | None = None  # whose instances it may run on; None on Fargate
        self.instance: Instance | None = (
            None  # where it runs, or is to run; None on Fargate and while it waits
        )
        self.lost = False  # its machine is gone: how its containers end is not known
        self.releases = False  # whether it holds capacity that its end gives back
        self.cast: dict[str, tuple[ContainerRun, Script]] | None = None  # None: real containers
        self.supervised = False  # whether its containers were asked for outside
        self.acts: dict[str, Act] = {}
        self._built = 0
        self._wire: Wire = {}

    @property
    def zone(self) -> str:
        """The Availability Zone it runs in; "" while it has none."""
        return self.instance.zone if self.instance is not None else self.fixed.get("availabilityZone", "")

    def container(self, name: str) -> Container:
        """The container of this name. Raises KeyError."""
        for container in self.containers:
            if container.name == name:
                return container
        raise KeyError(name)

    def wire(self) -> Wire:
        """As DescribeTasks shows it without tags; read-only."""
        if self._built != self.version:
            self._wire = self._build()
            self._built = self.version
        return self._wire

    def wire_with_tags(self) -> Wire:
        """As DescribeTasks shows it with include=TAGS."""
        return {**self.wire(), "tags": list(self.tags)}

    def _build(self) -> Wire:
        shown: Wire = {
            **self.fixed,
            **self.times,
            "version": self.version,
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "containers": [container.wire() for container in self.containers],
            "healthStatus": self._health(),
        }
        if self.instance is not None and self.instance.registered:
            shown["containerInstanceArn"] = self.instance.arn
            shown["availabilityZone"] = self.instance.zone
        if self.stop_code is not None:
            shown["stopCode"] = self.stop_code
            shown["stoppedReason"] = self.stopped_reason
        return shown

    def _health(self) -> str:
        if len(self.containers) == 1:  # which is essential
            return self.containers[0].health
        healths = {container.health for container in self.containers if container.essential}
        if "UNHEALTHY" in healths:
            return "UNHEALTHY"
        return "HEALTHY" if healths == {"HEALTHY"} else "UNKNOWN"

    def __repr__(self) -> str:
        end = f" {self.stop_code}" if self.stop_code else ""
        return f"<Task {self.id} {self.last_status}/{self.desired_status} v{self.version}{end}>"
