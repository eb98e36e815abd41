"""Our values as the columns of a journal file, and back.

Times and text that SQL looks at are columns; what only we read is JSON, without what is at its default,
so that a field that is added later needs no migration. JSON is plain ASCII: text that is not Unicode
(an argument taken from a file name, say) passes unharmed inside it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, TypeAlias

from awsecs_async.engine.journal.port import Admitted
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.spec_json import spec_from_json, spec_to_json
from awsecs_async.model.task import TaskId, TaskSpec

Row: TypeAlias = tuple[Any, ...]  # what sqlite3 takes and gives: None, int, float, str, bytes


def to_text(value: object) -> str:
    """JSON in the fewest characters."""
    return json.dumps(value, separators=(",", ":"))


def plain(text: str | None) -> str | None:
    """Text that SQLite takes: halves of surrogate pairs, which are not Unicode, are spelled out."""
    return text if text is None or text.isascii() else text.encode(errors="backslashreplace").decode()


def spec_row(spec: TaskSpec) -> tuple[bytes, str]:
    """Its hash and its text."""
    text = to_text(spec_to_json(spec))
    return hashlib.sha256(text.encode()).digest(), text


def spec_of(text: str) -> TaskSpec:
    """What ``spec_row`` wrote."""
    return spec_from_json(json.loads(text))


def launch_row(launch: Launch) -> Row:
    """For the columns id, target, lane, request, members, attempts, made_at."""
    members, attempts = to_text(launch.members), to_text(launch.attempts)
    return (launch.id, launch.target, to_text(launch.lane), launch.request, members, attempts, launch.made_at)


def launch_of(row: Row) -> Launch:
    """What ``launch_row`` wrote."""
    launch_id, target, lane, request, members, attempts, made_at = row
    return Launch(
        id=LaunchId(launch_id),
        target=sys.intern(target),
        lane=_shared_tuple(lane),
        members=tuple(json.loads(members)),
        attempts=_shared_tuple(attempts),
        request=request,
        made_at=made_at,
    )


@lru_cache(maxsize=1024)
def _shared_tuple(text: str) -> tuple[Any, ...]:
    """Of the few lists that many launches have in common each is parsed, and kept in memory, once."""
    return tuple(json.loads(text))


def admitted_row(admitted: Admitted) -> Row:
    """For the columns id, key, array_index, array_size, submitted_at."""
    return (admitted.id, plain(admitted.key), admitted.index, admitted.size, admitted.submitted_at)


def admitted_of(row: Row, spec: TaskSpec) -> Admitted:
    """What ``admitted_row`` wrote."""
    task_id, key, index, size, submitted_at = row
    return Admitted(id=TaskId(task_id), spec=spec, key=key, index=index, size=size, submitted_at=submitted_at)


def attempts_text(attempts: Iterable[Attempt]) -> str | None:
    """A JSON list, or None for none."""
    found = [_told(attempt) for attempt in attempts]
    return to_text(found) if found else None


def attempts_of(text: str | None) -> tuple[Attempt, ...]:
    """What ``attempts_text`` wrote."""
    return tuple(_attempt_of(found) for found in json.loads(text)) if text else ()


def result_row(result: Result) -> Row:
    """For the columns result, attempts, ended_at; what the task's other columns say is not repeated."""
    told = {
        "title": result.title,
        "outcome": _told(result.outcome),
        "started_at": result.started_at,
    }
    return (to_text(told), attempts_text(result.attempts), result.ended_at)


def result_of(admitted: Admitted, row: Row) -> Result | None:
    """What ``result_row`` wrote; None where the task lives."""
    text, attempts, ended_at = row
    if ended_at is None:
        return None
    told = json.loads(text)
    return Result(
        id=admitted.id,
        title=told["title"],
        outcome=_outcome_of(told["outcome"]),
        attempts=attempts_of(attempts),
        key=admitted.key,
        index=admitted.index,
        submitted_at=admitted.submitted_at,
        started_at=told["started_at"],
        ended_at=ended_at,
    )


def _told(value: Attempt | Outcome) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        if field.default is MISSING or item != field.default:
            if isinstance(item, Outcome):
                item = _told(item)
            found[field.name] = item.value if isinstance(item, State | Cause) else item
    return found


def _attempt_of(found: Mapping[str, Any]) -> Attempt:
    return Attempt(**{**found, "outcome": _outcome_of(found["outcome"])})


def _outcome_of(found: Mapping[str, Any]) -> Outcome:
    return Outcome(**{**found, "state": State(found["state"]), "cause": Cause(found["cause"])})
