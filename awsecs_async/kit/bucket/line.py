"""Who is served when.

Waiters that draw from the same set of tanks stand in one `Lane`: first come, first served, the urgent
before the others. Lanes that share a tank compete through their heads, the oldest first. A head that must
wait, perhaps for one tank only, gets an appointment at the earliest moment at which all its tanks can
serve it together. Younger heads may pass it if that does not make it late (what schedulers of batch
machines call backfilling). So nobody holds tokens of one tank while waiting for another, nobody is passed
for ever, and whoever waits for one tank does not delay those who need only another.

Nothing here ticks: each lane sets one timer, for its head. The plan is made anew at every change, from
the levels and the heads alone; it costs in proportion to the lanes that wait, not to the waiters.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import OrderedDict
from typing import TYPE_CHECKING

from awsecs_async.kit.bucket.tank import SLACK_SECONDS, Plan, Tank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_arrivals = itertools.count()  # orders waiters across lanes


class Waiter:
    """One who waits for its amounts, with a future that is done when it has them."""

    __slots__ = ("amounts", "arrival", "turn", "urgent")

    def __init__(self, amounts: Mapping[Source, float], turn: asyncio.Future[None], *, urgent: bool) -> None:
        self.amounts = amounts
        self.turn = turn
        self.urgent = urgent
        self.arrival = next(_arrivals)

    def needs(self, source: Source) -> float:
        """Tokens of this source; never more than it can hold, should it have been made smaller meanwhile."""
        return min(self.amounts[source], source.tank.burst)

    def take(self, now: float) -> None:
        """Draw everything at once."""
        for source in self.amounts:
            source.tank.take(self.needs(source), now)

    def give_back(self, now: float) -> None:
        """Undo `take`."""
        for source in self.amounts:
            source.tank.take(-self.needs(source), now)

    def __lt__(self, other: Waiter) -> bool:
        return (not self.urgent, self.arrival) < (not other.urgent, other.arrival)


class Source:
    """A tank and the lanes in which somebody waits for it."""

    __slots__ = ("lanes", "tank")

    def __init__(self, tank: Tank) -> None:
        self.tank = tank
        self.lanes: dict[frozenset[Source], Lane] = {}


class Lane:
    """All who wait for the same set of sources; known to those sources as long as it is not empty."""

    __slots__ = ("_others", "_timer", "_urgent", "sources")

    def __init__(self, sources: frozenset[Source]) -> None:
        self.sources = sources
        # Ordered dictionaries, since a cancelled waiter leaves from the middle.
        self._urgent: OrderedDict[Waiter, None] = OrderedDict()
        self._others: OrderedDict[Waiter, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    @property
    def head(self) -> Waiter:
        """Who is served next."""
        return next(iter(self._urgent or self._others))

    @property
    def wakes_at(self) -> float | None:
        """The loop time of the head's appointment."""
        return self._timer.when() if self._timer else None

    def join(self, waiter: Waiter) -> None:
        """Stand at the end, or at the end of the urgent ones."""
        (self._urgent if waiter.urgent else self._others)[waiter] = None
        for source in self.sources:
            source.lanes[self.sources] = self

    def leave(self, waiter: Waiter) -> None:
        """Go away, served or not, if not gone yet; the last one takes the lane away."""
        standing = self._urgent if waiter.urgent else self._others
        if waiter not in standing:
            return
        del standing[waiter]
        if not self:
            self._disarm()
            for source in self.sources:
                del source.lanes[self.sources]

    def arm(self, when: float) -> None:
        """Have `serve` called at the head's appointment."""
        if self.wakes_at != when:
            self._disarm()
            self._timer = asyncio.get_running_loop().call_at(when, self._wake)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        self._timer = None
        serve(self.sources)


async def stand_in_line(amounts: Mapping[Source, float], *, urgent: bool) -> None:
    """Wait until everything can be taken at once, and take it."""
    loop = asyncio.get_running_loop()
    waiter = Waiter(amounts, loop.create_future(), urgent=urgent)
    if not any(source.lanes for source in amounts) and _at_once(waiter, loop.time()):
        return
    lane = _lane(frozenset(amounts))
    lane.join(waiter)
    if lane.head is waiter:
        serve(lane.sources)
    try:
        await waiter.turn
    except asyncio.CancelledError:
        _withdraw(lane, waiter)
        raise


def _at_once(waiter: Waiter, now: float) -> bool:
    enough = all(source.tank.holds(waiter.needs(source), now) for source in waiter.amounts)
    if enough:
        waiter.take(now)
    return enough


def _lane(sources: frozenset[Source]) -> Lane:
    return next(iter(sources)).lanes.get(sources) or Lane(sources)


def _withdraw(lane: Lane, waiter: Waiter) -> None:
    """A cancelled waiter leaves no trace: not in the line, and not in the tanks."""
    served = waiter.turn.done() and not waiter.turn.cancelled()
    if served:  # its turn came in the same turn of the loop as its cancellation
        waiter.give_back(asyncio.get_running_loop().time())
    else:
        lane.leave(waiter)
    serve(lane.sources)


def serve(sources: Iterable[Source]) -> None:
    """Give to everyone who can be given to now, and an appointment to the other heads. Never awaits."""
    lanes = _connected(sources)
    now = asyncio.get_running_loop().time()
    plans = {source: Plan(source.tank, now) for lane in lanes for source in lane.sources}
    heads = [(lane.head, lane) for lane in lanes]
    heapq.heapify(heads)
    while heads:
        waiter, lane = heapq.heappop(heads)
        when = _appointment(waiter, plans, now)
        if when > now + SLACK_SECONDS:
            lane.arm(when)
            for source in waiter.amounts:
                plans[source].add(when, waiter.needs(source))
            continue
        lane.leave(waiter)
        if not waiter.turn.cancelled():  # cancelled, but it had no turn of the loop yet to go by itself
            waiter.take(now)
            waiter.turn.set_result(None)
        if lane:
            heapq.heappush(heads, (lane.head, lane))


def _connected(sources: Iterable[Source]) -> list[Lane]:
    """The lanes that share a source with one of these, or with one that does, and so on."""
    lanes: dict[frozenset[Source], Lane] = {}
    unseen = list(sources)
    while unseen:
        for key, lane in unseen.pop().lanes.items():
            if key not in lanes:
                lanes[key] = lane
                unseen.extend(key)
    return list(lanes.values())


def _appointment(waiter: Waiter, plans: Mapping[Source, Plan], now: float) -> float:
    """The earliest moment that suits all its sources."""
    when = now
    while True:
        agreed = when
        for source in waiter.amounts:
            when = plans[source].earliest(waiter.needs(source), when)
        if when == agreed:
            return when
