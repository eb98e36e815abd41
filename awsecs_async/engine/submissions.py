"""The queue: what is admitted and waits to be launched, in lines that lead to lanes.

A lane without capacity or without tokens never delays another: each has a gate and workers of its own. What
comes back for want of capacity goes to the front of its group. Lanes may be as many as there are kinds of
machines, so they cost nothing at rest: workers are called when there is something to take, and a lane that
nobody waits for is forgotten once its gate is open.

The queue is bounded over all lines and the shelf: ``room`` is what a submitter waits for. Tasks that come
back have been counted before and are never turned away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from awsecs_async.engine.lanes import CAPACITY_CEILING_SECONDS, Lane, Line
from awsecs_async.engine.shelf import Shelf
from awsecs_async.errors import DispatcherClosed
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.placement import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from awsecs_async.engine.lanes import LaneKey, LineKey
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.shelf import Batch, Need, Stage

SPARE_LANES = 1000  # closed lanes that nobody waits for, kept before they are cleared away


class Submissions:
    """All lines and lanes, and the shelf. It follows the ledger: what is QUEUED there stands in a line here.

    Args:
        limit: Tasks that may wait.

        workers: How many may launch in one lane at once.

        moves_on: Whether a task goes to its next place where one has no capacity, or waits at its first.
    """

    def __init__(self, ledger: Ledger, limit: int, *, workers: int = 1, moves_on: bool = True) -> None:
        self._limit = limit
        self._workers = workers
        self._moves_on = moves_on
        self._lanes: dict[LaneKey, Lane] = {}
        self._lines: dict[LineKey, Line] = {}
        self._length = 0
        self.shelf = Shelf()
        self._lanes_at_clearing = 0
        self._calls: asyncio.Queue[Lane] = asyncio.Queue()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._held = 0  # room that was given and not yet used
        self._closed = False
        ledger.heed(self._heed)

    def __repr__(self) -> str:
        return f"<Submissions {len(self)} of {self._limit} queued in {len(self._lanes)} lanes>"

    def __len__(self) -> int:
        return self._length + len(self.shelf)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that are waited for, worked in, or closed."""
        return tuple(self._lanes.values())

    # --- room for more -----------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether one more would be one too many; room that is held counts as taken."""
        return len(self) + self._held >= self._limit

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Room for one more, in the order of asking, held for the block that may admit it.

        Raises:
            DispatcherClosed: if it closes before there is room.
        """
        await self._turn()
        try:
            yield
        finally:
            self._held -= 1
            self._freed()

    async def _turn(self) -> None:
        if self._closed and self.is_full:
            raise _closed()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._freed()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._held -= 1  # it was our turn: it is another's now
                self._freed()
            raise

    def close(self) -> None:
        """Nobody will take anything any more: those who wait for room need not."""
        self._closed = True
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(_closed())

    def _freed(self) -> None:
        while self._waiting and not self.is_full:
            turn = self._waiting.popleft()
            if not turn.done():
                self._held += 1
                turn.set_result(None)

    # --- lanes and those who work in them ----------------------------------------------------------

    async def calls(self) -> AsyncIterator[Lane]:
        """A lane for each worker that it lacks; whoever takes it on says ``left`` in the end."""
        while True:
            yield await self._calls.get()

    def left(self, lane: Lane) -> None:
        """A worker of that lane is gone; another comes if it left anything."""
        lane.workers -= 1
        if lane.next_line() is not None:
            self._call(lane, 1)
        self._forget(lane)

    @contextmanager
    def using(self, key: LaneKey) -> Iterator[Lane]:
        """The lane of that key, kept as long as the block lasts."""
        lane = self._lane(key)
        lane.guests += 1
        try:
            yield lane
        finally:
            lane.guests -= 1
            self._forget(lane)

    def take(self, lane: Lane, most: int) -> list[Record]:
        """The next task for that lane, and up to ``most`` in all where they are copies; empty without any."""
        line = lane.next_line()
        if line is None:
            return []
        taken = line.take(most)
        self._shortened(line, len(taken))
        if self._waiting:  # there is room for them a turn later, unless these are set aside at once
            asyncio.get_running_loop().call_soon(self._freed)
        return taken

    def give_back(self, record: Record) -> None:
        """It was taken and is QUEUED still: its place is at the front again."""
        if record.state is State.QUEUED and not self.holds(record):
            self._put(record, front=True)

    def set_aside(self, records: list[Record], need: Need, stage: Stage, lane: LaneKey) -> bool:
        """They were taken and need that first; they count as before. Whether nobody needed it till now."""
        return self.shelf.put(need, stage, lane, records)

    def bring_back(self, batch: Batch) -> None:
        """What was set aside goes on: each to the front of its group, in the order in which it was taken."""
        for record in reversed(self.shelf.clear(batch)):
            self.give_back(record)

    def holds(self, record: Record) -> bool:
        """Whether it stands in its line."""
        line = self._lines.get(self._line_key(record))
        return line is not None and line.holds(record)

    def obstacle(self, record: Record) -> str:
        """What it waits for, for people."""
        if (batch := self.shelf.batch_of(record)) is not None:
            return batch.stage.obstacle
        lanes = [lane for key in self._line_key(record) if (lane := self._lanes.get(key)) is not None]
        said = [f"{lane.name} ({lane.gate.reason})" for lane in lanes if not lane.gate.is_open]
        return f"capacity of {', '.join(said)}" if said else "its turn"

    def _lane(self, key: LaneKey) -> Lane:
        if key not in self._lanes:
            self._clear()
            self._lanes[key] = Lane(key, self._turned)
        return self._lanes[key]

    def _turned(self, lane: Lane) -> None:
        """Its gate has closed or opened: others may take now what waits, or it may."""
        for line in tuple(lane.lines):
            self._call_for(line, len(line))
        self._forget(lane)

    def _call_for(self, line: Line, count: int) -> None:
        """See that somebody takes so many out of it: at its first open lane, or as a probe before that."""
        for lane in line.lanes:
            if lane.gate.is_open:
                self._call(lane, count)
                return
            self._call(lane, 1)

    def _call(self, lane: Lane, count: int) -> None:
        for _ in range(min(count, self._workers - lane.workers)):
            lane.workers += 1
            self._calls.put_nowait(lane)

    def _forget(self, lane: Lane) -> None:
        if lane.is_idle and self._lanes.get(lane.key) is lane:
            del self._lanes[lane.key]

    def _clear(self) -> None:
        """Forget lanes that closed long ago and that nobody waits for."""
        if len(self._lanes) <= 2 * self._lanes_at_clearing + SPARE_LANES:
            return
        before = asyncio.get_running_loop().time() - CAPACITY_CEILING_SECONDS
        for lane in self.lanes:
            if not (lane.workers or lane.guests or len(lane)) and (lane.gate.closed_since or 0.0) < before:
                del self._lanes[lane.key]
        self._lanes_at_clearing = len(self._lanes)

    # --- lines and those who wait in them ----------------------------------------------------------

    def _heed(self, record: Record, old: State | None) -> None:
        if record.state is State.QUEUED:
            if old is not None and old.is_on_ecs and (key := _without_machine(record)):
                # ECS took it, and could not buy a machine for it.
                self._lane(key).close(record.attempts[-1].outcome.reason)
            self._put(record, front=old is not None)
            line = self._lines[self._line_key(record)]
            if old is not None and not any(lane.gate.is_open for lane in line.lanes):
                line.give_way(record)
        elif old is State.QUEUED and record.state is not State.LAUNCHING:
            self._remove(record)
        elif old is State.PROVISIONING and _got_a_machine(record):
            self._open(record.placement.lane)

    def _open(self, key: LaneKey) -> None:
        if (lane := self._lanes.get(key)) is not None:
            lane.open()

    def _line_key(self, record: Record) -> LineKey:
        places = record.route if self._moves_on else record.route[:1]
        if len(places) == 1:
            return (places[0].lane,)
        return tuple(dict.fromkeys(place.lane for place in places))

    def _put(self, record: Record, *, front: bool) -> None:
        key = self._line_key(record)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(tuple(map(self._lane, key)))
            for lane in line.lanes:
                lane.join(line)
        line.put(record, front=front)
        self._length += 1
        self._call_for(line, 1)

    def _remove(self, record: Record) -> None:
        line = self._lines.get(self._line_key(record))
        if not self.shelf.remove(record) and line is not None and line.remove(record):
            self._shortened(line, 1)
        self._freed()

    def _shortened(self, line: Line, by: int) -> None:
        self._length -= by
        if not len(line):
            del self._lines[line.key]
            for lane in line.lanes:
                lane.leave(line)
                self._forget(lane)


def _without_machine(record: Record) -> LaneKey | None:
    """The lane whose capacity the last attempt showed to be lacking, if it did."""
    if not record.attempts:
        return None
    last = record.attempts[-1]
    bare = (place.provider.word for place in record.route if place.provider.name is None)
    word = last.provider or next(bare, Kind.EC2.value)
    # Fargate never tells of an instance; elsewhere none in all that time means that none was to be had.
    unseen = last.instance_arn is None and not word.startswith(Kind.FARGATE.value)
    lacking = last.outcome.cause is Cause.CAPACITY or (last.outcome.cause is Cause.START_TIMEOUT and unseen)
    return record.placement.lane_at(word) if lacking else None


def _got_a_machine(record: Record) -> bool:
    started = record.result is not None and record.result.outcome.started
    return started or record.state in {State.STARTING, State.RUNNING}


def _closed() -> DispatcherClosed:
    return DispatcherClosed("the dispatcher closed while the task waited for room in its queue")
