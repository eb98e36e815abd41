"""What is due when: the machine's only notion of later.

Entries are steps of tasks at moments. Raising a task's `epoch` calls off everything planned for
it; its entries stay in the heap until they surface, which is cheaper than to look for them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Final

from awsecs_async.local.ecs.tasks import Task

_EARLY_SECONDS: Final = 1e-6  # a clock of epoch seconds is no finer than this in a float

Step = Callable[[Task, float], None]  # the task, and the moment it was due


class Agenda:
    """Steps in the order they are due. The mutable state is one heap."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, Task, Step]] = []
        self._entries = 0

    def later(self, task: Task, at: float, delay_seconds: float, step: Step) -> None:
        """Do `step` so long after `at`; without a delay, now."""
        if delay_seconds <= 0:
            step(task, at)
            return
        self._entries += 1
        heapq.heappush(self._heap, (at + delay_seconds, self._entries, task.epoch, task, step))

    def advance(self, now: float) -> None:
        """Do what is due by `now`, each step at its own moment."""
        heap, limit = self._heap, now + _EARLY_SECONDS
        while heap and heap[0][0] <= limit:
            at, _, epoch, task, step = heapq.heappop(heap)
            if epoch == task.epoch:
                step(task, at)

    @property
    def next_wake(self) -> float | None:
        """When `advance` next has something to do, in epoch seconds."""
        heap = self._heap
        while heap and heap[0][2] != heap[0][3].epoch:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def __repr__(self) -> str:
        return f"<Agenda due={len(self._heap)} next_wake={self.next_wake}>"
