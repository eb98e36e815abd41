"""What ``--json`` writes: events, one JSON document a line, in the order in which they happen.

    {"event": "submitted", "id", "index", "title"}
    {"event": "state",     "id", "index", "state", "arn", "note", "at"}
    {"event": "log",       "id", "index", "container", "timestamp_ms", "message"}
    {"event": "dropped",   "id", "index", "lines"}          lines that came too fast for this reader
    {"event": "result",    "id", "index", "state", "exit_code", "status", "status_from", "cause",
                           "reason", "hint", "message", "arn", "attempts",
                           "submitted_at", "started_at", "ended_at"}
    {"event": "exit",      "status", "status_from", "message"}

``exit`` comes last, always and once, with the command's exit status; ``status_from`` is ``task`` where that
is a task's own exit code and ``dispatcher`` where it is ours. ``index`` is null outside arrays. Times are
epoch seconds. Fields may be added, never renamed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from awsecs_async.cli.endings import Ending, ending_of

if TYPE_CHECKING:
    from awsecs_async.engine.logs import LogLine
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.result import Result
    from awsecs_async.task import Task

Event = dict[str, Any]


def line(event: Event) -> bytes:
    """The event as its line of output."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def submitted(task: Task) -> Event:
    """A task was taken in."""
    return {"event": "submitted", "id": task.id, "index": task.index, "title": task.spec.title}


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
        "attempts": len(result.attempts),
        "submitted_at": result.submitted_at,
        "started_at": result.started_at,
        "ended_at": result.ended_at,
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
