"""Timeouts: ECS has none, so the dispatcher stops a task that runs longer than it may.

A timeout counts from when ECS says that the task started, by the wall clock, so that it means the same
after a restart. While no dispatcher runs, nothing holds it.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from typing import TYPE_CHECKING

import anyio

from awsecs_async.kit.wall import wall_time
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Wish
from awsecs_async.model.units import format_duration

if TYPE_CHECKING:
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.model.sighting import Arn

SPARE = 1000  # timeouts of tasks that have ended, kept before they are cleared away
CLOCK_CHECK_SECONDS = 60.0  # wall clocks are set and machines sleep: look again at least this often


class Deadlines:
    """The timeouts of running tasks. Its state is a heap of (when, which attempt)."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._heap: list[tuple[float, Arn]] = []
        self._sooner = asyncio.Event()
        ledger.heed(self._heed)

    def _heed(self, record: Record, old: State | None) -> None:
        timeout, live = record.spec.timeout, record.live
        began = record.state is State.RUNNING and old is not State.RUNNING
        if not began or not isinstance(timeout, float) or live is None or live.arn is None:
            return
        heapq.heappush(self._heap, ((live.started_at or wall_time()) + timeout, live.arn))
        if len(self._heap) > 2 * len(self._ledger) + SPARE:
            self._heap = [each for each in self._heap if self._ledger.by_arn(each[1]) is not None]
            heapq.heapify(self._heap)
        self._sooner.set()

    async def run(self) -> None:
        """Keep them for ever."""
        while True:
            self._sooner.clear()
            wait = self._heap[0][0] - wall_time() if self._heap else math.inf
            if wait <= 0:
                self._expire(heapq.heappop(self._heap)[1])
                continue
            with anyio.move_on_after(min(wait, CLOCK_CHECK_SECONDS) if self._heap else None):
                await self._sooner.wait()

    def _expire(self, arn: Arn) -> None:
        record = self._ledger.by_arn(arn)
        if record is not None and isinstance(record.spec.timeout, float):
            self._ledger.wish(
                record.id, Wish.TIMEOUT, f"timeout of {format_duration(record.spec.timeout)} reached"
            )
