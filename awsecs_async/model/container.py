"""One container of a task: what runs in it, and what it waits for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.volumes import Volume

Condition = Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]

MAIN: Final = "main"
"""The name of the container in the one-container form."""

NO_IMAGE: Final = "scratch"
"""The image name that stands for "no container named"; only the local cloud runs it, as a process."""

MAX_STOP_TIMEOUT_SECONDS: Final = 86_400  # AWS: task definition parameters, Managed Instances

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
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
        object.__setattr__(self, "command", checks.words("health_check.command", self.command))
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

        container_options, volumes, secrets, environment_files: See ``TaskSpec``.
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
        put = object.__setattr__
        if not _NAME.fullmatch(self.name):
            raise InvalidTask("name", f"{self.name!r}: a container's name is letters, digits, '-' and '_'")
        put(self, "container", checks.image(self.container))
        put(self, "command", checks.words("command", self.command))
        if self.entry_point is not None:
            put(self, "entry_point", checks.words("entry_point", self.entry_point))
        put(self, "environment", checks.pairs("environment", self.environment))
        put(self, "depends_on", tuple(self.depends_on))
        put(self, "container_options", ContainerOptions.of(self.container_options))
        put(self, "volumes", tuple(Volume.of(each) for each in checks.several("volumes", self.volumes)))
        put(self, "secrets", checks.secrets(self.secrets))
        put(self, "environment_files", checks.environment_files(self.environment_files))
        if self.stop_timeout is not None and not 0 <= self.stop_timeout <= MAX_STOP_TIMEOUT_SECONDS:
            raise InvalidTask("stop_timeout", f"{self.stop_timeout} is not in 0 to 86400 seconds")
