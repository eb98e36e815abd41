"""The process dies while tasks move on to their next place: each gets there once, and nothing stops it there.

Both stories take every task through two places. At the first its start comes too late, so that it is stopped,
or spot takes it back and may not have it again; at the second it runs to its end.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from awsecs_async import State
from awsecs_async.engine.launcher import Launcher
from awsecs_async.engine.machines import Inquiry
from awsecs_async.engine.stopper import Stopper
from awsecs_async.local.faults import NEVER_BUY, Faults, Rule
from awsecs_async.model.outcome import Cause
from awsecs_async.model.settings import Target
from awsecs_async.testing import run
from tests.fault.cancelling import Moment
from tests.fault.crash import Client, Fuse, at_random, live
from tests.fault.disk import Disk
from tests.fault.scene import FOREVER, Scene, scene
from tests.fault.test_cancelling_engine import MOST_AWAITS, Part, one_life
from tests.unit.dispatcher.market import DEMAND, SPOT, add_providers

PARTS = 8
MOST_POINTS = 1000
NEVER = Fuse(blows=lambda _name, _number: False)


@dataclass(frozen=True, kw_only=True)
class Story:
    """What keeps tasks from staying at their first place."""

    faults: Faults
    cause: Cause
    settings: dict[str, Any] = field(default_factory=dict)


STORIES = {
    "late": Story(
        faults=Faults(rules=(Rule(kind=NEVER_BUY, provider=SPOT),), latency_seconds=0.03),
        cause=Cause.START_TIMEOUT,
        settings={"start_timeout": 4.0},
    ),
    "spot": Story(
        faults=Faults(spot_after_seconds=2.0, latency_seconds=0.03),
        cause=Cause.SPOT,
        settings={"max_spot_attempts": 0},
    ),
}


@asynccontextmanager
async def stage(story: Story) -> AsyncIterator[Scene]:
    """A scene in which every task has two places, and the first is of no use."""
    async with scene(story.faults) as s:
        await add_providers(s.cloud)
        target = Target(cluster="local", runs_processes=True, capacity_providers=(SPOT, DEMAND))
        s.settings |= {"targets": (target,)} | story.settings
        yield s


def client_of() -> Client:
    """Few tasks, so that every point can be tried; some that are cancelled on their way."""
    stopped = range(FOREVER, FOREVER + 2)
    return Client(keyed=range(2), once=range(100, 101), copies=2, stopped=stopped)


def check(story: Story, s: Scene, disk: Disk, client: Client) -> None:
    """Each ran at its second place, after one attempt at the first that ended as it must."""
    client.check(s, disk, attempts=2)
    for _, result in disk.model.finished.values():
        if result.state is State.CANCELLED:
            continue
        assert [a.outcome.cause for a in result.attempts] == [story.cause, Cause.EXIT], result
        assert [a.provider for a in result.attempts] == [SPOT, DEMAND]
        assert [a.is_spot for a in result.attempts] == [True, False]


async def died_at(story: Story, number: int) -> bool:
    """Die at the point of this number and go on; False if it came to the end before."""
    async with stage(story) as s:
        disk, client = Disk(), client_of()
        ended = await live(s, disk, client, Fuse(blows=lambda _name, passed: passed == number))
        if not ended:
            await asyncio.sleep(1.0)
            assert await live(s, disk, client, NEVER)
        check(story, s, disk, client)
        return not ended


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_death_at_any_point_moves_nobody_twice(story: Story, part: int) -> None:
    """Killed once, before or after each write, request, effect and answer; then all goes right."""
    for number in range(part, MOST_POINTS, PARTS):
        try:
            if not run(died_at(story, number)):
                assert number > 100, "it passed hardly any point"
                return
        except BaseException as error:
            error.add_note(f"it died at point {number}")
            raise
    pytest.fail("there are more points than were tried")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_many_deaths_on_the_way(story: Story, seed: int) -> None:
    """Killed again and again, with pauses longer than the start timeout."""

    async def many() -> None:
        chance = random.Random(seed)
        async with stage(story) as s:
            disk, client, deaths = Disk(write_seconds=chance.choice((0.0, 0.01, 0.3))), client_of(), 0
            while not await live(s, disk, client, at_random(chance, 0.02 if deaths < 15 else 0.0)):
                deaths += 1
                await asyncio.sleep(chance.choice((0.0, 0.05, 1.0, 30.0)))
            check(story, s, disk, client)

    run(many())


ALONE = {
    "launcher": Part(owner=Launcher, method="_work", heals=False),
    "a later launcher": Part(owner=Launcher, method="_work", call=5, heals=False),
    "stopper": Part(owner=Stopper, method="_work", heals=False),
    "machines": Part(owner=Inquiry, method="_ask"),
}


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name.lower())
@pytest.mark.parametrize("part", ALONE.values(), ids=ALONE)
def test_a_coroutine_that_ends_alone_moves_nobody_twice(part: Part, moment: Moment) -> None:
    """Cut at each of its awaits: what it leaves is on disk, and the next dispatcher makes it good."""

    async def cut_at(at: int) -> bool:
        story = STORIES["late"]
        async with stage(story) as s:
            disk, client = Disk(), client_of()
            with pytest.MonkeyPatch.context() as patch:
                cuts = part.cut(patch, at, moment)
                ended = await one_life(s, disk, client)
            if part.heals or not cuts[0].made:
                assert ended, "something was left behind"
            if not ended:
                assert await one_life(s, disk, client), "the next dispatcher did not make it good"
            check(story, s, disk, client)
            return cuts[0].made

    for at in range(1, MOST_AWAITS):
        try:
            if not run(cut_at(at)):
                assert at > 1, "it never waits"
                return
        except BaseException as error:
            error.add_note(f"it was cancelled at await {at}")
            raise
    pytest.fail("there are more awaits than were tried")
