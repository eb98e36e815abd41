"""A storm over spot capacity: machines go by the hundred, and every task still ends right or says why not."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from awsecs_async.local.ecs.upkeep import HOST_LOST
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.task import TaskSpec
from tests.unit.dispatcher.market import DEMAND, SPOT, Market, at_market

if TYPE_CHECKING:
    from awsecs_async.model.result import Attempt, Result

TASKS = 600
WORK_SECONDS = 300.0
SPOT_SAYS = "SpotInterruption"
HALF = 0.5


async def storm(market: Market, *stop_codes: str, every_seconds: float = 100.0) -> int:
    """Half of what runs on spot is taken each time; how many tasks that hit."""
    hit = 0
    for stop_code in stop_codes:
        await asyncio.sleep(every_seconds)
        taken = market.interrupt_spot(HALF, stop_code=stop_code)
        assert taken
        hit += len(taken)
    return hit


def assert_one_at_a_time(results: list[Result]) -> None:
    """No attempt of a task began before the one before it was over."""
    for result in results:
        assert [attempt.number for attempt in result.attempts] == list(range(1, len(result.attempts) + 1))
        for earlier, later in pairwise(result.attempts):
            assert earlier.stopped_at is not None
            assert later.launched_at is not None
            assert earlier.stopped_at <= later.launched_at


def assert_fully_told(attempt: Attempt) -> None:
    """Where it was, when, on what, and how it ended."""
    assert attempt.arn
    assert attempt.instance_id
    assert attempt.instance_type
    assert attempt.zone
    assert attempt.launched_at is not None
    assert attempt.started_at is not None
    assert attempt.stopped_at is not None
    assert attempt.launched_at <= attempt.started_at <= attempt.stopped_at
    assert attempt.is_spot == (attempt.provider == SPOT)
    if attempt.outcome.cause is Cause.SPOT:
        assert attempt.outcome.reason
        assert attempt.outcome.exit_code != 0


@pytest.mark.parametrize("max_spot_attempts", [5, 1])
async def test_half_of_six_hundred_interrupted_three_times_loses_nothing(max_spot_attempts: int) -> None:
    """All succeed, never twice at once, every attempt is told, in bounded time and few calls."""
    async with at_market(
        SPOT, DEMAND, max_spot_attempts=max_spot_attempts, duration_seconds=WORK_SECONDS
    ) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[f"job-{n}"]) for n in range(TASKS)]
        begun = asyncio.get_running_loop().time()
        hit = await storm(market, HOST_LOST, SPOT_SAYS, HOST_LOST)
        results = [await task.result() for task in tasks]
        assert asyncio.get_running_loop().time() - begun < 2000, "virtual seconds"
        calls = Counter(each.operation for each in market.asked)

    assert {result.state for result in results} == {State.SUCCEEDED}
    attempts = [attempt for result in results for attempt in result.attempts]
    assert Counter(a.outcome.cause for a in attempts) == {Cause.SPOT: hit, Cause.EXIT: TASKS}
    assert hit > TASKS
    assert_one_at_a_time(results)
    for attempt in attempts:
        assert_fully_told(attempt)
    assert {a.provider for a in attempts} == ({SPOT} if max_spot_attempts == 5 else {SPOT, DEMAND})
    assert market.ecs.launcher.made == calls["RunTask"] == len(attempts), (
        "nothing ran that is not in the record"
    )
    assert market.ecs.launcher.launches == {r.title: len(r.attempts) for r in results}
    assert calls["RegisterTaskDefinition"] == 1
    assert calls["StopTask"] == 0
    assert calls["DescribeTasks"] < len(attempts), "a hundred are asked about at once"
    assert calls.total() < 2 * len(attempts)


async def test_without_spot_attempts_and_another_place_all_that_was_hit_is_lost_and_says_why() -> None:
    """0 means never again: LOST with ECS's words and what to set; the rest is not disturbed."""
    async with at_market(SPOT, max_spot_attempts=0, duration_seconds=WORK_SECONDS) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[f"job-{n}"]) for n in range(TASKS)]
        hit = await storm(market, HOST_LOST, SPOT_SAYS)
        results = [await task.result() for task in tasks]
        launched = market.ecs.launcher.made

    assert launched == TASKS, "nothing was run again"
    assert Counter(r.state for r in results) == {State.LOST: hit, State.SUCCEEDED: TASKS - hit}
    lost = [result for result in results if not result]
    assert {result.cause for result in lost} == {Cause.SPOT}
    for result in lost:
        assert "instance" in result.reason or "Spot" in result.reason
        assert "maxSpotAttempts" in result.hint
        assert result.exit_code is None or result.exit_code != 0
        assert_fully_told(result.attempts[0])
    assert {word for r in lost for word in ("Host EC2", "Spot Task") if word in r.reason} == {
        "Host EC2",
        "Spot Task",
    }


async def test_fargate_spot_is_taken_task_by_task_and_comes_back() -> None:
    """There are no instances there: each task has its own two minutes, and goes round by itself."""
    async with at_market("FARGATE_SPOT", "FARGATE", duration_seconds=WORK_SECONDS) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[f"job-{n}"], cpus=1, memory="2 GB") for n in range(200)]
        hit = await storm(market, SPOT_SAYS, SPOT_SAYS, SPOT_SAYS)
        results = [await task.result() for task in tasks]
    assert {result.state for result in results} == {State.SUCCEEDED}
    assert sum(result.spot_interruptions for result in results) == hit
    assert_one_at_a_time(results)
    assert market.ecs.launcher.launches == {r.title: len(r.attempts) for r in results}


async def test_copies_and_arrays_are_taken_apart_and_lose_nothing() -> None:
    """Launched ten at a time and interrupted in part, each member goes on by itself, with its own index."""
    async with at_market(SPOT, DEMAND, duration_seconds=WORK_SECONDS) as (dispatcher, market):
        tasks = await dispatcher.submit_copies(TaskSpec(command=["copy"]), 200)
        tasks += await dispatcher.submit_array(TaskSpec(command=["member"]), 100)
        hit = await storm(market, HOST_LOST, SPOT_SAYS, HOST_LOST)
        results = [await task.result() for task in tasks]
    assert {result.state for result in results} == {State.SUCCEEDED}
    assert_one_at_a_time(results)
    attempts = [attempt for result in results for attempt in result.attempts]
    assert (
        len({attempt.arn for attempt in attempts}) == len(attempts) == market.ecs.launcher.made == 300 + hit
    )
    for index, result in enumerate(results[200:]):
        assert result.index == index
        assert launches_of_member(market, index) == len(result.attempts)


def launches_of_member(market: Market, index: int) -> int:
    """How many RunTask calls were for that member of the array."""
    variable = {"name": "AWSECS_ARRAY_INDEX", "value": str(index)}
    return sum(
        variable in asked.params["overrides"]["containerOverrides"][0].get("environment", ())
        for asked in market.of("RunTask")
    )
