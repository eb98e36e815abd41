"""Wishes to stop -> StopTask, as soon as the wish is on disk and the ARN is known.

StopTask shares RunTask's bucket and goes first, because a task that nobody wants costs money every
second. What ECS then reports is the poller's to hear; a task that ended by itself meanwhile tells its
own ending.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio

from awsecs_async.errors import AwsFault
from awsecs_async.kit.speech import get_logger

if TYPE_CHECKING:
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.placement import Places
    from awsecs_async.engine.record import Record
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.sighting import Arn

STOPS_IN_FLIGHT = 16
log = get_logger()


class Stopper:
    """Stops what shall end. Its state is the queue of stops to be sent, one for each task at most."""

    def __init__(self, ledger: Ledger, places: Places) -> None:
        self._ledger = ledger
        self._places = places
        self._queue: asyncio.Queue[Arn] = asyncio.Queue()
        self._asked: set[Arn] = set()
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
            self._asked.discard(arn)
        elif record.wish is not None and arn not in self._asked:
            self._asked.add(arn)
            self._queue.put_nowait(arn)

    async def _work(self) -> None:
        while True:
            arn = await self._queue.get()
            record = self._ledger.by_arn(arn)
            if record is not None:
                await self._ledger.written()
                await self._stop(record, arn)

    async def _stop(self, record: Record, arn: Arn) -> None:
        station = self._places.station(record.placement)
        reason = record.wish_reason or (record.wish.value if record.wish else "")
        try:
            await station.call(
                lambda: station.ecs.stop(station.target.cluster, arn, reason),
                [(station.buckets.modify, 1)],
                activity="stopping",
                urgent=True,
            )
        except AwsFault as fault:
            log.error(  # noqa: TRY400 (the message says it all)
                "stop refused", task=record.id, arn=arn, said=str(fault)
            )
