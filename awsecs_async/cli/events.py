"""What ``--json`` writes: events, one JSON document a line, in the order in which they happen.

    {"event": "submitted", "id", "index", "title", "remarks"}    what was raised or rounded, in sentences
    {"event": "state",     "id", "index", "state", "arn", "note", "at"}
    {"event": "log",       "id", "index", "container", "timestamp_ms", "message"}
    {"event": "dropped",   "id", "index", "lines"}          lines that came too fast for this reader
    {"event": "result",    "id", "index", "state", "exit_code", "status", "status_from", "cause",
                           "reason", "hint", "message", "arn", "attempts", "usage",
                           "submitted_at", "started_at", "ended_at"}
    {"event": "exit",      "status", "status_from", "message"}

Each of ``attempts``, oldest first, is one ECS task:

    {"number", "arn", "target", "provider", "is_spot", "instance_id", "instance_type", "zone", "cpus",
     "memory_mib", "launched_at", "started_at", "stopped_at", "state", "cause", "reason", "exit_code"}

``usage`` is what all of them reserved while they ran: {"vcpu_seconds", "gb_seconds"}.

``exit`` comes last, always and once, with the command's exit status; ``status_from`` is ``task`` where that
is a task's own exit code and ``dispatcher`` where it is ours. ``index`` is null outside arrays. Times are
epoch seconds. Fields may be added, never renamed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from awsecs_async.cli.endings import Ending, ending_of
from awsecs_async.model.units import CPU_UNITS_PER_VCPU

if TYPE_CHECKING:
    from awsecs_async.engine.logs import LogLine
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.result import Attempt, Result
    from awsecs_async.task import Task

Event = dict[str, Any]


def line(event: Event) -> bytes:
    """The event as its line of output."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def submitted(task: Task) -> Event:
    """A task was taken in."""
    return {
        "event": "submitted",
        "id": task.id,
        "index": task.index,
        "title": task.spec.title,
        "remarks": list(task.placement.remarks),
    }


def moved(transition: Transition, index: int | None) -> Event:
    """A task changed its state."""
    return {
        "event": "state",
        "id": transition.id,
        "index": index,
        "state": transition.new.value,
        "arn": transition.arn,
        "note": transition.note,
        "at": transition.at,
    }


def logged(task: Task, log_line: LogLine) -> Event:
    """A task wrote a line."""
    return {
        "event": "log",
        "id": task.id,
        "index": task.index,
        "container": log_line.container,
        "timestamp_ms": log_line.timestamp,
        "message": log_line.message,
    }


def dropped(task: Task, lines: int) -> Event:
    """Lines of a task are missing here."""
    return {"event": "dropped", "id": task.id, "index": task.index, "lines": lines}


def ended(result: Result) -> Event:
    """A task ended."""
    ending = ending_of(result)
    return {
        "event": "result",
        "id": result.id,
        "index": result.index,
        "state": result.state.value,
        "exit_code": result.exit_code,
        "status": ending.status,
        "status_from": _whose(ending),
        "cause": result.cause.value,
        "reason": result.reason,
        "hint": result.hint,
        "message": ending.message,
        "arn": result.attempts[-1].arn if result.attempts else None,
        "attempts": [_attempt(attempt) for attempt in result.attempts],
        "usage": {"vcpu_seconds": result.vcpu_seconds, "gb_seconds": result.gb_seconds},
        "submitted_at": result.submitted_at,
        "started_at": result.started_at,
        "ended_at": result.ended_at,
    }


def _attempt(attempt: Attempt) -> Event:
    plain = (
        "number", "arn", "target", "provider", "is_spot", "instance_id", "instance_type", "zone",
        "memory_mib", "launched_at", "started_at", "stopped_at",
    )  # fmt: skip
    outcome = attempt.outcome
    return {name: getattr(attempt, name) for name in plain} | {
        "cpus": attempt.cpu_units / CPU_UNITS_PER_VCPU,
        "state": outcome.state.value,
        "cause": outcome.cause.value,
        "reason": outcome.reason,
        "exit_code": outcome.exit_code,
    }


def exiting(ending: Ending) -> Event:
    """The command ends."""
    return {
        "event": "exit",
        "status": int(ending.status),
        "status_from": _whose(ending),
        "message": ending.message,
    }


def _whose(ending: Ending) -> str:
    return "task" if ending.is_tasks else "dispatcher"
