"""Queue -> definition -> launch on disk -> tokens -> RunTask -> ledger.

Every lane has workers of its own, as many as launches may be under way at once in it. A worker takes
the next task (and its copies), sees to its definition, has the launch written down, and sends it. What
a worker holds when it is cancelled is either still QUEUED, and goes back to its lane, or LAUNCHING, and
on disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from awsecs_async.engine.sending import TokenExpired, send
from awsecs_async.errors import DefinitionGone, RequestRefused
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome
from awsecs_async.model.launch import Launch, LaunchId, Work, render_launch
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsecs_async.engine.definitions import Definitions
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.submissions import Lane, Submissions
    from awsecs_async.kit.gate import Passage
    from awsecs_async.model.definition import Definition
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.sighting import Arn


class Launcher:
    """Launches what is queued. It keeps no state of its own."""

    def __init__(
        self,
        ledger: Ledger,
        submissions: Submissions,
        places: Places,
        definitions: Definitions,
        settings: Settings,
        *,
        started_by: str,
        expired: Callable[[Launch], None],
    ) -> None:
        self._ledger = ledger
        self._submissions = submissions
        self._places = places
        self._definitions = definitions
        self._settings = settings
        self._started_by = started_by
        self._expired = expired

    async def run(self) -> None:
        """Launch for ever."""
        async with anyio.create_task_group() as workers:
            async for lane in self._submissions.fresh():
                for _ in range(self._settings.launches_in_flight):
                    workers.start_soon(self._work, lane)

    async def _work(self, lane: Lane) -> None:
        gate = self._places.named(lane.key[0]).gate("launching")
        while True:
            with await lane.gate.passage() as place:
                records = await lane.take(self._settings.max_copies_per_launch)
                try:
                    # Only who has a task waits at the target's gate: a probe without one would hold up all.
                    with await gate.passage() as leave:
                        if place.probe or lane.gate.is_open:  # the lane may have closed while we waited
                            await self._launch(lane, records, leave)
                finally:
                    for record in reversed(records):
                        # Cancelled, or blocked, before it became a launch: its place is at the front again.
                        if record.state is State.QUEUED and not lane.holds(record):
                            lane.put(record, front=True)

    async def _launch(self, lane: Lane, records: list[Record], leave: Passage) -> None:
        first = records[0]
        station = self._places.station(first.placement)
        definition = self._definitions.render(first.spec, first.placement, station)
        arn = await self._resolve(definition, records)
        records = [r for r in records if r.state is State.QUEUED]  # some may have been cancelled meanwhile
        if arn is None or not records:
            return
        launch = self._make(records, arn)
        self._ledger.launching(launch)
        await self._ledger.written()
        place = first.placement
        demands = station.buckets.launch(
            place.provider, count=len(records), awsvpc=place.network_mode == "awsvpc"
        )
        try:
            await send(launch, station, self._ledger, demands, lane.gate, leave=leave)
        except DefinitionGone:
            self._definitions.forget(definition, station, arn)
        except TokenExpired:
            self._expired(launch)

    async def _resolve(self, definition: Definition, records: list[Record]) -> Arn | None:
        try:
            return await self._definitions.resolve(definition, self._places.station(records[0].placement))
        except RequestRefused as fault:
            for record in records:
                if record.state is State.QUEUED:
                    self._ledger.fail(record, outcome.refused(str(fault)))
            return None

    def _make(self, records: list[Record], definition_arn: Arn) -> Launch:
        first, now = records[0], wall_time()
        target = self._places.station(first.placement).target
        return render_launch(
            LaunchId(new_id(now)),
            {record.id: record.next_attempt for record in records},
            Work(
                spec=first.spec, placement=first.placement, target=target, index=first.index, size=first.size
            ),
            definition_arn=definition_arn,
            started_by=self._started_by,
            made_at=now,
        )
