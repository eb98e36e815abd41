"""After a restart, what was launched before comes back; and a launch that nobody answered is settled.

The journal remembers three kinds of unfinished things. A task that was queued is queued again. A task
whose ARN is known is looked at by the poller like any other. A launch that was on disk but not settled
may or may not have happened: inside the lifetime of its token the recorded request is sent again, byte
for byte, and ECS answers with the tasks it made the first time, or makes them now. Later than that, ECS
is asked for everything that this dispatcher started, and the launch's id in the task's group tells whose
it is. What is then not found ends UNKNOWN: it is never run again on a guess.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from awsecs_async.engine.sending import TOKEN_TRUSTED_SECONDS, TokenExpired, send
from awsecs_async.errors import AwsFault, DefinitionGone, InvalidTask, Refused, SettingsError
from awsecs_async.kit.speech import get_logger
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome
from awsecs_async.model.quotas import DESCRIBE_TASKS_MAX_ARNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsecs_async.engine.journal.port import LiveTask, Remembered
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.submissions import Submissions
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.launch import Launch
    from awsecs_async.model.placement import Placement, Route
    from awsecs_async.model.sighting import Sighting

SETTLING_AT_ONCE = 16
LOOK_AGAIN_SECONDS = 30.0
log = get_logger()


class Adoption:
    """Settles launches whose fate is not known. Its state is the queues of them."""

    def __init__(
        self,
        ledger: Ledger,
        submissions: Submissions,
        places: Places,
        *,
        started_by: str,
        missing_grace: float,
    ) -> None:
        self._ledger = ledger
        self._submissions = submissions
        self._places = places
        self._started_by = started_by
        self._missing_grace = missing_grace
        self._queue: asyncio.Queue[Launch] = asyncio.Queue()
        self._lost: asyncio.Queue[_Lost] = asyncio.Queue()

    def restore(self, remembered: Remembered) -> None:
        """Put what the journal remembers into the ledger. What was launched is followed in any case; what was
        not, and names a provider that is not there any more, ends refused.

        Raises:
            SettingsError: if the settings cannot place what was not launched, or lead elsewhere.
        """
        for launch in remembered.launches:
            self._ledger.reopen(launch)
        for task in remembered.tasks:
            self._restore(task)
        for launch in remembered.launches:
            self.doubt(launch)

    def doubt(self, launch: Launch) -> None:
        """Nobody knows what became of it: find out."""
        self._queue.put_nowait(launch)

    async def run(self) -> None:
        """Settle for ever."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._find_lost)
            for _ in range(SETTLING_AT_ONCE):
                group.start_soon(self._work)

    def _restore(self, task: LiveTask) -> None:
        spec, never = task.admitted.spec, ""
        route: Route = ()
        try:
            route = self._places.place(spec)
        except InvalidTask as why:
            never = str(why)  # it names what is not there any more, and no settings bring that back
        except (Refused, SettingsError) as why:
            if task.launch is None:
                raise SettingsError(
                    f"the journal holds task {task.admitted.id}, which these settings cannot place ({why}); "
                    "start again with settings that can"
                ) from why
        place = self._launched_at(task.launch, route) if task.launch is not None else None
        route = route or ((place,) if place else self._places.recalled(spec, task.attempts))
        record = self._ledger.restore(task, route, place)
        if record.live is not None:
            log.info("adopted", task=record.id, arn=record.arn)
        elif never:
            self._ledger.fail(record, outcome.refused(never))

    def _launched_at(self, launch: Launch, route: Route) -> Placement:
        """A task is where it was launched, whatever the settings say now."""
        request = json.loads(launch.request)
        place = self._places.recorded(launch, request, route)
        _check_cluster(request, self._places.station(place))
        return place

    async def _work(self) -> None:
        while True:
            launch = await self._queue.get()
            members = self._ledger.members(launch)
            if not members:
                self._ledger.returned(launch, "")
                continue
            station = self._places.station(members[0].placement)
            if wall_time() - launch.made_at > TOKEN_TRUSTED_SECONDS:
                self._lost.put_nowait(_Lost(launch=launch, since=launch.made_at))
            else:
                await self._replay(launch, station)

    async def _replay(self, launch: Launch, station: Station) -> None:
        place = self._ledger.members(launch)[0].placement
        awsvpc = place.network_mode == "awsvpc"
        demands = station.buckets.launch(place.provider, count=len(launch.members), awsvpc=awsvpc)
        try:
            with self._submissions.using(launch.lane) as lane:
                # A wish to stop does not keep it from being sent: only what has an ARN can be stopped.
                await send(launch, station, self._ledger, demands, lane, sent=True)
        except TokenExpired:
            self._lost.put_nowait(_Lost(launch=launch, since=wall_time()))
        except DefinitionGone:
            log.debug("definition gone at replay", launch=launch.id)  # its members are queued again

    async def _find_lost(self) -> None:
        """Settle what can no longer be sent again, all that waits with one walk through what is ours."""
        while True:
            lost = [await self._lost.get()]
            while not self._lost.empty():
                lost.append(self._lost.get_nowait())
            for station in {id(s): s for s in map(self._station, lost) if s}.values():
                here = [each for each in lost if self._station(each) is station]
                for each in await self._still_lost(station, here):
                    asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._lost.put_nowait, each)

    async def _still_lost(self, station: Station, lost: Sequence[_Lost]) -> list[_Lost]:
        """Those of which it is too early to say that ECS has nothing of them."""
        try:
            found = await station.call(
                partial(self._walk, station), [(station.buckets.read, 1)], activity="watching"
            )
        except AwsFault as fault:
            log.error("cannot settle launches", count=len(lost), said=str(fault))  # noqa: TRY400
            return list(lost)
        still = []
        for each in lost:
            tasks = found.get(each.launch.id)
            if not tasks and wall_time() - each.since < self._missing_grace:
                still.append(each)  # ECS may not show yet what it has just made
            else:
                self._settle(each.launch, tasks or ())
        return still

    def _station(self, lost: _Lost) -> Station | None:
        members = self._ledger.members(lost.launch)
        return self._places.station(members[0].placement) if members else None

    def _settle(self, launch: Launch, found: Sequence[Sighting]) -> None:
        reason = f"its launch {launch.id} was sent but never answered, and ECS names no task of it"
        self._ledger.launched(launch, found, rest=outcome.forgotten(reason))

    async def _walk(self, station: Station) -> dict[str, list[Sighting]]:
        """All that this dispatcher started and ECS still knows, by launch."""
        found: dict[str, list[Sighting]] = {}
        read = station.buckets.read
        async for arns in station.ecs.ours(station.target.cluster, self._started_by):
            await read.acquire()  # for this page; each look has its own
            for start in range(0, len(arns), DESCRIBE_TASKS_MAX_ARNS):
                await read.acquire()
                part = arns[start : start + DESCRIBE_TASKS_MAX_ARNS]
                look = await station.ecs.describe(station.target.cluster, part)
                for sighting in look.sightings:
                    found.setdefault(sighting.ecs_group or "", []).append(sighting)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """A launch that cannot be sent again, and since when (epoch seconds) ECS may have tasks of it."""

    launch: Launch
    since: float


def _check_cluster(request: Mapping[str, Any], station: Station) -> None:
    """Hold the target's cluster to that of a request made before. Raises SettingsError if it is another."""
    before, now = request["cluster"], station.target.cluster
    home, here = _account(request["taskDefinition"]), _account(station.cluster.arn)
    if before != now:
        changed = f"on cluster {before}, but target {station.target.name!r} now names {now}"
    elif home != here:
        changed = f"in {' of account '.join(home)}, but target {station.target.name!r} now leads to "
        changed += " of account ".join(here)
    else:
        return
    raise SettingsError(
        f"the journal holds tasks launched {changed}; set cluster, region and credentials back until they "
        "have ended, or give the new ones a journal of their own"
    )


def _account(arn: str) -> list[str]:
    """The region and the account in an ARN."""
    return arn.split(":")[3:5]
