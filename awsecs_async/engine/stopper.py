"""Wishes to stop -> StopTask, as soon as the wish is on disk and the ARN is known.

StopTask shares RunTask's bucket and goes first, because a task that nobody wants costs money every
second. What ECS then reports is the poller's to hear; a task that ended by itself meanwhile tells its
own ending. ECS may not know yet what it has just launched: then it is asked again until the poller has
seen the task end, or given it up.

A task that is only late to start is looked at once more before it is stopped, since the last look may be some
seconds old: if it has started by now it is left alone, and the ledger drops the wish.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio

from awsecs_async.engine.targets import Unwanted
from awsecs_async.errors import AwsFault, RequestRefused
from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.speech import get_logger
from awsecs_async.model.outcome import Wish

if TYPE_CHECKING:
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.sighting import Arn

STOPS_IN_FLIGHT = 16
NOT_YET_FIRST_SECONDS = 1.0  # until a stop that ECS refused, or whose task it did not know, is sent again
NOT_YET_CEILING_SECONDS = 60.0
log = get_logger()


class Stopper:
    """Stops what shall end. Its state is the queue of stops to be sent, one for each task at most, and
    when each that did not succeed is sent again.
    """

    def __init__(self, ledger: Ledger, places: Places) -> None:
        self._ledger = ledger
        self._places = places
        self._queue: asyncio.Queue[Arn] = asyncio.Queue()
        self._asked: dict[Arn, Backoff] = {}
        ledger.heed(self._heed)

    async def run(self) -> None:
        """Stop for ever."""
        async with anyio.create_task_group() as group:
            for _ in range(STOPS_IN_FLIGHT):
                group.start_soon(self._work)

    def _heed(self, record: Record, _old: State | None) -> None:
        arn = record.arn
        if arn is None:
            return
        if record.state.is_ending:
            self._asked.pop(arn, None)
        elif arn not in self._asked and _may_be_stopped(record):
            self._asked[arn] = Backoff(NOT_YET_FIRST_SECONDS, NOT_YET_CEILING_SECONDS)
            self._queue.put_nowait(arn)

    async def _work(self) -> None:
        while True:
            arn = await self._queue.get()
            record = self._ledger.by_arn(arn)
            if record is not None:
                await self._ledger.written()
                if record.wish is Wish.START:
                    await self._look(record, arn)
                await self._stop(record, arn)

    def _wanted(self, record: Record, arn: Arn) -> bool:
        return record.wish is not None and self._ledger.by_arn(arn) is record

    async def _look(self, record: Record, arn: Arn) -> None:
        station = self._places.station(record.placement)
        demands = [(station.buckets.read, 1.0)]
        try:
            look = await station.call(
                lambda: station.ecs.describe(station.target.cluster, [arn]), demands, activity="watching"
            )
        except RequestRefused:  # then what was seen last has to do
            return
        for sighting in look.sightings:
            self._ledger.seen(sighting)

    async def _stop(self, record: Record, arn: Arn) -> None:
        station = self._places.station(record.placement)
        reason = record.wish_reason or (record.wish.value if record.wish else "")
        stopped = False
        try:
            stopped = await station.call(
                lambda: self._send(station, arn, reason),
                [(station.buckets.modify, 1)],
                activity="stopping",
                urgent=True,
                wanted=lambda: self._wanted(record, arn),
            )
        except Unwanted:
            self._asked.pop(arn, None)
        except AwsFault as fault:
            log.error(  # noqa: TRY400 (the message says it all)
                "stop refused", task=record.id, arn=arn, said=str(fault)
            )
        if not stopped and (delays := self._asked.get(arn)) is not None:
            asyncio.get_running_loop().call_later(delays.next(), self._queue.put_nowait, arn)

    async def _send(self, station: Station, arn: Arn, reason: str) -> bool:
        self._ledger.stopping(arn)
        return await station.ecs.stop(station.target.cluster, arn, reason)


def _may_be_stopped(record: Record) -> bool:
    unseen = record.live is None or record.live.version < 0
    return record.wish is not None and not (record.wish is Wish.START and unseen)
