"""The exit status of the command, and the sentence that goes with it.

A task that ran to its end hands on its own exit code. The other endings have statuses that shells know
from ``timeout`` and ``env``, with the same meaning. A task may of course exit with one of these itself; the
message says whose it is, and so does ``status_from`` with ``--json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.result import Result
from awsecs_async.model.units import format_duration


class Status(IntEnum):
    """Exit statuses that are ours, not the task's."""

    USAGE = 2  # the command line itself is wrong; nothing was done
    TIMED_OUT = 124
    DISPATCHER = 125
    NEVER_STARTED = 126
    LOST = 127
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141  # 128 + SIGPIPE: whoever read our output went away, as with any program


_OURS: Final = {
    State.TIMED_OUT: (Status.TIMED_OUT, "timed out and was stopped"),
    State.CANCELLED: (Status.INTERRUPTED, "was stopped"),
    State.LOST: (Status.LOST, "was lost"),
    State.UNKNOWN: (Status.LOST, "ended, and nobody can tell how"),
}
_UNCLEAR: Final = 1  # FAILED with exit code 0: not the command, but something beside it failed
_MAX_EXIT_CODE: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the command exits with, and why.

    Args:
        status: The exit status.

        is_tasks: Whether that is the task's own exit code.

        message: What happened and what to do, for a person.
    """

    status: int
    is_tasks: bool
    message: str


def ending_of(result: Result) -> Ending:
    """The ending that one task's result makes."""
    own = _own_status(result)
    if own is not None:
        return Ending(status=own, is_tasks=True, message=_told(result, _exited(result)))
    status, verb = _OURS.get(result.state, (Status.NEVER_STARTED, "never started"))
    if result.state is State.FAILED and result.outcome.started:
        status, verb = Status.LOST, "failed, and ECS tells no exit code"
    if result.cause is Cause.STOPPED:
        verb = "was stopped, not by this command"
    told = _told(result, f"{verb} (exit status {status.value})")
    return Ending(status=status, is_tasks=False, message=told)


def ending_of_all(results: Sequence[Result]) -> Ending:
    """The ending of several tasks: 0 if all succeeded, else that of the first one (by index) that did not."""
    endings = [ending_of(result) for result in results]
    failed = [place for place, result in enumerate(results) if not result]
    if len(results) == 1:
        return endings[0]
    if not failed:
        again = sum(len(result.attempts) > 1 for result in results)
        late = f", {again} of them on a later attempt" if again else ""
        return Ending(status=0, is_tasks=True, message=f"all {len(results)} tasks succeeded{late}")
    first = failed[0]
    message = f"{len(failed)} of {len(results)} tasks did not succeed; the first is number {first}: "
    return Ending(
        status=endings[first].status,
        is_tasks=endings[first].is_tasks,
        message=message + endings[first].message,
    )


def _own_status(result: Result) -> int | None:
    """The task's own exit code, where its command ended by itself; never 0 for one that failed."""
    if result.state is State.SUCCEEDED:
        return 0
    if result.state is not State.FAILED or result.exit_code is None:
        return None
    return result.exit_code & _MAX_EXIT_CODE or _UNCLEAR


def _exited(result: Result) -> str:
    if result:
        return "succeeded"
    if result.exit_code == 0:
        return f"failed, though its command exited with 0 (this command exits with {_UNCLEAR})"
    return f"exited with {result.exit_code}"


def _told(result: Result, verb: str) -> str:
    """``exited with 3 after 1m 2s: ECS's reason. What to do.``"""
    said = verb
    if result.started_at is not None:
        said += f" after {format_duration(result.ended_at - result.started_at)}"
    if len(result.attempts) > 1:
        said += f", on attempt {len(result.attempts)}"
    if not result:
        more = [part.rstrip(". ") for part in (_reason(result), result.hint) if part]
        said += f": {'. '.join(more)}" if more else ""
    return said


def _reason(result: Result) -> str:
    # "Essential container in task exited" is how ECS says that a command ended: it tells nothing more.
    return "" if result.cause is Cause.EXIT and "ssential container" in result.reason else result.reason
