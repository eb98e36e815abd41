"""What outlives the dispatcher: timeouts, used spot attempts, and never reading an old exit code."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.market import DEMAND, SPOT, Market, add_providers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.task import Task

HOUR = 3_600.0
FUSION = "/usr/bin/fusion"


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    """A cloud whose tasks run for ten hours, and which outlives its dispatchers."""
    async with Market(duration_seconds=10 * HOUR) as market:
        await add_providers(market)
        market.asked.clear()
        yield market


@asynccontextmanager
async def dispatching(market: Market, journal: Path, *providers: str) -> AsyncIterator[Dispatcher]:
    """One dispatcher of several in a row; it leaves its tasks running."""
    target = Target(cluster="local", runs_processes=True, capacity_providers=providers or (SPOT, DEMAND))
    book = SqliteJournal(journal)
    async with rehearsal(cloud=market, targets=(target,), journal=book, leaving="leave") as (dispatcher, _):
        yield dispatcher


async def reached(task: Task, state: State) -> None:
    """Return when the task is in that state."""
    while task.state is not state:
        await asyncio.sleep(0.5)


async def adopted(dispatcher: Dispatcher, task: Task) -> Task:
    """The same task, as this dispatcher knows it."""
    found = await dispatcher.get(task.id)
    assert found is not None
    return found


@pytest.mark.parametrize("away_hours", [0.5, 5.0])
async def test_a_timeout_counts_on_while_nobody_is_there(
    market: Market, tmp_path: Path, away_hours: float
) -> None:
    """Two hours from its start, or as soon as there is a dispatcher again; ECS has no timeout of its own."""
    async with dispatching(market, tmp_path / "journal") as first:
        task = await first.submit(command=["work"], timeout="2h")
        await reached(task, State.RUNNING)
    await asyncio.sleep(away_hours * HOUR)
    back_at = asyncio.get_running_loop().time()
    async with dispatching(market, tmp_path / "journal") as second:
        result = await (await adopted(second, task)).result()
        (stop,) = market.of("StopTask")
    assert (result.state, result.cause, len(result.attempts)) == (State.TIMED_OUT, Cause.TIMEOUT, 1)
    due = max(2 * HOUR, back_at)
    assert due <= stop.at < due + 15


async def test_used_spot_attempts_are_remembered(market: Market, tmp_path: Path) -> None:
    """One of two is used before the restart: after the second the next loss leads away from spot."""
    async with dispatching(market, tmp_path / "journal") as first:
        task = await first.submit(command=["work"], max_spot_attempts=1)
        await reached(task, State.RUNNING)
        assert market.interrupt_spot()
        await asyncio.sleep(60)
    async with dispatching(market, tmp_path / "journal") as second:
        task = await adopted(second, task)
        await reached(task, State.RUNNING)
        assert market.interrupt_spot()
        await asyncio.sleep(60)
        await reached(task, State.RUNNING)
        await task.cancel()
        result = await task.result()
    assert [a.provider for a in result.attempts] == [SPOT, SPOT, DEMAND]
    assert [a.number for a in result.attempts] == [1, 2, 3]


async def test_a_second_attempt_under_fusion_removes_the_first_ones_exit_code(
    market: Market, tmp_path: Path
) -> None:
    """Interrupted, with a restart in between: what is launched again cannot take the old code for its own."""
    work: dict[str, Any] = {"fusion": True, "work_dir": "s3://bucket/work/ab", "container": "ubuntu"}
    async with dispatching(market, tmp_path / "journal") as first:
        task = await first.submit(**work)
        await reached(task, State.RUNNING)
    async with dispatching(market, tmp_path / "journal") as second:
        task = await adopted(second, task)
        assert market.interrupt_spot()
        while len(market.of("RunTask")) < 2:
            await asyncio.sleep(0.5)
        await task.cancel()
        await task.result()
    run = ["bash", "/fusion/s3/bucket/work/ab/.command.run"]
    once, again = market.commands()
    assert once == [FUSION, *run]
    assert again[:3] == [FUSION, "sh", "-c"]
    assert again[3].startswith("rm -f ")
    assert again[4:] == ["/fusion/s3/bucket/work/ab/.exitcode", *run]
