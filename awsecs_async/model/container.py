"""One container of a task: what runs in it, and what it waits for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, reading
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.volumes import Volume

Condition = Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]

MAIN: Final = "main"
"""The name of the container in the one-container form."""

NO_IMAGE: Final = "scratch"
"""The image name that stands for "no container named"; only the local cloud runs it, as a process."""

MAX_STOP_TIMEOUT_SECONDS: Final = 86_400  # AWS: task definition parameters, Managed Instances

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_HEALTH_FORMS: Final = ("CMD", "CMD-SHELL", "NONE")
_CONDITIONS: Final = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


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
        try:
            reading.settle(self, _HEALTH_READINGS)
        except InvalidTask as refused:
            raise InvalidTask(f"health_check.{refused.field}", refused.problem) from None

    @classmethod
    def of(cls, value: object) -> HealthCheck:
        """A health check, or its members as TOML and JSON have them."""
        if isinstance(value, HealthCheck):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "health_check", value)
        raise InvalidTask("health_check", f"{value!r} is no table with a command, such as ['CMD', 'true']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """This container starts only after another one has reached a condition."""

    container: str
    condition: Condition = "START"

    def __post_init__(self) -> None:
        checks.text("depends_on", self.container, "the name of a container", most=255)
        if self.condition not in _CONDITIONS:
            raise InvalidTask("depends_on", f"{self.condition!r} is not one of {', '.join(_CONDITIONS)}")

    @classmethod
    def of(cls, value: object) -> Dependency:
        """A dependency, its members, or text: ``"side"``, ``"side:SUCCESS"``."""
        if isinstance(value, Dependency):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "depends_on", value)
        if not isinstance(value, str):
            raise InvalidTask(
                "depends_on", f"{value!r} is not the name of a container, such as 'side:SUCCESS'"
            )
        name, _, condition = value.partition(":")
        return cls(container=name, condition=condition or "START")  # type: ignore[arg-type]  # checked


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

        container_options, volumes, secrets, environment_files: See ``TaskSpec``.

    Raises:
        InvalidTask: at construction.
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
    container_options: ContainerOptions | str | Mapping[str, object] | None = None
    volumes: Sequence[Volume | str | Mapping[str, object]] = ()
    secrets: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    environment_files: Sequence[str] = ()

    def __post_init__(self) -> None:
        reading.settle(self, _READINGS)
        self._check_options()
        self._check_variables()
        self._check_mounts()

    @classmethod
    def of(cls, value: object) -> ContainerSpec:
        """A container, or its members as TOML and JSON have them."""
        if isinstance(value, ContainerSpec):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "containers", value)
        raise InvalidTask(
            "containers", f"{value!r} is no container: a ContainerSpec, or a table of its fields"
        )

    @property
    def options(self) -> ContainerOptions:
        """Its options, or none of them."""
        return self.container_options if isinstance(self.container_options, ContainerOptions) else _NONE

    @property
    def all_volumes(self) -> tuple[Volume, ...]:
        """Its volumes, those of its options too."""
        return (*self.volumes, *self.options.volumes)  # type: ignore[arg-type]  # after construction

    def _check_options(self) -> None:
        if self.container_options is None:
            return
        for name in ("user", "working_directory"):
            here, there = getattr(self, name), getattr(self.options, name)
            if here is not None and there not in {None, here}:
                raise InvalidTask(name, f"{here!r} here, but {there!r} in container_options; say it once")

    def _check_variables(self) -> None:
        if not self.secrets:
            return
        plain = dict(self.environment) | dict(self.options.environment)
        for name in dict(self.secrets):
            if name in plain:
                raise InvalidTask(
                    "secrets", f"{name} is also in environment, where all can read it; say it once"
                )

    def _check_mounts(self) -> None:
        taken: set[str] = set()
        for mount in (*(v.mount_path for v in self.all_volumes), *(t[0] for t in self.options.tmpfs)):
            place = mount.rstrip("/")
            if place in taken:
                raise InvalidTask("volumes", f"two are mounted on {mount}; give each a path of its own")
            taken.add(place)


_NONE: Final = ContainerOptions()


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InvalidTask(
            "name", f"{value!r:.40}: a container's name is up to 255 letters, digits, '-' and '_'"
        )
    return value


def _health_command(value: object) -> tuple[str, ...]:
    found = checks.words("command", value)
    if not found or found[0] not in _HEALTH_FORMS or (len(found) == 1) != (found[0] == "NONE"):
        raise InvalidTask("command", f"{list(found)} does not begin with CMD or CMD-SHELL, and what to run")
    return found


def seconds(field: str, most: int, least: int = 0) -> reading.Read:
    """The reading of a whole number of seconds."""
    return partial(checks.whole, field, least=least, most=most, what="seconds")


def _dependencies(value: object) -> tuple[Dependency, ...]:
    return tuple(
        Dependency.of(each)
        for each in checks.several("depends_on", value, "a list of names, such as ['side:SUCCESS']")
    )


READS: Final[Mapping[str, reading.Read]] = MappingProxyType(
    {
        "container": reading.optional(checks.image),
        "command": partial(checks.words, "command"),
        "entry_point": reading.optional(partial(checks.words, "entry_point")),
        "environment": partial(checks.pairs, "environment"),
        "working_directory": reading.optional(partial(checks.path, "working_directory")),
        "user": reading.optional(partial(checks.user, "user")),
        "stop_timeout": reading.optional(seconds("stop_timeout", MAX_STOP_TIMEOUT_SECONDS)),
        "container_options": ContainerOptions.of,
        "volumes": Volume.several,
        "secrets": checks.secrets,
        "environment_files": checks.environment_files,
    }
)
"""How the fields are read that a container and a task of one container have in common."""

_READINGS: Final = reading.readings(
    ContainerSpec,
    {
        **READS,
        "name": _name,
        "essential": partial(checks.flag, "essential"),
        "depends_on": _dependencies,
        "health_check": reading.optional(HealthCheck.of),
    },
)
_HEALTH_READINGS: Final = reading.readings(
    HealthCheck,
    {
        "command": _health_command,
        "interval": seconds("interval", 300, 5),
        "timeout": seconds("timeout", 60, 2),
        "retries": partial(checks.whole, "retries", least=1, most=10, what="failures"),
        "start_period": seconds("start_period", 300),
    },
)
