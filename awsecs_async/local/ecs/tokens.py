"""Idempotency: what a clientToken was used for, and for how long that is remembered.

Scope is the cluster. A token lives 24 hours, or until an hour after the last task of its call
has stopped, whichever comes first (AWS: ECS_Idempotency). Used again with the same parameters
it answers what it made; with others, ConflictException names what it made.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

from awsecs_async.local.ecs.tasks import STOPPED, Task
from awsecs_async.local.wire import Wire, WireError
from awsecs_async.model.quotas import CLIENT_TOKEN_AFTER_STOP_SECONDS, CLIENT_TOKEN_LIFETIME_SECONDS

_ENCODE = json.JSONEncoder(sort_keys=True, check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call that was made with a token."""

    parameters: str
    at: float
    tasks: list[Task] = field(default_factory=list)
    failures: list[Wire] = field(default_factory=list)

    def lives(self, now: float) -> bool:
        """Whether the token still means this call."""
        if now >= self.at + CLIENT_TOKEN_LIFETIME_SECONDS:
            return False
        stops = [task.stopped_at for task in self.tasks]
        if not stops or None in stops:
            return True
        return now < max(stop for stop in stops if stop is not None) + CLIENT_TOKEN_AFTER_STOP_SECONDS

    def answer(self) -> Wire:
        """What the repeated call is answered: stopped tasks are no more than named."""
        return {"tasks": [_brief(task) for task in self.tasks], "failures": list(self.failures)}


def _brief(task: Task) -> Wire:
    if task.last_status != STOPPED:
        return task.wire()
    return {"taskArn": task.arn, "lastStatus": task.last_status, "desiredStatus": task.desired_status}


class Tokens:
    """The tokens used in each cluster."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str], Use] = {}
        self._oldest: deque[tuple[float, tuple[str, str]]] = deque()

    def replay(self, cluster: str, params: Wire, now: float) -> Wire | None:
        """The answer of the earlier call with this token; None if there was none.

        Raises ConflictException when that call had other parameters.
        """
        self._forget(now)
        use = self._uses.get((cluster, params["clientToken"]))
        if use is None or not use.lives(now):
            return None
        if use.parameters != _text(params):
            message = "The specified clientToken was used with different parameters."
            raise WireError(
                "ConflictException", message, extra={"resourceIds": [task.arn for task in use.tasks]}
            )
        return use.answer()

    def used(self, cluster: str, params: Wire, now: float, tasks: list[Task], failures: list[Wire]) -> None:
        """Remember what a call made."""
        key = (cluster, params["clientToken"])
        self._uses[key] = Use(parameters=_text(params), at=now, tasks=tasks, failures=failures)
        self._oldest.append((now, key))

    def _forget(self, now: float) -> None:
        """Drop the oldest that are over; one that still lives holds the younger ones back, a day at most."""
        while self._oldest:
            at, key = self._oldest[0]
            use = self._uses.get(key)
            if use is not None and use.at == at:
                if use.lives(now):
                    return
                del self._uses[key]
            self._oldest.popleft()

    def __repr__(self) -> str:
        return f"<Tokens {len(self._uses)}>"


def _text(params: Wire) -> str:
    """The parameters as one string, which is cheap to keep and compares whatever the members' order."""
    return _ENCODE({key: value for key, value in params.items() if key != "clientToken"})
