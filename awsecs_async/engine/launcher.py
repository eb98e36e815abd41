"""Queue -> preparation -> launch on disk -> tokens -> RunTask -> ledger.

Every lane has workers of its own, called while there is something to take, up to as many as launches may be
under way at once in it. A worker takes the next task (and its copies), sees to its definition, has the launch
written down, and sends it. What a worker holds when it is cancelled is either still QUEUED, and goes back to
its line, or LAUNCHING, and on disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from awsecs_async.engine.sending import TokenExpired, send
from awsecs_async.errors import DefinitionGone
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.launch import Launch, LaunchId, render_launch
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from awsecs_async.engine.lanes import Lane
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.preparation import Parts, Preparation
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.submissions import Submissions
    from awsecs_async.kit.gate import Passage
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.sighting import Arn


class Launcher:
    """Launches what is queued. It has no state of its own."""

    def __init__(
        self,
        ledger: Ledger,
        submissions: Submissions,
        places: Places,
        preparation: Preparation,
        settings: Settings,
        *,
        started_by: str,
        expired: Callable[[Launch], None],
    ) -> None:
        self._ledger = ledger
        self._submissions = submissions
        self._places = places
        self._preparation = preparation
        self._settings = settings
        self._started_by = started_by
        self._expired = expired

    async def run(self) -> None:
        """Launch for ever."""
        async with anyio.create_task_group() as workers:
            async for lane in self._submissions.calls():
                workers.start_soon(self._work, lane, workers)

    def obstacle(self, record: Record) -> str:
        """What a queued task waits for, for people."""
        batch = self._submissions.shelf.batch_of(record)
        station = self._places.named(batch.need.target if batch else record.placement.target)
        gate = station.gate(batch.stage.value if batch else "launching")
        if not gate.is_open:
            return f"target {station.target.name} ({gate.reason})"
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
        if self._prepared(lane, records, workers) is None:
            place.abandon()  # no probe waits for what a task needs: the next one is another's
            await anyio.lowlevel.checkpoint()  # ten thousand may be set aside in a row
            return
        station = self._places.named(lane.key[0])
        # Only who has a task waits at the target's gate: a probe without one would hold up all.
        with await station.gate("launching").passage() as leave:
            if place.probe or lane.gate.is_open:  # it may have closed while we waited
                prepared = self._prepared(lane, records, workers)  # and what was there may be gone
                if prepared is not None:
                    for record in records:
                        self._ledger.tried_in(record, lane.key)
                    await self._launch(lane, records, *prepared, leave)

    def _prepared(self, lane: Lane, records: list[Record], workers: TaskGroup) -> tuple[Parts, Arn] | None:
        records[:] = [r for r in records if r.state is State.QUEUED]  # some may have been cancelled meanwhile
        return self._preparation.prepared(records, lane.key, workers) if records else None

    async def _launch(
        self, lane: Lane, records: list[Record], parts: Parts, definition_arn: Arn, leave: Passage
    ) -> None:
        launch = self._make(records, parts, definition_arn)
        self._ledger.launching(launch)
        await self._ledger.written()
        place, station = parts.work.placement, parts.station
        demands = station.buckets.launch(
            place.provider, count=len(records), awsvpc=place.network_mode == "awsvpc"
        )
        try:
            await send(launch, station, self._ledger, demands, lane, leave=leave)
        except DefinitionGone:
            self._preparation.forget(parts, definition_arn)
        except TokenExpired:
            self._expired(launch)

    def _make(self, records: list[Record], parts: Parts, definition_arn: Arn) -> Launch:
        now = wall_time()
        return render_launch(
            LaunchId(new_id(now)),
            {record.id: record.next_attempt for record in records},
            parts.work,
            definition_arn=definition_arn,
            started_by=self._started_by,
            made_at=now,
            overrides=parts.spilled.overrides if parts.spilled else None,
        )
