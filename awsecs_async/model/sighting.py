"""What ECS said of one of its tasks at one moment: an answer of DescribeTasks or an event, in our words.

Only what the dispatcher decides by is kept; ``version`` tells which of two sightings is newer.
Times are epoch seconds as ECS stamps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Arn = NewType("Arn", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSighting:
    """One container of it. ``exit_code`` is None where ECS gives none, and is never made up."""

    name: str
    last_status: str = ""
    exit_code: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look at one ECS task."""

    arn: Arn
    version: int
    last_status: str
    desired_status: str = "RUNNING"
    stop_code: str | None = None
    stopped_reason: str | None = None
    containers: tuple[ContainerSighting, ...] = ()
    created_at: float | None = None
    started_at: float | None = None
    stopped_at: float | None = None
    capacity_provider: str | None = None
    launch_type: str | None = None
    instance_arn: str | None = None
    zone: str | None = None
    ecs_group: str | None = None
    started_by: str | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether ECS will say nothing more of it: exit codes, if any, are in."""
        return self.last_status in {"STOPPED", "DELETED"}

    def container(self, name: str) -> ContainerSighting | None:
        """The container of that name; AWS may add sidecars of its own, so never by position."""
        return next((c for c in self.containers if c.name == name), None)


def task_id_of(arn: Arn) -> str:
    """The ECS task id, the last segment of its ARN, in short and long ARN formats alike."""
    return arn.rsplit("/", 1)[-1]
