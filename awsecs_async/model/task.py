"""What a user asks for: a TaskSpec, checked when it is made, frozen afterwards.

Field names are Nextflow's directive names, since most users arrive from there. The common case is
one container and is written flat (``container``, ``command``, ``environment``); a task of several
containers lists them in ``containers`` and says in ``result_from`` whose exit code counts.

Quantities are accepted as people write them (``cpus="0.5"``, ``memory="4 GB"``, ``timeout="1h"``)
and hold ECS-ready numbers after construction. Where a spec may run is not decided here: see
``engine/placement``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final, NewType

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, units
from awsecs_async.model.container import MAIN, ContainerSpec
from awsecs_async.model.network import Network
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.resources import Accelerator, Disk
from awsecs_async.model.volumes import Volume

TaskId = NewType("TaskId", str)

MAX_CONTAINERS: Final = 10  # AWS: service quotas, containers per task definition
MAX_NAME: Final = 128  # characters of a task's or a group's name
PRIORITIES: Final = range(-1000, 1001)


def new_id(wall_seconds: float) -> str:
    """32 hexadecimal digits that sort by time: 12 of milliseconds, 20 of chance."""
    return f"{int(wall_seconds * 1000):012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task as its user wants it.

    Args:
        command: The command and its arguments; empty runs the image's own.

        container: The image; None runs a plain process, which only the local cloud can.

        cpus: vCPUs, fractions too (``0.5``); None takes the setting ``defaultCpus``.

        memory: MiB, or an amount such as ``"4 GB"``; None takes the setting ``defaultMemory``.

        accelerator: GPUs: how many and, if it matters, which: ``1``, ``"2 nvidia-tesla-t4"``; see
            ``Accelerator``.

        disk: Storage of its own, gone with it: ``"500 GB"``, ``"1 TB gp3"``; a number is GiB; see ``Disk``.

        machine_type: EC2 instance types: ``c6i.2xlarge``, a family ``c6i``, a pattern ``m5.*``, or several.

        architecture: ``X86_64`` or ``ARM64`` (``linux/arm64`` and the like too); None takes the target's.

        entry_point, working_directory, user, stop_timeout: See ``ContainerSpec``.

        container_options: What ``docker run`` would be told, as Nextflow's string
            (``"--privileged --ulimit nofile=1024"``) or ``ContainerOptions``.

        volumes: Directories of the host and EFS file systems: ``"/host:/path[:ro]"``, ``"fs-1234:/path"``, or
            ``Volume``.

        environment: Variables. Not for secrets: ECS shows them to whoever may describe the task.

        secrets: Variables by the ARN of the Secrets Manager secret or SSM parameter that holds each.

        environment_files: Files of variables on S3, by URL or ARN; up to 10, named ``*.env``.

        network: Another network than the target's; see ``Network``.

        task_role: ARN of the role that its command has, instead of the target's.

        execute_command: Whether ECS Exec may enter it while it runs.

        fusion: Whether S3 is mounted by Fusion; None as the settings say.

        work_dir: The task's directory on S3 (``s3://bucket/path``), for Fusion.

        start_timeout: How long ECS may take from launch to RUNNING: then it is tried at the next provider, or
            ends TIMED_OUT; None as the settings say.

        queue_timeout: How long it may wait for its launch; None as the settings say.

        max_spot_attempts, max_host_attempts: See ``Settings``; None as they say.

        capacity_providers: In order of preference, instead of the target's.

        name: For people; up to 128 characters.

        tags: Up to 50 AWS tags for the ECS task.

        timeout: Seconds, or ``"1h 30m"``, counted from when ECS says the task started; then it is
            stopped and ends TIMED_OUT. ECS itself has no such limit.

        group: Tasks of one group share fairly with the other groups.

        priority: -1000 to 1000; higher goes first within its lane.

        target: The name of the target (account, region, cluster); None takes the first.

        containers: The several-container form, instead of ``container``, ``command`` and the like.

        result_from: The container whose exit code is the task's; needed where several are essential.

    Raises:
        InvalidTask: at construction, naming the field and the mend.
    """

    command: Sequence[str] = ()
    container: str | None = None
    cpus: float | str | None = None
    memory: int | str | None = None
    accelerator: Accelerator | float | str | Mapping[str, object] | None = None
    disk: Disk | int | str | Mapping[str, object] | None = None
    machine_type: str | Sequence[str] | None = None
    architecture: str | None = None
    entry_point: Sequence[str] | None = None
    environment: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    working_directory: str | None = None
    user: str | None = None
    stop_timeout: int | None = None
    container_options: ContainerOptions | str | Mapping[str, object] | None = None
    volumes: Sequence[Volume | str | Mapping[str, object]] = ()
    secrets: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    environment_files: Sequence[str] = ()
    network: Network | str | Mapping[str, object] | None = None
    task_role: str | None = None
    execute_command: bool = False
    fusion: bool | None = None
    work_dir: str | None = None
    name: str | None = None
    tags: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    timeout: float | str | None = None
    start_timeout: float | str | None = None
    queue_timeout: float | str | None = None
    max_spot_attempts: int | None = None
    max_host_attempts: int | None = None
    capacity_providers: Sequence[str] = ()
    group: str = "default"
    priority: int = 0
    target: str | None = None
    containers: Sequence[ContainerSpec] = ()
    result_from: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "command", checks.words("command", self.command))
        put(self, "container", checks.image(self.container))
        if self.entry_point is not None:
            put(self, "entry_point", checks.words("entry_point", self.entry_point))
        put(self, "environment", checks.pairs("environment", self.environment))
        put(self, "tags", checks.tags(self.tags))
        put(self, "containers", tuple(self.containers))
        self._read_extras(put)
        self._read_amounts(put)
        self._check_names()
        if self.containers:
            self._check_containers()
        elif self.result_from not in {None, MAIN}:
            raise InvalidTask("result_from", f"there is one container and its name is {MAIN!r}")

    def _read_amounts(self, put: Callable[[object, str, object], None]) -> None:
        if self.cpus is not None:
            put(self, "cpus", units.parse_cpus(self.cpus))
        if self.memory is not None:
            put(self, "memory", units.parse_memory(self.memory))
        for name in ("timeout", "start_timeout", "queue_timeout"):
            if (seconds := getattr(self, name)) is not None:
                put(self, name, units.parse_duration(seconds, field=name))

    def _check_names(self) -> None:
        if self.name is not None and not 0 < len(self.name) <= MAX_NAME:
            raise InvalidTask(
                "name", f"{self.name[:40]!r} has {len(self.name)} characters; 1 to 128 are allowed"
            )
        if self.priority not in PRIORITIES:
            raise InvalidTask("priority", f"{self.priority} is not in -1000 to 1000")
        if not self.group or len(self.group) > MAX_NAME:
            raise InvalidTask("group", "a group's name has 1 to 128 characters")

    def _read_extras(self, put: Callable[[object, str, object], None]) -> None:
        if self.accelerator is not None:
            put(self, "accelerator", Accelerator.of(self.accelerator))
        if self.disk is not None:
            put(self, "disk", Disk.of(self.disk))
        if self.machine_type is not None:
            put(self, "machine_type", checks.machine_types(self.machine_type))
        if self.architecture is not None:
            put(self, "architecture", checks.architecture(self.architecture))
        if self.network is not None:
            put(self, "network", Network.of(self.network))
        put(self, "container_options", ContainerOptions.of(self.container_options))
        put(self, "volumes", tuple(Volume.of(each) for each in checks.several("volumes", self.volumes)))
        put(self, "secrets", checks.secrets(self.secrets))
        put(self, "environment_files", checks.environment_files(self.environment_files))
        put(self, "capacity_providers", checks.texts("capacity_providers", self.capacity_providers))
        checks.role("task_role", self.task_role)
        checks.attempts("max_spot_attempts", self.max_spot_attempts)
        checks.attempts("max_host_attempts", self.max_host_attempts)
        put(self, "work_dir", checks.s3_url("work_dir", self.work_dir))

    def _check_containers(self) -> None:
        flat = (
            "command",
            "container",
            "entry_point",
            "environment",
            "working_directory",
            "user",
            "stop_timeout",
            "container_options",
            "volumes",
            "secrets",
            "environment_files",
        )
        if doubled := [name for name in flat if getattr(self, name)]:
            raise InvalidTask(doubled[0], "belongs into each of 'containers' where those are given")
        if len(self.containers) > MAX_CONTAINERS:
            raise InvalidTask("containers", f"{len(self.containers)} of them; ECS allows {MAX_CONTAINERS}")
        names = [c.name for c in self.containers]
        if len(set(names)) < len(names):
            raise InvalidTask("containers", f"two have the same name: {', '.join(sorted(names))}")
        essential = [c.name for c in self.containers if c.essential]
        if not essential:
            raise InvalidTask("containers", "at least one must be essential, or the task would never end")
        if self.result_from is None and len(essential) > 1:
            raise InvalidTask("result_from", f"say whose exit code counts: one of {', '.join(names)}")
        if self.result_from is not None and self.result_from not in names:
            raise InvalidTask("result_from", f"{self.result_from!r} is none of {', '.join(names)}")
        _check_dependencies(self.containers)

    @property
    def result_container(self) -> str:
        """The name of the container whose exit code is the task's."""
        if self.result_from is not None:
            return self.result_from
        return next((c.name for c in self.containers if c.essential), MAIN)

    @property
    def all_containers(self) -> tuple[ContainerSpec, ...]:
        """The containers, in either form."""
        return tuple(self.containers) or (
            ContainerSpec(
                container=self.container,
                command=self.command,
                entry_point=self.entry_point,
                environment=self.environment,
                stop_timeout=self.stop_timeout,
                working_directory=self.working_directory,
                user=self.user,
                container_options=self.container_options,
                volumes=self.volumes,
                secrets=self.secrets,
                environment_files=self.environment_files,
            ),
        )

    @property
    def title(self) -> str:
        """What to call it to people: its name, else its command."""
        return self.name or " ".join(self.command)[:60] or self.container or "task"


def _check_dependencies(containers: Sequence[ContainerSpec]) -> None:
    by_name = {container.name: container for container in containers}
    for container in containers:
        for dependency in container.depends_on:
            other = by_name.get(dependency.container)
            if other is None or other is container:
                raise InvalidTask(
                    "depends_on",
                    f"{container.name} waits for {dependency.container!r}, which is no other container",
                )
            if other.essential and dependency.condition in {"COMPLETE", "SUCCESS"}:
                raise InvalidTask(
                    "depends_on",
                    f"{container.name} waits for the end of {other.name}, which is essential, so that its "
                    "end is the task's; make it essential=False",
                )
    graph = {c.name: [dependency.container for dependency in c.depends_on] for c in containers}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        raise InvalidTask(
            "depends_on", f"these containers wait for each other: {' -> '.join(cycle.args[1])}"
        ) from None
