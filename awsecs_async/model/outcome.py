"""How a task ended, in our words: the values. ``verdict`` has the table that they come from.

Whether a task goes round again is part of a verdict: for SPOT (up to ``maxSpotAttempts``), for CAPACITY
(it never had a machine; counts as no attempt), or not at all: every other failure is the caller's to
handle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from awsecs_async.model.lifecycle import State


class Cause(Enum):
    """Why a task ended as it did."""

    EXIT = "exit"
    OUT_OF_MEMORY = "out-of-memory"
    IMAGE = "image"
    SETUP = "setup"
    CAPACITY = "capacity"
    SPOT = "spot"
    HOST_LOST = "host-lost"
    LIFETIME = "instance-lifetime"
    DEPENDENCY = "dependency"
    NO_EXIT_CODE = "no-exit-code"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    FORGOTTEN = "forgotten"


class Round(Enum):
    """On whose account a task goes round again."""

    SPOT = "spot"
    CAPACITY = "capacity"


class Wish(Enum):
    """Why we asked ECS to stop it."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An ending.

    Args:
        exit_code: The result container's, or None where ECS gave none. Never made up.

        reason: What ECS said, whole.

        hint: What it means and what to do, for the person who reads it; may be empty.

        started: Whether the command was seen to start.
    """

    state: State
    cause: Cause
    exit_code: int | None = None
    reason: str = ""
    hint: str = ""
    started: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome, and on whose account the task may go round instead of ending with it."""

    outcome: Outcome
    round: Round | None = None


def refused(reason: str) -> Outcome:
    """The ending of a task whose launch ECS refused for good."""
    return Outcome(
        state=State.FAILED,
        cause=Cause.REFUSED,
        reason=reason,
        hint="ECS refused to run it; the reason names what to change.",
    )


def cancelled(reason: str = "") -> Outcome:
    """The ending of a task that was cancelled before ECS had it."""
    return Outcome(
        state=State.CANCELLED, cause=Cause.CANCELLED, reason=reason or "cancelled before it was launched"
    )


def forgotten(reason: str) -> Outcome:
    """The ending of a task of which ECS knows nothing any more."""
    return Outcome(
        state=State.UNKNOWN,
        cause=Cause.FORGOTTEN,
        reason=reason,
        hint="ECS forgets a stopped task after an hour; its output in CloudWatch Logs may tell how it ended.",
        started=True,
    )
