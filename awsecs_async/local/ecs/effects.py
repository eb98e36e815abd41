"""What the lifecycle of tasks asks of others: real containers, mishaps on demand, and room to run in."""

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
    at_once: bool = False  # their machine is gone: no stop timeout


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

    def never_buys(self, provider: str) -> bool:
        """Whether this capacity provider buys no instance, and says nothing."""
        ...

    def purchase_refusal(self, provider: str) -> str | None:
        """Why EC2 sells this capacity provider no instance, as "Code: message", or None; counts as one."""
        ...


class Housing(Protocol):
    """What gives tasks their room: see `hosts`."""

    def leave(self, task: Task) -> None:
        """The task is to stop, and waits for room no longer."""
        ...

    def release(self, task: Task, at: float) -> None:
        """The task has stopped: its room is free."""
        ...
