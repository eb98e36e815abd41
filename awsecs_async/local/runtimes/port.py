"""What the local cloud asks of whatever carries its containers out.

A runtime turns one `ContainerRun` into something running: a process, a Podman or Docker
container. It knows nothing of tasks' states, dependencies or health: the supervisor above it
decides what starts and stops, and when. Scripted tasks need no runtime at all; they live in the
state machine, so that ten thousand of them cost no coroutine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class CannotPull(Exception):
    """The image could not be got; the message is what ECS would put after CannotPullContainerError."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotStart(Exception):
    """The container could not be started; the message is ECS's after CannotStartContainerError."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A container's health check as the task definition gives it; every time is in seconds."""

    command: tuple[str, ...]  # ("CMD", program, ...) or ("CMD-SHELL", line); ("NONE",) is no check
    interval_seconds: float = 30
    timeout_seconds: float = 5
    retries: int = 3
    start_period_seconds: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A volume of the task, seen inside one container.

    `host_path` None is a volume that lives as long as its task and is shared by its containers.
    """

    volume: str
    container_path: str
    host_path: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """This container waits for `container` to reach `condition`: START, COMPLETE, SUCCESS or HEALTHY."""

    container: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """How a container is shut in, and what of its machine it may touch; a plain process knows none of it.

    The members are said as Podman and Docker say them.
    """

    privileged: bool = False
    read_only_root: bool = False
    capabilities_added: tuple[str, ...] = ()  # "SYS_ADMIN"
    capabilities_dropped: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()  # "/dev/fuse:/dev/fuse:rw"
    tmpfs: tuple[str, ...] = ()  # "/scratch:size=64m,noexec"
    ulimits: tuple[str, ...] = ()  # "nofile=1024:2048"
    shared_memory_mib: int | None = None
    swap_mib: int | None = None  # beyond its memory
    pid_of_host: bool = False
    ipc_of_host: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRun:
    """One container of one task, with the task's overrides already applied.

    `environment` is the container's own alone; what the runtime adds to it (PATH, HOME, the
    metadata endpoint) is the runtime's matter. `log_stream` is None when nothing is logged.
    """

    task_arn: str
    task_id: str
    name: str
    image: str | None
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    working_directory: str | None = None
    user: str | None = None
    cpu_units: int | None = None  # 1024 units are one vCPU
    memory_mib: int | None = None
    essential: bool = True
    stop_timeout_seconds: float = 30
    start_timeout_seconds: float | None = None  # None: wait for dependencies as long as it takes
    health_check: HealthCheck | None = None
    depends_on: tuple[Dependency, ...] = ()
    mounts: tuple[Mount, ...] = ()
    init_process: bool = False  # linuxParameters.initProcessEnabled
    box: Box = Box()
    environment_files: tuple[str, ...] = ()  # ARNs of .env objects; `environment` goes before what they say
    log_group: str | None = None
    log_stream: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """A task as it is to be carried out: its containers in the order of its definition."""

    task_arn: str
    task_id: str
    cluster_arn: str
    family: str
    revision: int
    containers: tuple[ContainerRun, ...]
    cpu_units: int | None = None
    memory_mib: int | None = None
    launch_type: str = "MANAGED_INSTANCES"
    availability_zone: str = "us-east-1a"
    runtime: str | None = None  # the runtime this task asks for by name; None: the cloud chooses


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a container ended. `code` is None when nobody can know it; `reason` is ECS's words, if any."""

    code: int | None
    reason: str | None = None


class Running(Protocol):
    """A container that was started."""

    async def wait(self) -> Exit:
        """Wait for the end; may be awaited more than once, and by several."""
        ...

    async def stop(self, grace_seconds: float | None = None) -> None:
        """Send SIGTERM, then SIGKILL after `grace_seconds`; returns when it has ended.

        None is the container's own stop timeout.
        """
        ...

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """Run a command in the container's surroundings, as a health check does.

        Returns its exit code; 137 when the time ran out and it was killed, 127 when it cannot be run.
        """
        ...


class Runtime(Protocol):
    """What carries containers out."""

    @property
    def name(self) -> str:
        """How users name it: process, podman, docker."""
        ...

    async def prepare(self, run: ContainerRun) -> None:
        """Get the image. Raises CannotPull."""
        ...

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> Running:
        """Start the container; `output` is given whole lines without their ends. Raises CannotStart."""
        ...

    async def release(self, task_id: str) -> None:
        """The task has ended: remove its volumes and whatever else outlived its containers."""
        ...

    async def close(self) -> None:
        """End whatever still runs and leave nothing behind."""
        ...
