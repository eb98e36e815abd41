"""What a launch takes besides tokens: a task definition at AWS, and files on S3 where RunTask has no room.

To ask what is there never waits. What is not there is fetched by workers of its own, while the tasks that
need it stand on the shelf: a lane's worker goes on with the next task at once. To find a definition is cheap
and may be permitted where to register one is not, so those are two stages: however many wait for the second,
which refills at one a second, nobody waits behind them for the first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.engine.definitions import Existing
from awsecs_async.engine.shelf import Batch, Need, Stage
from awsecs_async.errors import InvalidTask, Refused, RequestRefused
from awsecs_async.model import outcome
from awsecs_async.model.lifecycle import State
from awsecs_async.model.overrides import Work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anyio.abc import TaskGroup

    from awsecs_async.engine.definitions import Definitions, Needed
    from awsecs_async.engine.lanes import LaneKey
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.spill import Overflow
    from awsecs_async.engine.submissions import Submissions
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.spill import Spilled

MOST = {Stage.FINDING: 100, Stage.REGISTERING: 4, Stage.SPILLING: 100}
"""Batches served at once at a target. Registering is few, so that whoever comes has its turn soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a launch in some lane is made of."""

    station: Station
    work: Work
    definition: Needed
    spilled: Spilled | None


class Preparation:
    """Sees to it that what is launched can be. Its mutable state is how many are at work on which stage."""

    def __init__(
        self,
        ledger: Ledger,
        submissions: Submissions,
        places: Places,
        definitions: Definitions,
        overflow: Overflow,
        fusion: Fusion,
    ) -> None:
        self._ledger = ledger
        self._submissions = submissions
        self._places = places
        self._definitions = definitions
        self._overflow = overflow
        self._fusion = fusion
        self._at_work: Counter[tuple[str, Stage]] = Counter()

    def __repr__(self) -> str:
        said = ", ".join(
            f"{n} {stage.value} at {target}" for (target, stage), n in self._at_work.items() if n
        )
        return f"<Preparation {said or 'at rest'}>"

    def prepared(self, records: list[Record], lane: LaneKey, workers: TaskGroup) -> tuple[Parts, Arn] | None:
        """What they are launched with; None if they end, or are set aside until it is there.

        They can go in one launch. What is set aside is not in ``records`` any more.
        """
        try:
            parts = self._parts(records[0], lane)
            arn = self._definitions.known(parts.definition, parts.station)
        except (InvalidTask, Refused) as fault:
            self.refuse(records, str(fault))
            return None
        shelf, definition = self._submissions.shelf, self._definition(parts)
        if arn is None or shelf.awaits(definition):
            self._set_aside(records, definition, Stage.FINDING, lane, workers)
            return None
        if parts.spilled is not None:
            files = _files(parts.spilled, parts.station)
            if shelf.awaits(files) or not self._overflow.has(parts.spilled, parts.station):
                self._set_aside(records, files, Stage.SPILLING, lane, workers)
                return None
        return parts, arn

    def refuse(self, records: Iterable[Record], reason: str) -> None:
        """Those that are still queued can never be launched: they end."""
        for record in tuple(records):
            if record.state is State.QUEUED:
                self._ledger.fail(record, outcome.refused(reason))

    def forget(self, parts: Parts, arn: Arn) -> None:
        """This definition was found INACTIVE."""
        self._definitions.forget(parts.definition, parts.station, arn)

    def _parts(self, record: Record, lane: LaneKey) -> Parts:
        station = self._places.named(lane[0])
        work = Work(
            spec=record.spec,
            placement=record.route[record.choice_of(lane)],
            target=station.target,
            index=record.index,
            size=record.size,
            fusion=self._fusion,
            attempt=record.next_attempt,
        )
        spilled = self._overflow.of(work)  # raises if there is no room: it was admitted with other settings
        definition = self._definitions.needed(
            spilled.spec if spilled else record.spec, work.placement, station
        )
        return Parts(station=station, work=work, definition=definition, spilled=spilled)

    def _definition(self, parts: Parts) -> Need:
        key = self._definitions.key(parts.definition, parts.station)
        return Need(target=parts.station.target.name, what=key)

    # --- those who fetch it ------------------------------------------------------------------------

    def _set_aside(
        self, records: list[Record], need: Need, stage: Stage, lane: LaneKey, workers: TaskGroup
    ) -> None:
        if self._submissions.set_aside(records, need, stage, lane):
            self._call(need.target, stage, workers)
        records.clear()

    def _call(self, target: str, stage: Stage, workers: TaskGroup) -> None:
        if self._at_work[target, stage] < MOST[stage]:
            self._at_work[target, stage] += 1
            workers.start_soon(self._work, target, stage, workers)

    async def _work(self, target: str, stage: Stage, workers: TaskGroup) -> None:
        try:
            while (batch := self._submissions.shelf.next(target, stage)) is not None:
                await self._serve(batch, workers)
        finally:
            self._at_work[target, stage] -= 1

    async def _serve(self, batch: Batch, workers: TaskGroup) -> None:
        done = True
        try:
            done = await self._fetch(batch)
        except (RequestRefused, Refused, InvalidTask) as fault:
            self.refuse(batch.records.values(), str(fault))
        finally:
            if done:
                self._submissions.bring_back(batch)
        if not done:
            self._submissions.shelf.again(batch, Stage.REGISTERING)
            self._call(batch.need.target, Stage.REGISTERING, workers)

    async def _fetch(self, batch: Batch) -> bool:
        """Whether it is there now; else it is to be registered."""
        parts = self._parts(next(iter(batch.records.values())), batch.lane)
        match batch.stage:
            case Stage.FINDING:
                return await self._definitions.find(parts.definition, parts.station)
            case Stage.REGISTERING if not isinstance(parts.definition, Existing):
                await self._definitions.register(parts.definition, parts.station)
            case Stage.SPILLING if parts.spilled is not None:
                await self._overflow.put(parts.spilled, parts.station)
        return True


def _files(spilled: Spilled, station: Station) -> Need:
    return Need(target=station.target.name, what=tuple(url for url, _ in spilled.files))
