"""State-change events: what EventBridge would be told of every change of a task.

AWS delivers each at least once and in no certain order; the outbox does so on demand, by
delaying and doubling some. Source: AmazonECS/latest/developerguide/ecs_task_events.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from awsecs_async.local.ecs.tasks import Task
from awsecs_async.local.wire import Wire

_TIMES = (
    *("createdAt", "connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt"),
    *("executionStoppedAt", "stoppedAt"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFaults:
    """How badly events are delivered: the longest delay in seconds, and how often twice."""

    delay_seconds: float = 0.0  # each event waits between 0 and this
    duplicate_probability: float = 0.0


def iso(at: float) -> str:
    """Epoch seconds as events write times: 2026-11-21T03:14:07.123Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def state_change(task: Task, at: float, region: str, account: str) -> Wire:
    """The event of a task's present state."""
    detail = {**task.wire(), "updatedAt": iso(at)}
    for name in _TIMES:
        if name in detail:
            detail[name] = iso(detail[name])
    return {
        "version": "0",
        "id": f"{task.id[:8]}-{task.id[8:12]}-{task.id[12:16]}-{task.version:04x}-{task.id[20:]}",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": account,
        "time": iso(at),
        "region": region,
        "resources": [task.arn],
        "detail": detail,
    }


class Outbox:
    """Events on their way, in the order of their delivery."""

    def __init__(self, rng: random.Random) -> None:
        self.faults = EventFaults()
        self._rng = rng
        self._count = 0
        self._heap: list[tuple[float, int, Wire]] = []

    def post(self, event: Wire, now: float) -> None:
        """Send an event; twice, or late, if the faults say so."""
        copies = 2 if self._rng.random() < self.faults.duplicate_probability else 1
        for _ in range(copies):
            self._count += 1
            due = now + self._rng.random() * self.faults.delay_seconds
            heapq.heappush(self._heap, (due, self._count, event))

    def collect(self, now: float) -> list[Wire]:
        """The events due by `now`, taken out."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        return due

    @property
    def next_wake(self) -> float | None:
        """When the next event is due, in epoch seconds."""
        return self._heap[0][0] if self._heap else None
