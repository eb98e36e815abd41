"""What passes between the machine and real containers, and what may go wrong on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from awsecs_async.local.ecs.tasks import Task
from awsecs_async.local.runtimes.port import TaskPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StartContainers:
    """Carry out this task's containers and report what they do."""

    plan: TaskPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StopContainers:
    """End this task's containers, each with its stop timeout."""

    task_arn: str
    stop_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChange:
    """What became of a real container. `exit_code` None is not known."""

    name: str
    status: str  # PENDING, RUNNING or STOPPED
    runtime_id: str
    health: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str | None = None


class Mishaps(Protocol):
    """What may go wrong with a task on demand."""

    def pull_failure(self, image: str) -> str | None:
        """Why this image cannot be pulled, or None."""
        ...

    def spot_after_seconds(self, task: Task) -> float | None:
        """When a Spot interruption hits this task, in seconds from its start, or None."""
        ...
