"""Several targets in one dispatcher: each task runs where it says, and trouble in one place stays there."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import pytest

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.engine.registry import Registry
from awsecs_async.errors import InvalidTask, Refused, SettingsError
from awsecs_async.local.faults import DENIED, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Settings, Target
from awsecs_async.testing.transport import InProcessTransport
from tests.unit.dispatcher.tapped import TappedCloud

REGIONS: Final = {"east": "us-east-1", "west": "us-west-2", "europe": "eu-west-1"}


@asynccontextmanager
async def three_regions() -> AsyncIterator[tuple[Dispatcher, dict[str, TappedCloud]]]:
    """A dispatcher with a target in each of three regions, which have a cloud each."""
    async with AsyncExitStack() as stack:
        clouds = {name: await stack.enter_async_context(TappedCloud(duration_seconds=60)) for name in REGIONS}

        @asynccontextmanager
        async def to_its_region(target: Target) -> AsyncIterator[InProcessTransport]:
            yield InProcessTransport(clouds[target.name], region=REGIONS[target.name])

        targets = tuple(
            Target(name=name, cluster="local", region=region, runs_processes=True)
            for name, region in REGIONS.items()
        )
        dispatcher = Dispatcher(Settings(targets=targets), leaving="cancel", registry=Registry(to_its_region))
        yield await stack.enter_async_context(dispatcher), clouds


async def test_each_task_runs_where_it_says_and_the_first_target_is_the_default() -> None:
    """Three hundred tasks over three regions: each cloud has its own hundred, and no other."""
    async with three_regions() as (dispatcher, clouds):
        where = [*REGIONS, None]
        tasks = [await dispatcher.submit(command=[str(n)], target=where[n % 4]) for n in range(400)]
        results = [await task.result() for task in tasks]
        assert {result.state for result in results} == {State.SUCCEEDED}
        launched = {name: cloud.ecs.launcher.made for name, cloud in clouds.items()}
        assert launched == {"east": 200, "west": 100, "europe": 100}
        assert Counter(r.attempts[0].target for r in results) == launched


async def test_a_region_that_refuses_holds_up_no_other() -> None:
    """Denied in one, it says so there; the tasks of the others run, and its own wait for the cure."""
    async with three_regions() as (dispatcher, clouds):
        clouds["west"].set_faults(Faults(rules=(Rule(kind=DENIED, operation="RunTask"),)))
        waiting = await dispatcher.submit(command=["a"], target="west")
        others = [await dispatcher.submit(command=["a"], target=name) for name in ("east", "europe")]
        assert all([await task.result() for task in others])
        assert list(dispatcher.blocked) == ["west"]
        assert waiting.state is State.QUEUED
        clouds["west"].set_faults(Faults())
        assert await waiting.result()


async def test_a_target_that_is_not_there_is_refused_by_name() -> None:
    """Before any call, with those that there are."""
    async with three_regions() as (dispatcher, _):
        with pytest.raises((InvalidTask, Refused, SettingsError), match=r"east, west, europe"):
            await dispatcher.submit(command=["a"], target="north")
