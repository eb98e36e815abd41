"""Settings that changed between two runs: what was launched before is followed where it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.errors import SettingsError
from awsecs_async.local.cloud import Cloud
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskId
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.market import DEMAND, SPOT, Market, add_providers

FIRST = Target(cluster="local", runs_processes=True, capacity_providers=(SPOT, DEMAND))
FAST: dict[str, Any] = {"poll_floor": 0.1, "poll_ceiling": 0.2}


async def left_running(cloud: Cloud, path: Path, *targets: Target) -> TaskId:
    """A task that runs when its dispatcher leaves."""
    journal = SqliteJournal(path)
    async with rehearsal(cloud=cloud, journal=journal, leaving="leave", targets=targets, **FAST) as (d, _):
        task = await d.submit(command=["a"])
        while task.state is not State.RUNNING:
            await asyncio.sleep(0.05)
        return task.id


async def test_a_task_at_a_provider_that_is_named_no_more_stays_there(tmp_path: Path) -> None:
    """It runs on spot, which the settings have left: its loss is spot's, and then it goes where they say."""
    async with Market(duration_seconds=1000) as market:
        await add_providers(market)
        task_id = await left_running(market, tmp_path / "tasks.db", FIRST)
        now = FAST | {"targets": (replace(FIRST, capacity_providers=(DEMAND,)),), "default_cpus": 4.0}
        journal = SqliteJournal(tmp_path / "tasks.db")
        async with rehearsal(cloud=market, journal=journal, **now) as (d, _):
            task = await d.get(task_id)
            assert task is not None
            assert task.placement.provider.name == SPOT
            assert task.placement.cpu_units == 1024  # as it was launched
            while task.state is not State.RUNNING:
                await asyncio.sleep(0.05)
            market.interrupt_spot()
            while task.placement.provider.name == SPOT:
                await asyncio.sleep(0.05)
            assert task.note.endswith(f"; now at {DEMAND}")
            await task.cancel()
            first = (await task.result()).attempts[0]
            assert (first.provider, first.is_spot, first.outcome.cause) == (SPOT, True, Cause.SPOT)


async def test_a_task_on_a_target_that_is_no_longer_the_first_stays_there(tmp_path: Path) -> None:
    """Whoever names no target gets the first; one that was launched before is not looked for there."""
    there, other = replace(FIRST, name="there"), Target(name="other", cluster="default", runs_processes=True)
    async with Market(duration_seconds=1) as market:
        await add_providers(market)
        await market.call("ecs", "CreateCluster", {"clusterName": "default"})
        other = replace(other, capacity_providers=("EC2",))
        task_id = await left_running(market, tmp_path / "tasks.db", there, other)
        journal = SqliteJournal(tmp_path / "tasks.db")
        async with rehearsal(cloud=market, journal=journal, targets=(other, there), **FAST) as (d, _):
            task = await d.get(task_id)
            assert task is not None
            assert task.placement.target == "there"
            assert await task.result()


async def test_the_same_cluster_name_in_another_region_is_refused(tmp_path: Path) -> None:
    """What runs in one region is not looked for in another, and then called UNKNOWN."""
    async with Market(duration_seconds=1000) as market:
        await add_providers(market)
        await left_running(market, tmp_path / "tasks.db", FIRST)
    elsewhere = Market(duration_seconds=1000, settings=replace(market.settings, region="eu-west-1"))
    async with elsewhere:
        await add_providers(elsewhere)
        journal = SqliteJournal(tmp_path / "tasks.db")
        with pytest.raises(SettingsError, match=r"in us-east-1 .* leads to eu-west-1 .* set cluster, region"):
            async with rehearsal(cloud=elsewhere, journal=journal, targets=(FIRST,)):
                pass


@pytest.mark.parametrize("tried", [True, False])
async def test_what_has_ended_is_told_where_nothing_like_it_could_run(tmp_path: Path, *, tried: bool) -> None:
    """Its target is gone from the settings, and its result is still there to be asked for."""
    now = replace(FIRST, name="other")
    async with Market(duration_seconds=0.1) as market:
        await add_providers(market)
        journal = SqliteJournal(tmp_path / "tasks.db")
        async with rehearsal(cloud=market, journal=journal, targets=(FIRST,), **FAST) as (d, _):
            if not tried:
                market.sold_out |= {SPOT, DEMAND}
            ended = await d.submit(command=["a"], target="default", queue_timeout="0.5s")
            before = await ended.result()
        journal = SqliteJournal(tmp_path / "tasks.db")
        async with rehearsal(cloud=market, journal=journal, targets=(now,), **FAST) as (d, _):
            task = await d.get(ended.id)
            assert task is not None
            assert await task.result() == before
            assert task.placement.provider.name == (SPOT if tried else "nowhere")
            assert task.placement.target == "default"


async def test_a_provider_that_is_gone_keeps_no_dispatcher_from_opening(tmp_path: Path) -> None:
    """What runs is followed to its end; what was only queued, and names that provider itself, is refused."""
    path = tmp_path / "tasks.db"
    async with Market(duration_seconds=1) as market:
        await add_providers(market)
        async with rehearsal(
            cloud=market, journal=SqliteJournal(path), leaving="leave", targets=(FIRST,), **FAST
        ) as (d, _):
            runs = await d.submit(command=["a"], capacity_providers=[SPOT])
            while runs.state is not State.RUNNING:
                await asyncio.sleep(0.05)
            market.sold_out.add(SPOT)
            waits = await d.submit(command=["b"], capacity_providers=[SPOT])
        await market.call("ecs", "DeleteCapacityProvider", {"capacityProvider": SPOT})
        now = (replace(FIRST, capacity_providers=(DEMAND,)),)
        async with rehearsal(cloud=market, journal=SqliteJournal(path), targets=now, **FAST) as (d, _):
            followed, refused = await d.get(runs.id), await d.get(waits.id)
            assert followed is not None
            assert refused is not None
            assert (await followed.result()).attempts[0].provider == SPOT
            result = await refused.result()
            assert result.cause is Cause.REFUSED
            assert f"capacity_providers: {SPOT!r}, but cluster local has" in result.reason
