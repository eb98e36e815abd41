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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NewType

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, machine_type, named, reading, units
from awsecs_async.model.container import READS, ContainerSpec
from awsecs_async.model.containers import check_together
from awsecs_async.model.network import Network
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.resources import Accelerator, Disk
from awsecs_async.model.volumes import Volume

TaskId = NewType("TaskId", str)

MAX_NAME: Final = 128  # characters of a task's or a group's name
MAX_PRIORITY: Final = 1_000
MAX_ATTEMPTS: Final = 1_000  # of one task
MAX_PROVIDERS: Final = 20  # AWS: service quotas, capacity providers per cluster


def new_id(wall_seconds: float) -> str:
    """32 hexadecimal digits that sort by time: 12 of milliseconds, 20 of chance."""
    return f"{int(wall_seconds * 1000):012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task as its user wants it.

    Args:
        command: The command and its arguments; empty runs the image's own.

        container: The image, or ``task-definition://FAMILY[:REVISION][#CONTAINER]``, which runs an existing
            definition as it is; None runs a plain process, which only the local cloud can.

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
        reading.settle(self, _READINGS)
        if self.containers:
            self._check_containers()
        elif self.result_from not in {None, only := named.container_name(self.container)}:
            raise InvalidTask("result_from", f"there is one container and its name is {only!r}")
        elif self.container_options is not None or self.volumes or self.secrets:
            _ = self.all_containers  # whose making checks that these go together
        named.check(self)
        if self.work_dir is not None and self.fusion is False:
            raise InvalidTask("work_dir", "is Fusion's, and fusion is false; leave one of them out")
        if self.disk is not None:
            self._check_disk()

    def _check_containers(self) -> None:
        if doubled := [name for name in READS if getattr(self, name) not in {None, ()}]:
            raise InvalidTask(doubled[0], "belongs into each of 'containers' where those are given")
        check_together(self.containers, self.result_from)

    def _check_disk(self) -> None:
        place = self.disk.mount_path.rstrip("/")  # type: ignore[union-attr]  # after construction
        for container in self.all_containers:
            if any(volume.mount_path.rstrip("/") == place for volume in container.all_volumes):
                raise InvalidTask(
                    "volumes", f"one is mounted on {place}, where the disk is; set disk.mount_path"
                )

    @property
    def result_container(self) -> str:
        """The name of the container whose exit code is the task's."""
        if self.result_from is not None:
            return self.result_from
        return next((c.name for c in self.containers if c.essential), named.container_name(self.container))

    @property
    def all_containers(self) -> tuple[ContainerSpec, ...]:
        """The containers, in either form."""
        return tuple(self.containers) or (
            ContainerSpec(
                name=named.container_name(self.container),
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


def _containers(value: object) -> tuple[ContainerSpec, ...]:
    return tuple(
        ContainerSpec.of(each) for each in checks.several("containers", value, "a list of containers")
    )


def _providers(value: object) -> tuple[str, ...]:
    found = checks.texts("capacity_providers", value)
    if len(found) > MAX_PROVIDERS:
        raise InvalidTask("capacity_providers", f"{len(found)} of them; a cluster has up to {MAX_PROVIDERS}")
    if len(set(found)) < len(found):
        raise InvalidTask("capacity_providers", f"{', '.join(found)}: one is named twice")
    return found


def _duration(field: str) -> reading.Read:
    return reading.optional(partial(units.parse_duration, field=field))


def _attempts(field: str) -> reading.Read:
    return reading.optional(partial(checks.whole, field, least=0, most=MAX_ATTEMPTS, what="attempts"))


def _name(field: str, what: str) -> reading.Read:
    return partial(checks.text, field, what=what, most=MAX_NAME)


_READINGS: Final = reading.readings(
    TaskSpec,
    {
        **READS,
        "cpus": reading.optional(units.parse_cpus),
        "memory": reading.optional(units.parse_memory),
        "accelerator": reading.optional(Accelerator.of),
        "disk": reading.optional(Disk.of),
        "machine_type": reading.optional(machine_type.parse),
        "architecture": reading.optional(checks.architecture),
        "network": reading.optional(Network.of),
        "task_role": reading.optional(partial(checks.role, "task_role")),
        "execute_command": partial(checks.flag, "execute_command"),
        "fusion": reading.optional(partial(checks.flag, "fusion")),
        "work_dir": partial(checks.s3_url, "work_dir"),
        "name": reading.optional(_name("name", "a task's name")),
        "tags": checks.tags,
        "timeout": _duration("timeout"),
        "start_timeout": _duration("start_timeout"),
        "queue_timeout": _duration("queue_timeout"),
        "max_spot_attempts": _attempts("max_spot_attempts"),
        "max_host_attempts": _attempts("max_host_attempts"),
        "capacity_providers": _providers,
        "group": _name("group", "a group's name"),
        "priority": partial(checks.whole, "priority", least=-MAX_PRIORITY, most=MAX_PRIORITY),
        "target": reading.optional(_name("target", "a target's name")),
        "containers": _containers,
        "result_from": reading.optional(_name("result_from", "a container's name")),
    },
)
