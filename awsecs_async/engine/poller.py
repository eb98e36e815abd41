"""Ledger -> batches of up to 100 ARNs -> DescribeTasks -> ledger.

Young tasks change often and old ones rarely, so a task is looked at again after a tenth of its age,
within a floor and a ceiling: what is late is late by a tenth at most. Looks are due on a grid of ticks,
so that tasks launched one by one are still asked about together, and a call with room left takes along
those that would be due soon anyway. Polling draws from the read bucket and from a part of it that is
its own, so it never starves the rest of the account; when there are more tasks than that allows, looks
are late in the order in which they were due.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from typing import TYPE_CHECKING

import anyio

from awsecs_async.errors import RequestRefused
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.quotas import DESCRIBE_TASKS_MAX_ARNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.sighting import Arn

AGE_PART = 0.1  # a task is looked at again after this part of its age
CALLS_IN_FLIGHT = 8  # for each target; at 250 ms a call that is 32 calls a second


class Agenda:
    """When to look at what. Its state is the ARNs by the tick at which they are due."""

    def __init__(self, tick_seconds: float) -> None:
        self._tick_seconds = tick_seconds
        self._due: dict[int, list[Arn]] = {}
        self._ticks: list[int] = []

    def __repr__(self) -> str:
        return f"<Agenda {sum(map(len, self._due.values()))} looks at {len(self._due)} ticks>"

    def add(self, arn: Arn, when: float) -> None:
        """Look at it at the first tick not before ``when`` (loop time)."""
        tick = math.ceil(when / self._tick_seconds)
        if tick not in self._due:
            self._due[tick] = []
            heapq.heappush(self._ticks, tick)
        self._due[tick].append(arn)

    @property
    def next_due(self) -> float:
        """The loop time of the next look; infinite without one."""
        return self._ticks[0] * self._tick_seconds if self._ticks else math.inf

    def take(self, now: float, ahead_seconds: float, most: int) -> list[Arn]:
        """Up to ``most`` that are due, and if none is, nothing; with room left, those due soon too."""
        taken: list[Arn] = []
        until = now + ahead_seconds if self.next_due <= now else now
        while len(taken) < most and self.next_due <= until:
            tick = self._ticks[0]
            queue = self._due[tick]
            part = queue[: most - len(taken)]
            del queue[: len(part)]
            taken += part
            if not queue:
                heapq.heappop(self._ticks)
                del self._due[tick]
        return taken


class Poller:
    """Looks at what is on ECS, target by target."""

    def __init__(self, ledger: Ledger, stations: Sequence[Station], settings: Settings) -> None:
        self._ledger = ledger
        self._settings = settings
        self._rounds = {station.target.name: Round(ledger, station, settings) for station in stations}
        ledger.heed(self._heed)

    async def run(self) -> None:
        """Poll for ever."""
        async with anyio.create_task_group() as group:
            for each in self._rounds.values():
                group.start_soon(each.run)

    def _heed(self, record: Record, old: State | None) -> None:
        if record.arn is not None and (old is None or not old.is_on_ecs) and record.state.is_on_ecs:
            self._rounds[record.placement.target].begin(record.arn)


class Round:
    """The looks at one target's tasks."""

    def __init__(self, ledger: Ledger, station: Station, settings: Settings) -> None:
        self._ledger = ledger
        self._station = station
        self._settings = settings
        self._agenda = Agenda(settings.poll_floor)
        self._sooner = asyncio.Event()
        self._in_flight = asyncio.Semaphore(CALLS_IN_FLIGHT)

    def begin(self, arn: Arn) -> None:
        """A task is on ECS: look at it soon."""
        self._plan(arn, asyncio.get_running_loop().time() + self._settings.poll_floor)

    def _plan(self, arn: Arn, when: float) -> None:
        before = self._agenda.next_due
        self._agenda.add(arn, when - self._settings.poll_floor / 2)  # the nearest tick, not the next
        if self._agenda.next_due < before:
            self._sooner.set()

    async def run(self) -> None:
        """Look for ever."""
        async with anyio.create_task_group() as looks:
            while True:
                await self._until_due()
                await self._in_flight.acquire()
                looks.start_soon(self._look)
                await asyncio.sleep(0)  # let the look take its batch before the next is considered

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while (wait := self._agenda.next_due - loop.time()) > 0:
            self._sooner.clear()
            with anyio.move_on_after(wait if wait < math.inf else None):
                await self._sooner.wait()

    async def _look(self) -> None:
        arns: list[Arn] = []
        try:
            arns = self._batch()
            if arns:
                await self._describe(arns)
        finally:
            self._in_flight.release()
            self._again(arns)

    def _batch(self) -> list[Arn]:
        taken: list[Arn] = []
        now = asyncio.get_running_loop().time()
        while len(taken) < DESCRIBE_TASKS_MAX_ARNS:
            more = self._agenda.take(
                now, self._settings.poll_ceiling / 2, DESCRIBE_TASKS_MAX_ARNS - len(taken)
            )
            taken += [arn for arn in more if self._ledger.by_arn(arn) is not None]
            if not more:
                break
        return taken

    async def _describe(self, arns: Sequence[Arn]) -> None:
        station, buckets = self._station, self._station.buckets
        known = {
            arn: record.live.version for arn in arns if (record := self._ledger.by_arn(arn)) and record.live
        }
        try:
            look = await station.call(
                lambda: station.ecs.describe(station.target.cluster, arns, known),
                [(buckets.polling, 1), (buckets.read, 1)],
                activity="watching",
            )
        except RequestRefused:  # nothing of it is usable; the next look asks again
            return
        for sighting in look.sightings:
            self._ledger.seen(sighting)
        missing = set(look.missing)
        for arn in arns:
            if arn in missing:
                self._ledger.missing(arn, self._settings.missing_grace)
            else:
                self._ledger.found(arn)

    def _again(self, arns: Sequence[Arn]) -> None:
        now, wall = asyncio.get_running_loop().time(), wall_time()
        floor, ceiling = self._settings.poll_floor, self._settings.poll_ceiling
        for arn in arns:
            record = self._ledger.by_arn(arn)
            if record is not None and record.live is not None:
                age = wall - record.live.launched_at
                self._plan(arn, now + min(max(age * AGE_PART, floor), ceiling))
