"""Cancelling a task stops it; cancelling a waiter stops the waiting; leaving does what it was told."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.dispatcher import Leaving
from awsecs_async.errors import DispatcherClosed
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import REFUSE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

LONG = Script(duration_seconds=1000)


async def test_cancelling_a_waiter_never_cancels_the_task() -> None:
    """Whoever stops waiting takes nothing from the others who wait."""
    async with rehearsal(script=Script(duration_seconds=10)) as (dispatcher, cloud):
        task = await dispatcher.submit(command=["a"])
        leaving, staying = (asyncio.create_task(task.result()) for _ in range(2))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(task.result(), 2)
        leaving.cancel()
        assert (await staying).state is State.SUCCEEDED
        assert leaving.cancelled()
        assert cloud.calls["ecs:StopTask"] == 0


async def test_cancelling_what_runs_stops_it_on_ecs() -> None:
    """One StopTask, the reason in ECS's own words, and the ending CANCELLED."""
    async with TappedCloud(duration_seconds=1000) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(5)
        await task.cancel("not needed")
        await task.cancel("twice")
        result = await task.result()
        assert (result.state, result.cause) == (State.CANCELLED, Cause.CANCELLED)
        assert [a.params["reason"] for a in cloud.of("StopTask")] == ["not needed"]


async def test_cancelling_what_is_queued_costs_no_call() -> None:
    """It ends at once, and ECS never hears of it."""
    async with rehearsal(script=LONG, launches_in_flight=1) as (dispatcher, cloud):
        for number in range(200):
            await dispatcher.submit(command=[str(number)])
        last = dispatcher.tasks()[-1]
        await last.cancel()
        assert (await last.result()).state is State.CANCELLED
        assert cloud.calls["ecs:StopTask"] == 0


async def test_cancelling_what_has_ended_changes_nothing() -> None:
    """An ending stays what it is."""
    async with rehearsal() as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        result = await task.result()
        await task.cancel()
        assert await task.result() == result
        assert result.state is State.SUCCEEDED


async def test_a_stop_goes_before_waiting_launches() -> None:
    """With hundreds of launches waiting for tokens, StopTask takes the next one."""
    async with TappedCloud(duration_seconds=1000) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(600)]
        await asyncio.sleep(3)
        now = asyncio.get_running_loop().time()
        await tasks[0].cancel()
        await asyncio.sleep(1)
        (stop,) = cloud.of("StopTask")
        assert stop.at - now < 0.06, "the bucket gives a token every 25 ms"
        assert len([a for a in cloud.of("RunTask") if a.at > stop.at]) > 20


@pytest.mark.parametrize(
    ("leaving", "seconds", "stops", "told"),
    [
        ("drain", 990, 0, State.SUCCEEDED),
        ("cancel", 0, 1, State.CANCELLED),
        ("leave", 0, 0, State.RUNNING),
    ],
)
async def test_leaving_does_what_it_was_told(
    leaving: Leaving, seconds: float, stops: int, told: State
) -> None:
    """Drain waits for the task, cancel stops it and sees its end, leave lets it run."""
    async with TappedCloud(duration_seconds=1000) as cloud:
        async with rehearsal(cloud=cloud, leaving=leaving) as (dispatcher, _):
            task = await dispatcher.submit(command=["a"])
            await asyncio.sleep(5)
        took = asyncio.get_running_loop().time() - 5
        assert seconds <= took < seconds + 30
        assert len(cloud.of("StopTask")) == stops
        assert task.state is told


async def test_whoever_waits_hears_that_the_dispatcher_left() -> None:
    """A waiter of a task that was left running is not left waiting."""
    async with TappedCloud(duration_seconds=1000) as cloud:
        async with rehearsal(cloud=cloud, leaving="leave") as (dispatcher, _):
            waiting = asyncio.create_task((await dispatcher.submit(command=["a"])).result())
            await asyncio.sleep(5)
        with pytest.raises(DispatcherClosed, match="closed before the task ended"):
            await waiting


async def test_a_block_that_ends_by_an_exception_does_not_wait() -> None:
    """Without a journal on disk nobody could find the tasks again: they are stopped."""
    async with TappedCloud(duration_seconds=1000) as cloud:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 (the block is what is tested)
            async with rehearsal(cloud=cloud, leaving="drain") as (dispatcher, _):
                await dispatcher.submit(command=["a"])
                await asyncio.sleep(5)
                raise ZeroDivisionError
        assert len(cloud.of("StopTask")) == 1
        assert asyncio.get_running_loop().time() < 60


async def test_what_exited_by_itself_tells_its_own_ending() -> None:
    """A cancel that crosses the task's end on the way does not rename a success."""
    async with rehearsal(script=Script(duration_seconds=0.5)) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(0.7)  # it has ended on ECS, and we have not looked yet
        assert task.state is not State.SUCCEEDED
        await task.cancel()
        assert (await task.result()).state is State.SUCCEEDED


async def test_leaving_a_map_early_cancels_what_it_submitted() -> None:
    """Breaking out of the iteration leaves nothing running behind the caller's back."""
    async with rehearsal(script=Script(duration_seconds=10)) as (dispatcher, cloud):
        specs = (TaskSpec(command=[str(n)]) for n in range(100))
        results = dispatcher.map(specs, ahead=5)
        async for result in results:
            assert result
            break
        await results.aclose()  # type: ignore[attr-defined]  # it is a generator
        await dispatcher.drain()
        assert cloud.ecs.launcher.made < 12


async def test_a_refused_stop_is_sent_again() -> None:
    """A wish to stop is kept until the task has ended, whatever ECS says to the first request."""
    rule = Rule(kind=REFUSE, operation="StopTask", code="ClientException", message="Try later.", times=2)
    long = every_container(Script(duration_seconds=9000))
    async with Cloud(faults=Faults(rules=(rule,)), scripts=long) as cloud, rehearsal(cloud=cloud) as (d, _):
        task = await d.submit(command=["a"])
        await asyncio.sleep(5)
        await task.cancel()
        assert (await task.result()).state is State.CANCELLED
        assert cloud.calls["ecs:StopTask"] == 3
