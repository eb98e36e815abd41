"""What a supervisor tells of its task, as frozen values, in the order it happened.

Every report names its task and its moment (`at`, in epoch seconds). The first is `Pulled`, the last
`TaskEnded`; `TaskEnding` comes once between them, when it is decided that the task ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from awsecs_async.local.supervision import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """All images are here, or have been given up. Until then the task is PENDING."""

    task_arn: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChanged:
    """A container is in a new status, or its health is known anew. AWS: API_Container."""

    task_arn: str
    name: str
    runtime_id: str
    last_status: str  # PENDING, RUNNING or STOPPED
    exit_code: int | None
    reason: str | None
    health_status: str  # UNKNOWN, HEALTHY or UNHEALTHY
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnding:
    """The task is to end: its desiredStatus is STOPPED from now on."""

    task_arn: str
    ending: Ending
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """The last container has stopped, and nothing of the task is left."""

    task_arn: str
    ending: Ending
    at: float


Report = Pulled | ContainerChanged | TaskEnding | TaskEnded
