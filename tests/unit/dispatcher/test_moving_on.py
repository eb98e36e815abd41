"""Moving on: a task without capacity is tried at its next place, at once, and at no cost to anyone."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from awsecs_async.engine.roll import Transition
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.task import TaskSpec
from tests.unit.dispatcher.market import DEMAND, FARGATE, SPOT, at_market

IN_FLIGHT = 32  # launches under way when a lane closes; they find out for themselves
MANY = 1000


async def test_without_capacity_anywhere_only_probes_are_sent() -> None:
    """A thousand tasks and three providers cost what three lanes' backoffs allow, not a call each."""
    async with at_market(sold_out=(SPOT, DEMAND, FARGATE)) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(MANY)]
        await asyncio.sleep(600)
        assert {task.state for task in tasks} == {State.QUEUED}
        for provider, calls in market.launches().items():
            assert calls < IN_FLIGHT + 20, provider
            probes = [
                asked.at
                for asked in market.of("RunTask")
                if asked.at > 5
                and asked.params["capacityProviderStrategy"][0]["capacityProvider"] == provider
            ]
            assert all(later - earlier > 1 for earlier, later in pairwise(probes))
        assert len(market.launches()) == 3, "each of its places is probed in turn"
        market.sold_out.clear()
        assert all([await task.result() for task in tasks])


async def test_with_capacity_at_the_third_place_all_run_there_at_once() -> None:
    """Two lanes close after what was under way; nobody waits for them, and nobody is asked twice."""
    async with at_market(sold_out=(SPOT, DEMAND), launches_in_flight=8) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(MANY)]
        begun = asyncio.get_running_loop().time()
        results = [await task.result() for task in tasks]
        assert all(results)
        assert asyncio.get_running_loop().time() - begun < MANY / 20 + 10, "Fargate starts 20 a second"
        calls = market.launches()
        assert calls[FARGATE] == MANY
        assert calls[SPOT] + calls[DEMAND] < 2 * (8 + 10)
        assert {(len(r.attempts), r.attempts[0].number) for r in results} == {(1, 1)}, "it cost no attempt"


async def test_who_waits_gets_whichever_place_opens_first() -> None:
    """All sold out, then the second has room: those who waited run there, the first one stays empty."""
    async with at_market(sold_out=(SPOT, DEMAND, FARGATE)) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(100)]
        await asyncio.sleep(300)
        market.sold_out.discard(DEMAND)
        results = [await task.result() for task in tasks]
        assert {r.attempts[-1].provider for r in results} == {DEMAND}


async def test_a_place_that_has_room_again_is_preferred_again() -> None:
    """A probe finds it: whoever comes then goes to the first choice, not to where the others went."""
    async with at_market(sold_out=(SPOT,)) as (dispatcher, market):
        early = [await (await dispatcher.submit(command=[str(n)])).result() for n in range(5)]
        market.sold_out.clear()
        late = []
        for number in range(200):
            await asyncio.sleep(2)
            late.append(await (await dispatcher.submit(command=[str(number)])).result())
        assert {r.attempts[-1].provider for r in early} == {DEMAND}
        assert late[-1].attempts[-1].provider == SPOT


async def test_a_machine_that_cannot_be_bought_moves_it_on_and_it_says_so() -> None:
    """RunTask accepts, Managed Instances cannot buy: the task goes on, its note says where and why."""
    async with at_market() as (dispatcher, market):
        market.deny_purchases(SPOT)
        notes = []
        with dispatcher.changes() as changes:
            task = await dispatcher.submit(command=["a"])
            async for change in changes:
                assert isinstance(change, Transition)
                notes.append(change.note)
                if change.new.is_ending:
                    break
        result = await task.result()
        moved = next(note for note in notes if "now at" in note)
        assert moved.startswith(f"{SPOT}: ")
        assert "InsufficientInstanceCapacity" in moved
        assert moved.endswith(f"; now at {DEMAND}")
        assert notes[-1] == ""
        assert (result.state, task.placement.provider.name) == (State.SUCCEEDED, DEMAND)
        assert [a.outcome.cause for a in result.attempts][-1] is Cause.EXIT


async def test_without_leave_to_move_on_it_waits_where_it_is() -> None:
    """``move_on`` without capacity: the first place or none."""
    async with at_market(sold_out=(SPOT,), move_on=("spot",)) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(300)
        assert task.state is State.QUEUED
        assert task.note == f"{SPOT}: RESOURCE:CPU"
        assert set(market.launches()) == {SPOT}
        market.sold_out.clear()
        assert (await task.result()).attempts[-1].provider == SPOT


async def test_arrays_copies_and_maps_move_on_too() -> None:
    """Copies still share calls at the place that they moved on to."""
    async with at_market(DEMAND, FARGATE, sold_out=(DEMAND,)) as (dispatcher, market):
        copies = await dispatcher.submit_copies(TaskSpec(command=["copy"]), 40)
        members = await dispatcher.submit_array(TaskSpec(command=["member"]), 10)
        results = [await task.result() for task in (*copies, *members)]
        specs = [TaskSpec(command=[str(n)]) for n in range(10)]
        results += [result async for result in dispatcher.map(specs)]
        assert all(results)
        assert {r.attempts[-1].provider for r in results} == {FARGATE}
        assert sum(a.params["count"] for a in market.of("RunTask") if a.params["count"] > 1) >= 40


async def test_lanes_and_workers_are_gone_when_nobody_waits() -> None:
    """After a rush over three providers no lane and no worker is left."""
    async with at_market() as (dispatcher, _):
        engine = dispatcher._engine  # noqa: SLF001 (whether anything has leaked shows only inside)
        await asyncio.gather(*[dispatcher.submit(command=[str(n)]) for n in range(200)])
        await dispatcher.drain()
        await asyncio.sleep(120)
        assert engine.submissions.lanes == ()
        assert [t for t in asyncio.all_tasks() if "Launcher._work" in t.get_name()] == []


async def test_a_provider_that_is_deleted_meanwhile_has_no_capacity() -> None:
    """Its target is not blocked for it: whoever may go elsewhere does."""
    async with at_market() as (dispatcher, market):
        await market.call("ecs", "DeleteCapacityProvider", {"capacityProvider": SPOT})
        result = await (await dispatcher.submit(command=["a"])).result()
        assert result.attempts[-1].provider == DEMAND
        assert not dispatcher.blocked
