"""What is due when: the machine's only notion of later.

Entries are steps of tasks, or of instances, at moments. Raising the `epoch` of one calls off
everything planned for it; its entries stay in the heap until they surface, which is cheaper than
to look for them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

_EARLY_SECONDS: Final = 1e-6  # a clock of epoch seconds is no finer than this in a float


class Timed(Protocol):
    """Something with a future: a task, an instance."""

    epoch: int  # raised when everything that was planned for it is off


Subject = TypeVar("Subject", bound=Timed)
Step = Callable[[Subject, float], None]  # the subject, and the moment it was due


class Agenda:
    """Steps in the order they are due. The mutable state is one heap."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, Any, Step[Any]]] = []
        self._entries = 0

    def later(self, subject: Subject, at: float, delay_seconds: float, step: Step[Subject]) -> None:
        """Do `step` so long after `at`; without a delay, now."""
        if delay_seconds <= 0:
            step(subject, at)
            return
        self._entries += 1
        heapq.heappush(self._heap, (at + delay_seconds, self._entries, subject.epoch, subject, step))

    def advance(self, now: float) -> None:
        """Do what is due by `now`, each step at its own moment."""
        heap, limit = self._heap, now + _EARLY_SECONDS
        while heap and heap[0][0] <= limit:
            at, _, epoch, subject, step = heapq.heappop(heap)
            if epoch == subject.epoch:
                step(subject, at)

    @property
    def next_wake(self) -> float | None:
        """When `advance` next has something to do, in epoch seconds."""
        heap = self._heap
        while heap and heap[0][2] != heap[0][3].epoch:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def __repr__(self) -> str:
        return f"<Agenda due={len(self._heap)} next_wake={self.next_wake}>"
