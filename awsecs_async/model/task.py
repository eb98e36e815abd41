"""What a user asks for: a TaskSpec, checked when it is made, frozen afterwards.

Field names are Nextflow's directive names, since most users arrive from there. The common case is
one container and is written flat (``container``, ``command``, ``environment``); a task of several
containers lists them in ``containers`` and says in ``result_from`` whose exit code counts.

Quantities are accepted as people write them (``cpus="0.5"``, ``memory="4 GB"``, ``timeout="1h"``)
and hold ECS-ready numbers after construction. Where a spec may run is not decided here: see
``engine/placement``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, NewType

from awsecs_async.errors import InvalidTask
from awsecs_async.model import units

TaskId = NewType("TaskId", str)
Condition = Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]

MAIN: Final = "main"
"""The name of the container in the one-container form."""

NO_IMAGE: Final = "scratch"
"""The image name that stands for "no container named"; only the local cloud runs it, as a process."""

MAX_CONTAINERS: Final = 10  # AWS: service quotas, containers per task definition
MAX_TAGS: Final = 50  # AWS: API_Tag; keys up to 128 characters, values up to 256

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ENVIRONMENT_NAME = re.compile(r"[^=\x00]+")
_CONDITIONS: Final = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def new_id(wall_seconds: float) -> str:
    """32 hexadecimal digits that sort by time: 12 of milliseconds, 20 of chance."""
    return f"{int(wall_seconds * 1000):012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A container's health check (AWS: API_HealthCheck).

    Args:

        command: ``["CMD", ...]`` or ``["CMD-SHELL", "line"]``.

        interval: Seconds between checks, 5 to 300.

        timeout: Seconds that one check may take, 2 to 60.

        retries: Failures in a row until it is unhealthy, 1 to 10.

        start_period: Seconds at the start in which failures do not count, 0 to 300.
    """

    command: Sequence[str]
    interval: int = 30
    timeout: int = 5
    retries: int = 3
    start_period: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "command", _words("health_check.command", self.command))
        for name, low, high in (
            ("interval", 5, 300),
            ("timeout", 2, 60),
            ("retries", 1, 10),
            ("start_period", 0, 300),
        ):
            if not low <= getattr(self, name) <= high:
                raise InvalidTask(f"health_check.{name}", f"{getattr(self, name)} is not in {low} to {high}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """This container starts only after another one has reached a condition."""

    container: str
    condition: Condition = "START"

    def __post_init__(self) -> None:
        if self.condition not in _CONDITIONS:
            raise InvalidTask("depends_on", f"{self.condition!r} is not one of {', '.join(_CONDITIONS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """One container of a task.

    Args:

        name: Unique in the task; letters, digits, ``-`` and ``_``.

        container: The image.

        command: Replaces the image's CMD; empty keeps it.

        entry_point: Replaces the image's ENTRYPOINT; None keeps it.

        environment: Variables. Not for secrets: ECS shows them to whoever may describe the task.

        essential: Whether its exit ends the task.

        stop_timeout: Seconds between SIGTERM and SIGKILL; ECS's default is 30.
    """

    name: str = MAIN
    container: str | None = None
    command: Sequence[str] = ()
    entry_point: Sequence[str] | None = None
    environment: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    essential: bool = True
    depends_on: Sequence[Dependency] = ()
    stop_timeout: int | None = None
    health_check: HealthCheck | None = None
    working_directory: str | None = None
    user: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        if not _NAME.fullmatch(self.name):
            raise InvalidTask("name", f"{self.name!r}: a container's name is letters, digits, '-' and '_'")
        put(self, "container", _image(self.container))
        put(self, "command", _words("command", self.command))
        if self.entry_point is not None:
            put(self, "entry_point", _words("entry_point", self.entry_point))
        put(self, "environment", _pairs("environment", self.environment))
        put(self, "depends_on", tuple(self.depends_on))
        if self.stop_timeout is not None and not 0 <= self.stop_timeout <= 86_400:
            raise InvalidTask("stop_timeout", f"{self.stop_timeout} is not in 0 to 86400 seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task as its user wants it.

    Args:

        command: The command and its arguments; empty runs the image's own.

        container: The image; None runs a plain process, which only the local cloud can.

        cpus: vCPUs, fractions too (``0.5``); None takes the setting ``defaultCpus``.

        memory: MiB, or an amount such as ``"4 GB"``; None takes the setting ``defaultMemory``.

        environment: Variables. Not for secrets: ECS shows them to whoever may describe the task.

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
    accelerator: int | str | None = None
    disk: int | str | None = None
    machine_type: str | None = None
    entry_point: Sequence[str] | None = None
    environment: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    working_directory: str | None = None
    user: str | None = None
    stop_timeout: int | None = None
    name: str | None = None
    tags: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    timeout: float | str | None = None
    group: str = "default"
    priority: int = 0
    target: str | None = None
    containers: Sequence[ContainerSpec] = ()
    result_from: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "command", _words("command", self.command))
        put(self, "container", _image(self.container))
        if self.entry_point is not None:
            put(self, "entry_point", _words("entry_point", self.entry_point))
        put(self, "environment", _pairs("environment", self.environment))
        put(self, "tags", _tags(self.tags))
        put(self, "containers", tuple(self.containers))
        if self.cpus is not None:
            put(self, "cpus", units.parse_cpus(self.cpus))
        if self.memory is not None:
            put(self, "memory", units.parse_memory(self.memory))
        if self.timeout is not None:
            put(self, "timeout", units.parse_duration(self.timeout))
        if self.name is not None and not 0 < len(self.name) <= 128:
            raise InvalidTask("name", f"{self.name[:40]!r} has {len(self.name)} characters; 1 to 128 are allowed")
        if not -1000 <= self.priority <= 1000:
            raise InvalidTask("priority", f"{self.priority} is not in -1000 to 1000")
        if not self.group or len(self.group) > 128:
            raise InvalidTask("group", "a group's name has 1 to 128 characters")
        if self.containers:
            self._check_containers()
        elif self.result_from not in {None, MAIN}:
            raise InvalidTask("result_from", f"there is one container and its name is {MAIN!r}")

    def _check_containers(self) -> None:
        flat = ("command", "container", "entry_point", "environment", "working_directory", "user", "stop_timeout")
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
        for container in self.containers:
            for dependency in container.depends_on:
                if dependency.container not in names or dependency.container == container.name:
                    raise InvalidTask("depends_on", f"{container.name} waits for {dependency.container!r}, which is no other container")

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
            ),
        )

    @property
    def title(self) -> str:
        """What to call it to people: its name, else its command."""
        return self.name or " ".join(self.command)[:60] or self.container or "task"


def spec_to_json(spec: TaskSpec | ContainerSpec | HealthCheck | Dependency) -> dict[str, object]:
    """Only what differs from the defaults, for the journal and for comparing two specs."""
    found: dict[str, object] = {}
    for field in fields(spec):
        value = getattr(spec, field.name)
        if value is not None and value != field.default:
            found[field.name] = _jsonable(value)
    return found


def spec_from_json(found: Mapping[str, object]) -> TaskSpec:
    """The spec that ``spec_to_json`` wrote.

    Raises:

        InvalidTask: if it is not acceptable.
    """
    values = dict(found)
    values["containers"] = [_container_from_json(c) for c in _mappings(values.get("containers"))]
    return TaskSpec(**values)  # type: ignore[arg-type]  # __post_init__ checks what comes from outside


def _container_from_json(found: Mapping[str, object]) -> ContainerSpec:
    values = dict(found)
    values["depends_on"] = [Dependency(**d) for d in _mappings(values.get("depends_on"))]  # type: ignore[arg-type]
    if isinstance(check := values.get("health_check"), Mapping):
        values["health_check"] = HealthCheck(**check)
    return ContainerSpec(**values)  # type: ignore[arg-type]


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list | tuple) else []


def _jsonable(value: object) -> object:
    if isinstance(value, TaskSpec | ContainerSpec | HealthCheck | Dependency):
        return spec_to_json(value)
    return [_jsonable(v) for v in value] if isinstance(value, tuple) else value


def _image(value: str | None) -> str | None:
    if value is not None and (not value or value != value.strip() or any(c.isspace() for c in value)):
        raise InvalidTask("container", f"{value!r} is not the name of an image, such as 'ubuntu:24.04'")
    return value


def _words(field: str, value: Sequence[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        raise InvalidTask(field, f"{value!r} is one string; write a list of words, such as ['sh', '-c', {value!r}]")
    words = tuple(value)
    for word in words:
        if not isinstance(word, str) or "\x00" in word:
            raise InvalidTask(field, f"{word!r} is not a string of text")
    return words


def _pairs(field: str, value: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    # A tuple of pairs, not a dict: a third of the memory, and 100,000 specs may be live.
    pairs = tuple((pair[0], pair[1]) for pair in (value.items() if isinstance(value, Mapping) else value))
    for name, text in pairs:
        if not isinstance(name, str) or not isinstance(text, str):
            raise InvalidTask(field, f"{name!r}: {text!r}: names and values are strings")
        if not _ENVIRONMENT_NAME.fullmatch(name) or "\x00" in text:
            raise InvalidTask(field, f"{name!r} is not a name that can be set")
    if len({name for name, _ in pairs}) < len(pairs):
        raise InvalidTask(field, "the same name is given twice")
    return pairs


def _tags(value: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    tags = _pairs("tags", value)
    if len(tags) > MAX_TAGS:
        raise InvalidTask("tags", f"{len(tags)} of them; AWS allows {MAX_TAGS}")
    for key, text in tags:
        if len(key) > 128 or len(text) > 256:
            raise InvalidTask("tags", f"{key[:40]!r}: keys have up to 128 characters, values up to 256")
        if key.lower().startswith("aws:"):
            raise InvalidTask("tags", f"{key!r}: names that begin with 'aws:' are AWS's own")
    return tags
