"""One of the engine's own coroutines ends at an await, any await: the ledger is right, nothing is held.

In life they only end all together. Here one of them ends alone, which shows what it holds: what another of
its kind can take over is taken over at once, and what only it knew of is on disk, for the next dispatcher.
The awaits of a launcher are also those of the buckets and of sending, those of preparation of definitions.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from awsecs_async import State
from awsecs_async.engine import poller
from awsecs_async.engine.adoption import Adoption
from awsecs_async.engine.launcher import Launcher
from awsecs_async.engine.poller import Round
from awsecs_async.engine.preparation import Preparation
from awsecs_async.engine.stopper import Stopper
from awsecs_async.local.faults import DROP_AFTER, Faults, Rule
from awsecs_async.testing import run
from tests.fault.cancelling import Cut, Moment
from tests.fault.crash import Client, Fuse, live
from tests.fault.disk import Disk
from tests.fault.scene import FOREVER, Scene, scene

MOST_AWAITS = 120
ENOUGH_SECONDS = 200.0  # then all has ended that will
LOST_HALF = Faults(rules=(Rule(kind=DROP_AFTER, operation="RunTask", probability=0.5),), latency_seconds=0.03)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A coroutine of the engine.

    Args:
        call: Which of the calls of that method is cut, from 1.

        heals: Whether the others make good what it leaves behind; else the next dispatcher does.
    """

    owner: type
    method: str
    call: int = 1
    heals: bool = True

    def cut(self, patch: pytest.MonkeyPatch, at: int, moment: Moment) -> list[Cut[Any]]:
        """Have that call cut at its await number ``at``; the list gets the cut when it is made."""
        original, cuts, calls = getattr(self.owner, self.method), list[Cut[Any]](), 0

        async def instead(*args: Any) -> Any:  # noqa: ANN401
            nonlocal calls
            calls += 1
            if calls != self.call:
                return await original(*args)
            cuts.append(Cut(original(*args), at, moment))
            try:
                return await cuts[0]
            except asyncio.CancelledError:
                if not cuts[0].made:
                    raise
                return None  # it ends alone: to its task group a cancelled child is the end of all

        patch.setattr(self.owner, self.method, instead)
        return cuts


PARTS = {
    "launcher": Part(owner=Launcher, method="_work", heals=False),
    "another launcher": Part(owner=Launcher, method="_work", call=4, heals=False),
    "preparation": Part(owner=Preparation, method="_work"),
    "later preparation": Part(owner=Preparation, method="_work", call=2),
    "a look": Part(owner=Round, method="_look"),
    "a later look": Part(owner=Round, method="_look", call=3),
    "stopper": Part(owner=Stopper, method="_work", heals=False),
}


async def one_life(s: Scene, disk: Disk, client: Client) -> bool:
    """A dispatcher that has enough time; whether it came to the end. What it leaves is not in its queue."""
    fuse = Fuse(blows=lambda _name, _number: False)
    left: list[State] = []

    def enough() -> None:
        assert s.opened is not None
        left.extend(record.state for record in s.ledger(s.opened).all())
        fuse.blow()

    timer = asyncio.get_running_loop().call_later(ENOUGH_SECONDS, enough)
    try:
        return await live(s, disk, client, fuse)
    finally:
        timer.cancel()
        assert State.QUEUED not in left, "the other launchers do not know of it"


async def story(part: Part, at: int, moment: Moment) -> bool:
    """All promises are kept though that coroutine ended there; False if it has fewer awaits."""
    async with scene(LOST_HALF) as s:
        s.settings |= {"launches_in_flight": 3}
        disk = Disk()
        client = Client(keyed=range(3), once=range(100, 102), copies=3, stopped=range(FOREVER, FOREVER + 2))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(poller, "CALLS_IN_FLIGHT", 1)  # one that is not given back is missed
            cuts = part.cut(patch, at, moment)
            ended = await one_life(s, disk, client)
        if part.heals or not cuts[0].made:
            assert ended, "something was left behind"
        if not ended:
            assert await one_life(s, disk, client), "the next dispatcher did not make it good"
        client.check(s, disk)
        return cuts[0].made


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name.lower())
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_coroutine_that_ends_alone_takes_nothing_with_it(part: Part, moment: Moment) -> None:
    """Cut at each of its awaits, while it waits and as it wakes: every task ends right and ran once."""
    for at in range(1, MOST_AWAITS):
        try:
            if not run(story(part, at, moment)):
                assert at > 1, "it never waits"
                return
        except BaseException as error:
            error.add_note(f"it was cancelled at await {at}")
            raise
    pytest.fail("there are more awaits than were tried")


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name.lower())
def test_adoption_that_ends_alone_leaves_what_the_next_one_finds(moment: Moment) -> None:
    """After a death with launches in the air, those who settle them are cut too: nothing runs twice."""
    part = Part(owner=Adoption, method="_work", heals=False)

    async def adopting(at: int) -> bool:
        async with scene(LOST_HALF) as s:
            disk = Disk()
            client = Client(keyed=range(4), once=range(0), copies=3, stopped=range(FOREVER, FOREVER + 2))
            died = Fuse(blows=lambda name, _number: name == "RunTask done" and s.cloud.ecs.launcher.made > 3)
            assert not await live(s, disk, client, died)
            with pytest.MonkeyPatch.context() as patch:
                cuts = part.cut(patch, at, moment)
                ended = await one_life(s, disk, client)
            if not ended:
                assert await one_life(s, disk, client)
            client.check(s, disk)
            return cuts[0].made

    for at in range(1, MOST_AWAITS):
        if not run(adopting(at)):
            assert at > 3, "it hardly ever waits"
            return
