"""The endings that no STOPPED task tells: made where ECS never had the task, or has forgotten it."""

from __future__ import annotations

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.refusals import hint_for
from awsecs_async.model.outcome.values import Cause, Outcome
from awsecs_async.model.units import format_duration


def refused(reason: str, *, hint: str | None = None) -> Outcome:
    """The ending of a task whose launch was refused for good; by its words, unless ``hint`` is known."""
    return Outcome(
        state=State.FAILED,
        cause=Cause.REFUSED,
        reason=reason,
        hint=hint_for(reason) if hint is None else hint,
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


def queue_timed_out(seconds: float, waited_for: str) -> Outcome:
    """The ending of a task that was not launched within its ``queueTimeout``.

    Args:
        seconds: How long it was allowed to wait.

        waited_for: What it waited for, as the engine knows it: "capacity of mi-spot", "a place".
    """
    return Outcome(
        state=State.TIMED_OUT,
        cause=Cause.QUEUE_TIMEOUT,
        reason=f"queueTimeout of {format_duration(seconds)} reached; it waited for {waited_for}",
        hint="It never ran. Give it longer with 'queueTimeout', or another capacity provider.",
    )
