"""Going round: spot, lost hosts and late starts have an account each, and lead to the next place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from awsecs_async.local.faults import EXPIRED, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from tests.unit.dispatcher.market import DEMAND, FARGATE, SPOT, Market, at_market

if TYPE_CHECKING:
    from awsecs_async.task import Task

LONG = 10_000.0  # seconds


async def running(task: Task) -> str:
    """Its ARN, once it runs."""
    while task.state is not State.RUNNING:
        await asyncio.sleep(0.5)
    assert task.arn is not None
    return task.arn


async def stopped(task: Task) -> None:
    """Return once that is over."""
    while task.state is State.RUNNING:
        await asyncio.sleep(0.5)


async def interrupted(market: Market, task: Task, times: int) -> None:
    """Have spot take it that often."""
    for _ in range(times):
        await running(task)
        assert market.interrupt_spot()
        await stopped(task)


async def test_spent_spot_attempts_lead_to_a_place_that_is_not_spot() -> None:
    """Interrupted once more than allowed it goes on elsewhere, and every attempt says whether it was spot."""
    async with at_market(max_spot_attempts=1, duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"])
        await interrupted(market, task, 2)
        await running(task)
        assert task.placement.provider.name == DEMAND
        await task.cancel()
        result = await task.result()
        assert [a.is_spot for a in result.attempts] == [True, True, False]
        assert [a.provider for a in result.attempts] == [SPOT, SPOT, DEMAND]
        assert [a.outcome.cause for a in result.attempts] == [Cause.SPOT, Cause.SPOT, Cause.CANCELLED]


async def test_without_another_place_spent_spot_attempts_end_it() -> None:
    """LOST, after as many attempts as were allowed and one more; a task's own number counts first."""
    async with at_market(SPOT, max_spot_attempts=5, duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"], max_spot_attempts=0)
        await interrupted(market, task, 1)
        result = await task.result()
        assert (result.state, result.cause, len(result.attempts)) == (State.LOST, Cause.SPOT, 1)


async def test_no_spot_attempts_mean_never_again_on_spot() -> None:
    """0: the first interruption moves it on; further on it never comes back to spot."""
    async with at_market(max_spot_attempts=0, duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"])
        await interrupted(market, task, 1)
        market.sold_out |= {DEMAND, FARGATE}
        await asyncio.sleep(300)
        assert market.launches()[SPOT] == 1


async def test_a_lost_host_is_on_an_account_of_its_own() -> None:
    """``max_host_attempts``: once round, then LOST; what spot took is not counted there."""
    async with at_market(DEMAND, duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"], max_host_attempts=1)
        for _ in range(2):
            market.lose_host(await running(task))
            await stopped(task)
        result = await task.result()
        assert (result.state, result.cause) == (State.LOST, Cause.HOST_LOST)
        assert [a.outcome.cause for a in result.attempts] == [Cause.HOST_LOST] * 2


async def test_a_late_start_is_stopped_and_tried_elsewhere() -> None:
    """A provider that buys nothing and says nothing: after ``startTimeout`` the next one has it."""
    async with at_market(start_timeout=600.0) as (dispatcher, market):
        market.never_buys(SPOT)
        task = await dispatcher.submit(command=["a"])
        result = await task.result()
        (stop,) = market.of("StopTask")
        assert 600 <= stop.at < 602
        assert stop.params["reason"] == "startTimeout of 10m reached"
        assert result.state is State.SUCCEEDED
        assert [a.outcome.cause for a in result.attempts] == [Cause.START_TIMEOUT, Cause.EXIT]
        assert [a.provider for a in result.attempts] == [SPOT, DEMAND]


async def test_a_late_start_without_a_machine_closes_the_lane() -> None:
    """Where one task found no machine in all its time, the next ones do not each wait that long for it."""
    async with at_market(start_timeout=600.0) as (dispatcher, market):
        market.never_buys(SPOT)
        assert await (await dispatcher.submit(command=["a"])).result()
        before = market.launches()[SPOT]
        tasks = [await dispatcher.submit(command=["b", str(number)]) for number in range(20)]
        for task in tasks:
            assert await task.result()
        assert market.launches()[SPOT] - before <= 1  # a probe


async def test_a_late_start_at_the_last_place_ends_it() -> None:
    """TIMED_OUT, saying what it waited for; so does the first where ``move_on`` has no start."""
    for places, move_on in (((SPOT,), ("start",)), ((SPOT, DEMAND), ("capacity",))):
        async with at_market(*places, move_on=move_on) as (dispatcher, market):
            market.never_buys()
            task = await dispatcher.submit(command=["a"], start_timeout="5m")
            result = await task.result()
            assert (result.state, result.cause) == (State.TIMED_OUT, Cause.START_TIMEOUT)
            assert "capacity" in result.hint
            assert len(result.attempts) == 1


async def test_a_start_in_time_is_left_alone() -> None:
    """The start timeout of what runs stops nothing, and its timeout still holds."""
    async with at_market(duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"], start_timeout=60, timeout=300)
        result = await task.result()
        assert (result.state, result.cause) == (State.TIMED_OUT, Cause.TIMEOUT)
        assert len(market.of("StopTask")) == 1


async def test_a_start_that_was_not_seen_yet_is_left_alone() -> None:
    """It runs, but the last look is older than that: it is looked at again before it is stopped."""
    async with at_market(duration_seconds=100, poll_floor=60.0, poll_ceiling=60.0) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"], start_timeout=30)
        await asyncio.sleep(31)
        assert task.state is State.RUNNING
        assert await task.result()
        assert market.of("StopTask") == []


async def test_a_cancel_goes_before_a_late_start() -> None:
    """Who cancels while it is being stopped for its start gets CANCELLED, and it does not go on."""
    async with at_market(start_timeout=60.0) as (dispatcher, market):
        market.never_buys(SPOT)
        task = await dispatcher.submit(command=["a"])
        while not market.of("StopTask"):
            await asyncio.sleep(0.01)
        await task.cancel()
        assert (await task.result()).state is State.CANCELLED
        assert market.launches() == {SPOT: 1}


async def test_what_waits_longer_than_its_queue_timeout_ends() -> None:
    """TIMED_OUT, with what it waited for, and without a launch of its own."""
    async with at_market(sold_out=(SPOT, DEMAND, FARGATE)) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"], queue_timeout="10m")
        begun = asyncio.get_running_loop().time()
        result = await task.result()
        assert 600 <= asyncio.get_running_loop().time() - begun < 602
        assert (result.state, result.cause) == (State.TIMED_OUT, Cause.QUEUE_TIMEOUT)
        assert "capacity of mi-spot (RESOURCE:CPU), mi-demand" in result.reason


async def test_a_queue_timeout_names_a_blocked_target() -> None:
    """Expired credentials are what it waited for, and how to mend them stands there."""
    rules = tuple(Rule(kind=EXPIRED, operation=name) for name in ("RunTask", "*TaskDefinition"))
    async with at_market() as (dispatcher, market):
        market.set_faults(Faults(rules=rules))
        result = await (await dispatcher.submit(command=["a"], queue_timeout=60)).result()
        assert result.cause is Cause.QUEUE_TIMEOUT
        assert "target default (ExpiredToken" in result.reason
        assert "renew the credentials" in result.reason


async def test_a_queue_timeout_counts_anew_after_a_machine() -> None:
    """What ran, was interrupted and waits again has its whole time again; what is launched is not touched."""
    async with at_market(SPOT, duration_seconds=LONG) as (dispatcher, market):
        task = await dispatcher.submit(command=["a"], queue_timeout=100)
        await asyncio.sleep(500)
        assert task.state is State.RUNNING
        market.sold_out.add(SPOT)
        begun = asyncio.get_running_loop().time()
        market.interrupt_spot()
        result = await task.result()
        assert 100 <= asyncio.get_running_loop().time() - begun < 115
        assert result.cause is Cause.QUEUE_TIMEOUT
        assert [a.outcome.cause for a in result.attempts] == [Cause.SPOT]


async def test_a_spot_storm_loses_nothing() -> None:
    """Half of the running tasks interrupted, three times: all end right, on spot or beside it."""
    async with at_market(max_spot_attempts=2, duration_seconds=300) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(200)]
        for _ in range(3):
            await asyncio.sleep(60)
            assert market.interrupt_spot(0.5)
        results = [await task.result() for task in tasks]
        assert {r.state for r in results} == {State.SUCCEEDED}
        assert max(len(r.attempts) for r in results) <= 4
        assert asyncio.get_running_loop().time() < 1500
