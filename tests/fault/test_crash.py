"""The process dies, anywhere; what it had not yet written is gone. The next one makes good every promise.

On virtual time with a disk that forgets (see ``disk``); ``test_kill`` does the same to real processes.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass

import pytest

from awsecs_async import State
from awsecs_async.local.ecs.script import Script
from awsecs_async.local.faults import DROP_AFTER, ERROR_BEFORE, Faults, Rule
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.testing import run
from tests.fault.crash import Client, Fuse, at_random, live
from tests.fault.disk import Disk
from tests.fault.scene import FOREVER, assert_right, exit_code_of, scene

SEEDS = range(40)
PARTS = 8
MOST_POINTS = 1000


async def died_at(number: int) -> bool:
    """Die at the point of this number and go on; False if it came to the end before."""
    async with scene() as s:
        disk, client = (
            Disk(),
            Client(keyed=range(3), once=range(100, 102), copies=5, stopped=range(FOREVER, FOREVER + 2)),
        )
        fuse = Fuse(blows=lambda _name, passed: passed == number)
        ended = await live(s, disk, client, fuse)
        if not ended:
            await asyncio.sleep(1.0)
            assert await live(s, disk, client, Fuse(blows=lambda _name, _number: False))
        client.check(s, disk)
        return not ended


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_a_death_at_any_point_loses_nothing_and_repeats_nothing(part: int) -> None:
    """Killed once, before or after each single write, request, effect and answer; then all goes right."""
    for number in range(part, MOST_POINTS, PARTS):
        try:
            if not run(died_at(number)):
                assert number > 100, "it passed hardly any point"
                return
        except BaseException as error:
            error.add_note(f"it died at point {number}")
            raise
    pytest.fail("there are more points than were tried")


@pytest.mark.parametrize("seed", SEEDS)
def test_many_deaths_on_a_bad_network(seed: int) -> None:
    """Killed again and again at random, while RunTask's answers are lost and calls fail."""

    async def story() -> None:
        chance = random.Random(seed)
        rules = (
            Rule(kind=DROP_AFTER, operation="RunTask", probability=0.3),
            Rule(kind=ERROR_BEFORE, operation="*Task*", probability=0.1),
        )
        async with scene() as s:
            disk, client, deaths = Disk(write_seconds=chance.choice((0.0, 0.01, 0.3))), Client(), 0
            while True:
                s.cloud.set_faults(Faults(rules=rules, latency_seconds=0.03, seed=seed + deaths))
                if await live(s, disk, client, at_random(chance, 0.02 if deaths < 15 else 0.0)):
                    break
                deaths += 1
                await asyncio.sleep(chance.choice((0.0, 0.05, 1.0, 30.0, 400.0)))
            client.check(s, disk)

    run(story())


@pytest.mark.virtual_time
async def test_a_recorded_launch_is_sent_again_word_for_word() -> None:
    """Other settings after the restart change nothing about a launch that may have happened."""
    async with scene() as s:
        disk, client = Disk(), Client(keyed=range(1), once=range(0), copies=4, stopped=range(0))
        fuse = Fuse(blows=lambda name, _number: name == "RunTask done" and len(s.launches()) == 2)
        assert not await live(s, disk, client, fuse)
        before = {each.body for each in s.calls("RunTask")}
        s.sent.clear()
        s.settings |= {"default_cpus": 4.0, "dispatcher_id": "another", "max_copies_per_launch": 2}
        assert await live(s, disk, client, Fuse(blows=lambda _name, _number: False))
        again = {each.body for each in s.calls("RunTask")}
        assert again
        assert again <= before
        client.check(s, disk)
        tokens = {json.loads(body)["clientToken"] for body in before}
        assert len(tokens) == len(before)


@dataclass(frozen=True, kw_only=True)
class Aged:
    """A launch that is too old for its token when the next dispatcher comes.

    Args:
        dies: The point of RunTask at which the first one dies.
    """

    dies: str
    runs_seconds: float
    away_seconds: float
    state: State
    made: int


AGED = {
    "it still runs": Aged(dies="done", runs_seconds=9000, away_seconds=3300, state=State.FAILED, made=1),
    "it ended, and ECS still remembers": Aged(
        dies="done", runs_seconds=600, away_seconds=3300, state=State.FAILED, made=1
    ),
    "it ended, and ECS has forgotten": Aged(
        dies="done", runs_seconds=600, away_seconds=9000, state=State.UNKNOWN, made=1
    ),
    "it was never sent": Aged(dies="sent", runs_seconds=600, away_seconds=9000, state=State.UNKNOWN, made=0),
}


@pytest.mark.virtual_time
@pytest.mark.parametrize("story", AGED.values(), ids=AGED)
async def test_a_launch_older_than_its_token_is_found_or_unknown(story: Aged) -> None:
    """It is looked for among all that is ours, by its group; not found it is UNKNOWN, and never run again."""

    def script(run: ContainerRun) -> Script:
        return Script(duration_seconds=story.runs_seconds, exit_code=exit_code_of(int(run.command[-1])))

    async with scene(scripts=script) as s:
        disk, death = Disk(), Fuse(blows=lambda name, _number: name == f"RunTask {story.dies}")
        client = Client(keyed=range(5, 6), once=range(0), copies=0, stopped=range(0))
        assert not await live(s, disk, client, death)
        await asyncio.sleep(story.away_seconds)
        s.sent.clear()
        assert await live(s, disk, client, Fuse(blows=lambda _name, _number: False))
        (result,) = client.results.values()
        assert result.state is story.state, result
        assert result.exit_code == (5 if story.state is State.FAILED else None)
        assert s.cloud.ecs.launcher.made == story.made
        assert s.calls("RunTask") == []
        assert s.calls("ListTasks")


@pytest.mark.virtual_time
async def test_unknown_goes_round_only_where_that_is_asked_for() -> None:
    """`unknown_goes_round` runs it again, as another attempt with another launch."""
    async with scene() as s:
        s.settings |= {"unknown_goes_round": True}
        disk, death = Disk(), Fuse(blows=lambda name, _number: name == "RunTask sent")
        client = Client(keyed=range(5, 6), once=range(0), copies=0, stopped=range(0))
        assert not await live(s, disk, client, death)
        await asyncio.sleep(9000)
        assert await live(s, disk, client, Fuse(blows=lambda _name, _number: False))
        (result,) = client.results.values()
        assert_right([5], [result])
        assert [attempt.number for attempt in result.attempts] == [1, 2]
        assert s.launches() == {5: 1}
