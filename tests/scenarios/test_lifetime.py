"""The end of an instance's life: what runs longer than Managed Instances let it is lost, and stays lost."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from tests.unit.dispatcher.market import DEMAND, FARGATE, SPOT, at_market

DAY = 86_400.0
SELDOM = 3_600.0  # seconds between two looks: three weeks are five hundred of them


@pytest.fixture(autouse=True)
def weeks_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the engine note its buckets seldom: of three weeks, that was nine tenths of the work."""
    monkeypatch.setattr("awsecs_async.engine.engine.NOTE_SECONDS", SELDOM)


async def test_a_task_of_thirty_days_ends_with_its_instance_and_is_not_run_again() -> None:
    """LOST for its instance's lifetime after 21 days, with every account of rounds still full."""
    async with at_market(
        DEMAND, FARGATE, duration_seconds=30 * DAY, poll_ceiling=SELDOM, max_host_attempts=3
    ) as (dispatcher, market):
        result = await (await dispatcher.submit(command=["work"])).result()
        ended = asyncio.get_running_loop().time()
        assert (result.state, result.cause) == (State.LOST, Cause.LIFETIME)
        assert 21 * DAY <= ended < 21 * DAY + 2 * SELDOM
        assert len(result.attempts) == len(market.of("RunTask")) == 1
        assert "deregistration forced" in result.reason
        assert "14 days" in result.hint
        assert "7 days" in result.hint
        assert result.exit_code is None


async def test_on_spot_too_it_is_age_and_not_an_interruption() -> None:
    """The spot account is not touched: the next instance would end as this one did."""
    async with at_market(SPOT, DEMAND, duration_seconds=30 * DAY, poll_ceiling=SELDOM) as (
        dispatcher,
        market,
    ):
        result = await (await dispatcher.submit(command=["work"])).result()
        assert (result.state, result.cause) == (State.LOST, Cause.LIFETIME)
        assert result.spot_interruptions == 0
        assert len(market.of("RunTask")) == 1


async def test_a_task_of_twenty_days_ends_by_itself_while_its_instance_drains() -> None:
    """After 14 days the instance takes no more tasks; the one that it has goes on to its end."""
    async with at_market(DEMAND, duration_seconds=20 * DAY, poll_ceiling=SELDOM) as (dispatcher, _):
        result = await (await dispatcher.submit(command=["work"])).result()
        assert (result.state, result.exit_code) == (State.SUCCEEDED, 0)
        assert 20 * DAY <= result.attempts[0].seconds < 20 * DAY + 60


async def test_a_task_that_comes_after_fourteen_days_gets_another_instance() -> None:
    """Nothing is placed on an instance that drains, whatever room it has."""
    async with at_market(DEMAND, duration_seconds=14.5 * DAY, poll_ceiling=SELDOM) as (dispatcher, _):
        machines = []
        for wait in (0.1, 14.1, 0.0):
            task = await dispatcher.submit(command=["work"], cpus=0.25, memory=512)
            await asyncio.sleep(wait * DAY)
            machines.append(task)
        old, shared, fresh = [(await task.result()).attempts[0].instance_id for task in machines]
        assert old == shared != fresh
