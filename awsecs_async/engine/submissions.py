"""The queue: what is admitted and waits to be launched, in lanes by (target, provider).

A lane without capacity or without tokens never delays another: each has a queue, a gate and workers
of its own. Within a lane the highest priority goes first; within a priority the groups take turns, one
task each; within a group it is first come, first served. What comes back for want of capacity goes to
the front of its group.

The queue is bounded over all lanes: ``room`` is what a submitter waits for. Tasks that come back have
been counted before and are never turned away.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from awsecs_async.errors import DispatcherClosed
from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.gate import Gate
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause

if TYPE_CHECKING:
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.model.task import TaskId

LaneKey = tuple[str, str]
_Groups = OrderedDict[str, "OrderedDict[TaskId, Record]"]

CAPACITY_FIRST_SECONDS = 2.0
CAPACITY_CEILING_SECONDS = 60.0


class Lane:
    """Tasks that wait for the same capacity. Its mutable state is the queue and those who wait for it."""

    def __init__(self, key: LaneKey, freed: Callable[[], None]) -> None:
        self.key = key
        self._freed = freed
        self.gate = Gate(Backoff(CAPACITY_FIRST_SECONDS, CAPACITY_CEILING_SECONDS))
        self._priorities: dict[int, _Groups] = {}
        self._takers: deque[asyncio.Future[None]] = deque()
        self._length = 0

    def __repr__(self) -> str:
        return f"<Lane {'/'.join(self.key)}: {self._length} queued, {self.gate!r}>"

    def __len__(self) -> int:
        return self._length

    def put(self, record: Record, *, front: bool = False) -> None:
        """Let it wait here."""
        groups = self._priorities.setdefault(record.spec.priority, OrderedDict())
        queue = groups.setdefault(record.spec.group, OrderedDict())
        queue[record.id] = record
        if front:
            queue.move_to_end(record.id, last=False)
        self._length += 1
        self._wake()

    def remove(self, record: Record) -> bool:
        """Take it out, wherever it stands; False if it is not here."""
        groups = self._priorities.get(record.spec.priority, OrderedDict())
        queue = groups.get(record.spec.group)
        if queue is None or queue.pop(record.id, None) is None:
            return False
        self._length -= 1
        self._tidy(record.spec.priority, record.spec.group)
        self._freed()
        return True

    def holds(self, record: Record) -> bool:
        """Whether it stands here."""
        groups = self._priorities.get(record.spec.priority)
        queue = groups.get(record.spec.group) if groups else None
        return queue is not None and record.id in queue

    async def take(self, most: int) -> list[Record]:
        """The next task, and up to ``most`` in all where they are copies of it; waits for one."""
        while not self._length:
            taker = asyncio.get_running_loop().create_future()
            self._takers.append(taker)
            try:
                await taker
            except asyncio.CancelledError:
                if taker.done() and not taker.cancelled() and self._length:
                    self._wake()  # it was our turn: pass it on
                raise
        taken = self._next(most)
        if self._length:
            self._wake()
        return taken

    def _next(self, most: int) -> list[Record]:
        priority = max(self._priorities)
        groups = self._priorities[priority]
        group, queue = next(iter(groups.items()))
        taken = [queue.popitem(last=False)[1]]
        while len(taken) < most and queue and _equal(taken[0], next(iter(queue.values()))):
            taken.append(queue.popitem(last=False)[1])
        groups.move_to_end(group)  # the other groups' turn
        self._length -= len(taken)
        self._tidy(priority, group)
        self._freed()
        return taken

    def _tidy(self, priority: int, group: str) -> None:
        groups = self._priorities[priority]
        if not groups[group]:
            del groups[group]
        if not groups:
            del self._priorities[priority]

    def _wake(self) -> None:
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(None)
                return


class Submissions:
    """All lanes. It follows the ledger: what is QUEUED there stands in a lane here."""

    def __init__(self, ledger: Ledger, limit: int) -> None:
        self._limit = limit
        self._lanes: dict[LaneKey, Lane] = {}
        self._fresh: asyncio.Queue[Lane] = asyncio.Queue()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._held = 0  # room that was given and not yet used
        self._closed = False
        ledger.heed(self._heed)

    def __repr__(self) -> str:
        return f"<Submissions {len(self)} of {self._limit} queued in {len(self._lanes)} lanes>"

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that tasks have ever waited in."""
        return tuple(self._lanes.values())

    async def fresh(self) -> AsyncIterator[Lane]:
        """Every lane, as soon as it exists."""
        while True:
            yield await self._fresh.get()

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

    def lane(self, key: LaneKey) -> Lane:
        """The lane of that key, made when it is first asked for."""
        if key not in self._lanes:
            self._lanes[key] = Lane(key, self._freed)
            self._fresh.put_nowait(self._lanes[key])
        return self._lanes[key]

    def _freed(self) -> None:
        while self._waiting and not self.is_full:
            turn = self._waiting.popleft()
            if not turn.done():
                self._held += 1
                turn.set_result(None)

    def _heed(self, record: Record, old: State | None) -> None:
        if record.state is State.QUEUED:
            lane = self.lane(record.placement.lane)
            if (
                old is not None
                and old.is_on_ecs
                and record.attempts
                and record.attempts[-1].outcome.cause is Cause.CAPACITY
            ):
                lane.gate.close(record.note)  # ECS took it, but could not buy a machine for it
            lane.put(record, front=old is not None)
        elif old is State.QUEUED and record.state is not State.LAUNCHING:
            self.lane(record.placement.lane).remove(record)
        elif old is State.PROVISIONING and _got_a_machine(record):
            self.lane(record.placement.lane).gate.open()


def _equal(one: Record, other: Record) -> bool:
    """Whether one RunTask call can ask for both: the same spec (one object, as copies have it), no index."""
    return one.spec is other.spec and one.index is None and other.index is None


def _got_a_machine(record: Record) -> bool:
    started = record.result is not None and record.result.outcome.started
    return started or record.state in {State.STARTING, State.RUNNING}


def _closed() -> DispatcherClosed:
    return DispatcherClosed("the dispatcher closed while the task waited for room in its queue")
