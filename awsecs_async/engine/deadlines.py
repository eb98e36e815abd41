"""Timeouts: ECS has none, so the dispatcher keeps three kinds of them.

``timeout`` counts from when ECS says that a task started: then it is stopped. ``startTimeout`` counts from
its launch until it is RUNNING: then it is stopped and tried at its next place, or ends. ``queueTimeout``
counts from its admission, or from when it last left a machine, until it is launched: then it ends; what is
being launched at that moment is left alone.

All count by the wall clock, so that they mean the same after a restart. While no dispatcher runs, nothing
holds them. Right after one, a task that ECS has not been asked about yet may have started long ago: its
start is judged once it has been seen.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from enum import Enum
from typing import TYPE_CHECKING

import anyio

from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Wish
from awsecs_async.model.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.model.settings import Settings

SPARE = 1000  # deadlines that do not matter any more, kept before they are cleared away
CLOCK_CHECK_SECONDS = 60.0  # wall clocks are set and machines sleep: look again at least this often
UNSEEN_SECONDS = 5.0  # until a task that has not been seen since the restart is judged again


class Kind(Enum):
    """What is not to last longer, and its name for people."""

    QUEUED = "queueTimeout"
    STARTING = "startTimeout"
    RUNNING = "timeout"


_KINDS = {
    State.QUEUED: Kind.QUEUED,
    State.PROVISIONING: Kind.STARTING,
    State.STARTING: Kind.STARTING,
    State.RUNNING: Kind.RUNNING,
}
_Entry = tuple[float, str, str]  # when (epoch seconds), the kind's value, the id of the task or its ARN


class Deadlines:
    """The timeouts of live tasks. Its state is a heap of (when, which kind, whose), and a set of the same.

    Args:
        obstacle: Says what a queued task waits for.
    """

    def __init__(self, ledger: Ledger, settings: Settings, obstacle: Callable[[Record], str]) -> None:
        self._ledger = ledger
        self._settings = settings
        self._obstacle = obstacle
        self._heap: list[_Entry] = []
        self._held: set[_Entry] = set()  # a task that comes back from every launch has one queueTimeout
        self._sooner = asyncio.Event()
        ledger.heed(self._heed)

    def __repr__(self) -> str:
        return f"<Deadlines {len(self._heap)} to come>"

    def _heed(self, record: Record, old: State | None) -> None:
        kind = _KINDS.get(record.state)
        if kind is None or (old is not None and _KINDS.get(old) is kind):
            return
        seconds = self._seconds(record, kind)
        if seconds is None:
            return
        live = record.live
        if kind is Kind.QUEUED:
            self._keep((record.waits_since or wall_time()) + seconds, kind, record.id)
        elif live is not None and live.arn is not None:
            since = live.launched_at if kind is Kind.STARTING else live.started_at
            self._keep((since or wall_time()) + seconds, kind, live.arn)

    def _seconds(self, record: Record, kind: Kind) -> float | None:
        spec, settings = record.spec, self._settings
        asked, default = {
            Kind.QUEUED: (spec.queue_timeout, settings.queue_timeout),
            Kind.STARTING: (spec.start_timeout, settings.start_timeout),
            Kind.RUNNING: (spec.timeout, None),
        }[kind]
        return asked if isinstance(asked, float) else default

    def _keep(self, when: float, kind: Kind, whose: str) -> None:
        entry = (when, kind.value, whose)
        if entry in self._held:
            return
        self._held.add(entry)
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._ledger) + SPARE:
            self._heap = [each for each in self._heap if self._record(each) is not None]
            self._held = set(self._heap)
            heapq.heapify(self._heap)
        self._sooner.set()

    def _record(self, entry: _Entry) -> Record | None:
        """The task that an entry is for, if it is still on what the entry is about, or may be again."""
        _, value, whose = entry
        if Kind(value) is Kind.QUEUED:
            record = self._ledger.get(whose)  # type: ignore[arg-type]  # a TaskId, as it was put in
            return record if record is not None and not record.state.is_on_ecs else None
        record = self._ledger.by_arn(whose)  # type: ignore[arg-type]  # an Arn
        return record if record is not None and _KINDS.get(record.state) is Kind(value) else None

    async def run(self) -> None:
        """Keep them for ever."""
        while True:
            self._sooner.clear()
            wait = self._heap[0][0] - wall_time() if self._heap else math.inf
            if wait <= 0:
                entry = heapq.heappop(self._heap)
                self._held.discard(entry)
                if (record := self._record(entry)) is not None:
                    self._expire(record, Kind(entry[1]))
                continue
            with anyio.move_on_after(min(wait, CLOCK_CHECK_SECONDS) if self._heap else None):
                await self._sooner.wait()

    def _expire(self, record: Record, kind: Kind) -> None:
        seconds = self._seconds(record, kind)
        if seconds is None:
            return
        said = f"{kind.value} of {format_duration(seconds)} reached"
        if kind is Kind.RUNNING:
            self._ledger.wish(record.id, Wish.TIMEOUT, said)
        elif kind is Kind.STARTING:
            if record.live is not None and record.live.version < 0 and record.arn is not None:
                self._keep(wall_time() + UNSEEN_SECONDS, kind, record.arn)
            else:
                self._ledger.wish(record.id, Wish.START, said)
        elif record.state is State.QUEUED and (record.waits_since or 0.0) + seconds <= wall_time():
            # Else it had a machine since: this deadline is of an earlier wait, and the new one has its own.
            self._ledger.waited_too_long(record, outcome.queue_timed_out(seconds, self._obstacle(record)))
