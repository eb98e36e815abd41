"""What became of a task: its Result, and the Attempts that led there. The values users keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from awsecs_async.errors import TaskFailed
from awsecs_async.model.launch import LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One ECS task that was launched for a task of ours, as it ended. Times are epoch seconds.

    Args:
        instance_id, instance_type: Of the EC2 instance, where there was one and ECS told in time.

        is_spot: Whether its provider's capacity is spot.

        cpu_units, memory_mib: The size that was launched.
    """

    number: int
    launch_id: LaunchId
    arn: Arn | None
    target: str
    provider: str | None = None
    zone: str | None = None
    instance_arn: str | None = None
    instance_id: str | None = None
    instance_type: str | None = None
    is_spot: bool = False
    cpu_units: int = 0
    memory_mib: int = 0
    launched_at: float | None = None
    started_at: float | None = None
    stopped_at: float | None = None
    outcome: Outcome

    @property
    def seconds(self) -> float:
        """How long it ran, as far as ECS told; 0 if it never did."""
        return max(0.0, (self.stopped_at or 0.0) - self.started_at) if self.started_at else 0.0

    @property
    def vcpu_seconds(self) -> float:
        """vCPU-seconds reserved while it ran."""
        return self.cpu_units / 1024 * self.seconds

    @property
    def gb_seconds(self) -> float:
        """GiB-seconds of memory reserved while it ran."""
        return self.memory_mib / 1024 * self.seconds


def kept(attempts: Iterable[Attempt], newest: Attempt) -> tuple[Attempt, ...]:
    """The attempts that a task remembers: without a machine it was none, so only the last such is kept."""
    return (*(a for a in attempts if a.outcome.cause is not Cause.CAPACITY), newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a task ended. Truthy where it succeeded.

    Args:
        exit_code: Of the result container; None where ECS gave none.

        reason: ECS's own words (or ours, where ECS never had it).

        hint: What that means and what to do; may be empty.

        attempts: Every ECS task launched for it, oldest first.

        submitted_at, started_at, ended_at: Epoch seconds.
    """

    id: TaskId
    title: str
    outcome: Outcome
    attempts: tuple[Attempt, ...] = ()
    key: str | None = None
    index: int | None = None
    submitted_at: float
    started_at: float | None = None
    ended_at: float

    @property
    def state(self) -> State:
        """The ending."""
        return self.outcome.state

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None where ECS gave none."""
        return self.outcome.exit_code

    @property
    def cause(self) -> Cause:
        """Why it ended so."""
        return self.outcome.cause

    @property
    def reason(self) -> str:
        """What ECS said."""
        return self.outcome.reason

    @property
    def spot_interruptions(self) -> int:
        """How many of its attempts spot interrupted."""
        return sum(attempt.outcome.cause is Cause.SPOT for attempt in self.attempts)

    @property
    def vcpu_seconds(self) -> float:
        """vCPU-seconds reserved by all its attempts."""
        return sum(attempt.vcpu_seconds for attempt in self.attempts)

    @property
    def gb_seconds(self) -> float:
        """GiB-seconds of memory reserved by all its attempts."""
        return sum(attempt.gb_seconds for attempt in self.attempts)

    @property
    def hint(self) -> str:
        """What it means and what to do."""
        return self.outcome.hint

    def __bool__(self) -> bool:
        return self.state is State.SUCCEEDED

    def check(self) -> Result:
        """This result, if the task succeeded.

        Raises:
            TaskFailed: saying how it ended and why.
        """
        if not self:
            raise TaskFailed(str(self))
        return self

    def __str__(self) -> str:
        said = f"{self.title}: {self.state.value}"
        if self.exit_code is not None:
            said += f" with exit code {self.exit_code}"
        for more in (self.reason, self.hint):
            if more:
                said += f". {more.rstrip('.')}"
        return said
