"""Queue -> definition -> launch on disk -> tokens -> RunTask -> ledger.

Every lane has workers of its own, called while there is something to take, up to as many as launches may be
under way at once in it. A worker takes the next task (and its copies), sees to its definition, has the launch
written down, and sends it. What a worker holds when it is cancelled is either still QUEUED, and goes back to
its line, or LAUNCHING, and on disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from awsecs_async.engine.sending import TokenExpired, send
from awsecs_async.errors import DefinitionGone, InvalidTask, Refused, RequestRefused
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome
from awsecs_async.model.launch import Launch, LaunchId, render_launch
from awsecs_async.model.lifecycle import State
from awsecs_async.model.overrides import Work
from awsecs_async.model.task import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from awsecs_async.engine.definitions import Definitions, Needed
    from awsecs_async.engine.lanes import Lane
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.spill import Overflow
    from awsecs_async.engine.submissions import Submissions
    from awsecs_async.engine.targets import Station
    from awsecs_async.kit.gate import Passage
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.spill import Spilled

ASIDE_MOST = 1_000  # launches whose files are on their way to S3

ON_THE_WAY = ("registering", "spilling", "launching")  # the activities that a launch takes


class Launcher:
    """Launches what is queued. Its only state is how many tasks are set aside until their files are on S3."""

    def __init__(  # noqa: PLR0913 (the parts that it joins)
        self,
        ledger: Ledger,
        submissions: Submissions,
        places: Places,
        definitions: Definitions,
        overflow: Overflow,
        settings: Settings,
        *,
        started_by: str,
        expired: Callable[[Launch], None],
    ) -> None:
        self._ledger = ledger
        self._submissions = submissions
        self._places = places
        self._definitions = definitions
        self._overflow = overflow
        self._settings = settings
        self._started_by = started_by
        self._expired = expired
        self._room_aside = anyio.Semaphore(ASIDE_MOST)

    async def run(self) -> None:
        """Launch for ever."""
        async with anyio.create_task_group() as workers:
            async for lane in self._submissions.calls():
                workers.start_soon(self._work, lane, workers)

    def obstacle(self, record: Record) -> str:
        """What a queued task waits for, for people."""
        station = self._places.station(record.placement)
        for activity in ON_THE_WAY:
            if not station.gate(activity).is_open:
                return f"target {station.target.name} ({station.gate(activity).reason})"
        return self._submissions.obstacle(record)

    async def _work(self, lane: Lane, workers: TaskGroup) -> None:
        try:
            while await self._work_once(lane, workers):
                pass
        finally:
            self._submissions.left(lane)

    async def _work_once(self, lane: Lane, workers: TaskGroup) -> bool:
        """Launch the lane's next task and its copies; False if there is none."""
        with await lane.gate.passage() as place:
            records = self._submissions.take(lane, self._settings.max_copies_per_launch)
            found = bool(records)
            try:
                if found:
                    await self._try(lane, records, place, workers)
            finally:
                for record in reversed(records):
                    # Cancelled, or blocked, before it became a launch: its place is at the front again.
                    self._submissions.give_back(record)
        return found

    async def _try(self, lane: Lane, records: list[Record], place: Passage, workers: TaskGroup) -> None:
        station = self._places.named(lane.key[0])
        spilled = self._spilled(records, station)
        if spilled and not self._overflow.has(spilled, station):
            place.abandon()  # no probe waits for S3, and no worker: these are given back when that is done
            await self._room_aside.acquire()
            workers.start_soon(self._put, records.copy(), spilled, station)
            records.clear()
            return
        if not any(record.state is State.QUEUED for record in records):
            return  # there is no room for it anywhere
        # Only who has a task waits at the target's gate: a probe without one would hold up all.
        with await station.gate("launching").passage() as leave:
            if place.probe or lane.gate.is_open:  # it may have closed while we waited
                for record in records:
                    self._ledger.tried_in(record, lane.key)
                await self._launch(lane, records, leave)

    def _spilled(self, records: list[Record], station: Station) -> Spilled | None:
        try:
            return self._overflow.of(self._work_of(records[0], station))
        except InvalidTask as error:  # it fitted when it was admitted: the settings are others now
            self._refuse(records, str(error))
            return None

    async def _put(self, records: list[Record], spilled: Spilled, station: Station) -> None:
        try:
            await self._overflow.put(spilled, station)
        finally:
            self._room_aside.release()
            for record in reversed(records):
                self._submissions.give_back(record)

    async def _launch(self, lane: Lane, records: list[Record], leave: Passage) -> None:
        first = records[0]
        station = self._places.station(first.placement)
        spilled = self._spilled(records, station)
        definition = self._definitions.needed(
            spilled.spec if spilled else first.spec, first.placement, station
        )
        arn = await self._resolve(definition, records)
        if spilled:
            await self._overflow.put(spilled, station)  # it is there, unless this place needs another file
        records = [r for r in records if r.state is State.QUEUED]  # some may have been cancelled meanwhile
        if arn is None or not records:
            return
        launch = self._make(records, arn, spilled)
        self._ledger.launching(launch)
        await self._ledger.written()
        place = first.placement
        demands = station.buckets.launch(
            place.provider, count=len(records), awsvpc=place.network_mode == "awsvpc"
        )
        try:
            await send(launch, station, self._ledger, demands, lane, leave=leave)
        except DefinitionGone:
            self._definitions.forget(definition, station, arn)
        except TokenExpired:
            self._expired(launch)

    async def _resolve(self, definition: Needed, records: list[Record]) -> Arn | None:
        try:
            return await self._definitions.resolve(definition, self._places.station(records[0].placement))
        except (RequestRefused, Refused) as fault:
            self._refuse(records, str(fault))
            return None

    def _refuse(self, records: list[Record], reason: str) -> None:
        for record in records:
            if record.state is State.QUEUED:
                self._ledger.fail(record, outcome.refused(reason))

    def _work_of(self, record: Record, station: Station) -> Work:
        return Work(
            spec=record.spec,
            placement=record.placement,
            target=station.target,
            index=record.index,
            size=record.size,
            fusion=self._settings.fusion,
            attempt=record.next_attempt,
        )

    def _make(self, records: list[Record], definition_arn: Arn, spilled: Spilled | None) -> Launch:
        now = wall_time()
        return render_launch(
            LaunchId(new_id(now)),
            {record.id: record.next_attempt for record in records},
            self._work_of(records[0], self._places.station(records[0].placement)),
            definition_arn=definition_arn,
            started_by=self._started_by,
            made_at=now,
            overrides=spilled.overrides if spilled else None,
        )
