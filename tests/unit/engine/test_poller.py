"""The poller: nothing is forgotten, batches are full, young tasks are seen more often, its share is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.aws.ports import Look
from awsecs_async.engine.poller import Agenda
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import REFUSE, Faults, Rule
from awsecs_async.model.settings import Quotas
from awsecs_async.model.sighting import Arn
from awsecs_async.testing.rehearsal import rehearsal

moments = st.floats(0, 100)


@given(st.lists(moments, max_size=60), st.floats(0.5, 5), st.floats(0, 10), st.integers(1, 10))
def test_the_agenda_gives_every_look_once_and_none_too_early(
    whens: list[float], tick: float, ahead: float, most: int
) -> None:
    """All that was added comes out, at most ``ahead`` before its tick, never more than ``most`` at once."""
    agenda = Agenda(tick)
    for number, when in enumerate(whens):
        agenda.add(Arn(str(number)), when)
    out: list[int] = []
    now = 0.0
    while agenda.next_due < float("inf"):
        now = max(now, agenda.next_due)
        batch = [int(arn) for arn in agenda.take(now, ahead, most)]
        assert 0 < len(batch) <= most
        assert all(whens[n] <= now + ahead + 1e-6 for n in batch)
        out += batch
    assert sorted(out) == list(range(len(whens)))


@given(st.lists(moments, min_size=1, max_size=60), st.floats(0.5, 5))
def test_a_look_is_late_by_less_than_a_tick(whens: list[float], tick: float) -> None:
    """The grid that makes batches full costs less than one tick."""
    agenda = Agenda(tick)
    for number, when in enumerate(whens):
        agenda.add(Arn(str(number)), when)
    due = agenda.next_due
    assert min(whens) - 1e-6 <= due < min(whens) + tick + 1e-6
    assert agenda.take(due - 1e-3, 100, 10) == []


class Looks:
    """Looks on: what was asked about, and when."""

    def __init__(self, dispatcher: Any) -> None:  # noqa: ANN401
        (station,) = dispatcher._engine.stations  # noqa: SLF001 (looks are nobody's public business)
        self.made: list[tuple[float, list[Arn]]] = []
        describe = station.ecs.describe

        async def noted(cluster: str, arns: Sequence[Arn], known: Mapping[Arn, int]) -> Look:
            self.made.append((asyncio.get_running_loop().time(), list(arns)))
            look: Look = await describe(cluster, arns, known)
            return look

        station.ecs.describe = noted

    def at(self, arn: Arn) -> list[float]:
        """When it was looked at."""
        return [at for at, arns in self.made if arn in arns]


async def test_young_tasks_are_seen_more_often_than_old_ones() -> None:
    """The pause before the next look is a tenth of the age, between the floor and the ceiling."""
    async with rehearsal(script=Script(duration_seconds=500)) as (dispatcher, _):
        looks = Looks(dispatcher)
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(1)
        arn = task.arn
        assert arn is not None
        await task.result()
        times = looks.at(arn)
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert all(0.9 <= pause <= 11.01 for pause in pauses)
        for at, pause in zip(times, pauses, strict=False):
            assert abs(pause - min(max(at * 0.1, 1.0), 10.0)) <= 1.01
        assert pauses[0] < 2
        assert pauses[-1] > 9
        assert len(times) < 80


async def test_many_tasks_share_full_calls() -> None:
    """Five hundred tasks of one age take five calls a round, not five hundred."""
    async with rehearsal(script=Script(duration_seconds=60)) as (dispatcher, cloud):
        looks = Looks(dispatcher)
        for number in range(500):
            await dispatcher.submit(command=[str(number)])
        await dispatcher.drain()
        assert {len(set(arns)) == len(arns) <= 100 for _, arns in looks.made} == {True}
        asked = sum(len(arns) for _, arns in looks.made)
        assert asked / len(looks.made) > 60
        assert cloud.throttles == {}


async def test_polling_keeps_to_its_share() -> None:
    """However many tasks there are: calls a second never exceed the polling part of the read bucket."""
    quotas = Quotas(read=(4.0, 10.0), poll_share=0.5)
    async with rehearsal(script=Script(duration_seconds=100), quotas=quotas) as (dispatcher, cloud):
        looks = Looks(dispatcher)
        for number in range(1000):
            await dispatcher.submit(command=[str(number)])
        await dispatcher.drain()
        times = [at for at, _ in looks.made]
        for first, since in enumerate(times):
            for last in range(first, len(times), 7):
                calls = last - first + 1
                assert calls <= 3 + 2.0 * (times[last] - since) + 1e-6, "a burst of 3, and 2 a second"
        assert cloud.throttles == {}


@pytest.mark.parametrize("kind", ["one", "all"])
async def test_a_refused_look_is_asked_again(kind: str) -> None:
    """An answer that says nothing usable forgets no task."""
    rule = Rule(kind=REFUSE, operation="DescribeTasks", times=3, code="InvalidParameterException")
    cloud = Cloud(scripts=every_container(Script(duration_seconds=5)), faults=Faults(rules=(rule,)))
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        tasks = [await dispatcher.submit(command=["a"]) for _ in range(1 if kind == "one" else 50)]
        assert all([(await task.result()).exit_code == 0 for task in tasks])
