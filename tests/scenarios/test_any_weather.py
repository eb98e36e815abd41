"""Whatever comes, in any order: capacity that goes and comes, spot, lost hosts, faults, cancels, restarts.

Nobody scripted these days; a seed did. What must hold is what always must: every task ends, none runs twice
at once, what is told is what ECS did, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.local.faults import DROP_AFTER, ERROR_AFTER, THROTTLE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.market import DEMAND, FARGATE, SPOT, Market, add_providers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.model.result import Result
    from awsecs_async.model.task import TaskId

TASKS: Final = 150
CLOUDY: Final = Faults(
    rules=tuple(Rule(kind=kind, probability=0.03) for kind in (DROP_AFTER, ERROR_AFTER, THROTTLE)),
    visibility_delay_seconds=2.0,
)
PROVIDERS: Final = (SPOT, DEMAND, FARGATE)
SETTINGS: Final[dict[str, Any]] = {
    "max_spot_attempts": 2,
    "max_host_attempts": 1,
    "start_timeout": 300.0,
    "targets": (Target(cluster="local", runs_processes=True, capacity_providers=PROVIDERS),),
}


def running_of(market: Market) -> Counter[str]:
    """How many ECS tasks run for each of ours, by its command."""
    running = market.ecs.clusters.clusters["local"].running.values()
    return Counter(
        task.launch.shown["overrides"]["containerOverrides"][0]["command"][0]
        for task in running
        if task.desired_status == "RUNNING"
    )


class Watched(Market):
    """Keeps the commands of which two ran at once, looking after every launch."""

    def __init__(self) -> None:
        super().__init__()
        self.doubled: set[str] = set()

    def perform(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """As the cloud does."""
        answer = super().perform(service, operation, params)
        if operation == "RunTask":
            self.doubled |= {command for command, count in running_of(self).items() if count > 1}
        return answer


class Weather:
    """One seed's days over one cloud. Its state is the chance, and which tasks it has cancelled."""

    def __init__(self, seed: int, market: Market) -> None:
        self.chance = random.Random(seed)
        self.market = market
        self.cancelled: set[TaskId] = set()

    async def change(self, dispatcher: Dispatcher) -> None:
        """One thing happens."""
        happens: list[Callable[[], object]] = [
            lambda: self.market.interrupt_spot(self.chance.random()),
            lambda: self.market.sold_out.add(self.chance.choice(PROVIDERS)),
            self.market.sold_out.clear,
            lambda: self.market.set_faults(CLOUDY),
            lambda: self.market.set_faults(Faults()),
            lambda: self.market.deny_purchases(self.chance.choice(PROVIDERS), count=5),
            lambda: self.market.never_buys(self.chance.choice(PROVIDERS[:2])),
            self.lose_a_host,
        ]
        self.chance.choice(happens)()
        if live := dispatcher.tasks():
            task = self.chance.choice(live)
            self.cancelled.add(task.id)
            await task.cancel()

    def lose_a_host(self) -> None:
        """Some instance fails, if there is one."""
        self.market.state()  # so that idle ones are gone
        if hosts := list(self.market.ecs.clusters.clusters["local"].instances.values()):
            self.market.lose_host(self.chance.choice(hosts).id)

    def mend(self) -> None:
        """The sun comes out."""
        self.market.set_faults(Faults())
        self.market.sold_out.clear()


async def days(weather: Weather, journal: Path) -> dict[str, Result]:
    """Three dispatchers one after the other, and a fourth until all is done; the results by command."""
    chance, market = weather.chance, weather.market
    ids: dict[TaskId, str] = {}
    for day in range(3):
        book = SqliteJournal(journal)
        async with rehearsal(cloud=market, journal=book, leaving="leave", **SETTINGS) as (dispatcher, _):
            for number in range(TASKS // 3):
                name = f"job-{day}-{number}"
                script = json.dumps({"duration": chance.uniform(0, 900), "exit": number % 3})
                task = await dispatcher.submit(command=[name], environment={"AWSECS_SCRIPT": script})
                ids[task.id] = name
            for _ in range(12):
                await asyncio.sleep(chance.uniform(1, 90))
                await weather.change(dispatcher)
    weather.mend()
    async with rehearsal(cloud=market, journal=SqliteJournal(journal), **SETTINGS) as (dispatcher, _):
        await dispatcher.drain()
        found = {name: await dispatcher.get(task_id) for task_id, name in ids.items()}
        return {name: await task.result() for name, task in found.items() if task is not None}


def assert_right(name: str, result: Result, *, launches: int, cancelled: bool) -> None:
    """What is told of this task is what it did."""
    expected = int(name.rpartition("-")[2]) % 3
    if result.exit_code is not None and result.state in {State.SUCCEEDED, State.FAILED}:
        assert result.exit_code == expected
    assert (result.state is State.SUCCEEDED) <= (expected == 0)
    assert (result.state is State.CANCELLED) <= cancelled
    assert launches >= len(result.attempts)
    for earlier, later in pairwise(result.attempts):
        if earlier.stopped_at is not None and later.launched_at is not None:
            assert earlier.stopped_at <= later.launched_at


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 24))]
)
async def test_in_any_weather_every_task_ends_once_and_as_it_was(seed: int, tmp_path: Path) -> None:
    """Three dispatchers in a row over a cloud that changes all the time; all ends, and nothing is left."""
    async with Watched() as market:
        await add_providers(market)
        weather = Weather(seed, market)
        results = await days(weather, tmp_path / "journal")
        assert running_of(market) == {}
        assert market.doubled == set()
    assert len(results) == TASKS
    for name, result in results.items():
        launches = market.ecs.launcher.launches[name]
        assert_right(name, result, launches=launches, cancelled=result.id in weather.cancelled)
    states = Counter(result.state for result in results.values())
    assert set(states) <= {State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST, State.TIMED_OUT}
