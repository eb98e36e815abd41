"""The specification's edge cases: what was asked for is not to be had, or AWS says no on the way.

The end of an instance's life has a file of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from awsecs_async.engine.roll import Transition
from awsecs_async.errors import InvalidTask, Refused
from awsecs_async.local.faults import THROTTLE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from tests.scenarios.workshop import IMAGE, USUAL, at_work

MANY = 300
THEN_FARGATE = (USUAL, "FARGATE")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"cpus": 193}, ["192", "cpus"]),
        ({"memory": "40 TB"}, ["memory"]),
        ({"accelerator": "16 nvidia-tesla-t4"}, ["g4dn", "accelerator"]),
        ({"machine_type": "c6i.2xlarge", "cpus": 16}, ["c6i.2xlarge", "8"]),
        ({"disk": "17 TB"}, ["16 TB", "disk"]),
    ],
)
async def test_more_than_there_is_is_refused_at_once_with_the_nearest_that_fits(
    asked: dict[str, Any], named: list[str]
) -> None:
    """Before any call: the refusal says what was too much, and what is the most that there is."""
    async with at_work() as (dispatcher, cloud):
        before = cloud.calls.total()
        with pytest.raises((Refused, InvalidTask)) as refused:
            await dispatcher.submit(command=["work"], container=IMAGE, **asked)
        assert cloud.calls.total() == before
    for word in named:
        assert word in str(refused.value)


async def test_capacity_that_is_never_there_moves_on_and_then_ends_saying_so() -> None:
    """Not RUNNING in time at the first provider, then at the last: TIMED_OUT, with what it waited for."""
    async with at_work(*THEN_FARGATE, start_timeout=600.0) as (dispatcher, cloud):
        cloud.never_buys()
        task = await dispatcher.submit(command=["work"], container=IMAGE)
        moved = await task.result()
        assert (moved.state, moved.attempts[-1].provider) == (State.SUCCEEDED, "FARGATE")
        task = await dispatcher.submit(command=["work"], container=IMAGE, capacity_providers=[USUAL])
        result = await task.result()
        assert (result.state, result.cause) == (State.TIMED_OUT, Cause.START_TIMEOUT)
        assert "capacity" in result.hint
        assert [a.provider for a in result.attempts] == [USUAL]


async def test_a_type_that_the_region_has_not_waits_and_goes_on_elsewhere() -> None:
    """EC2 sells none: at its other provider it runs, and nothing counts as a failure."""
    async with at_work(*THEN_FARGATE) as (dispatcher, cloud):
        cloud.deny_purchases(USUAL)
        task = await dispatcher.submit(command=["work"], container=IMAGE)
        result = await task.result()
        assert (result.state, len(result.attempts)) == (State.SUCCEEDED, 1)
        assert result.attempts[0].provider == "FARGATE"


@pytest.mark.parametrize(
    "code",
    [
        "InsufficientInstanceCapacity",
        "UnfulfillableCapacity",
        "VcpuLimitExceeded",
        "MaxSpotInstanceCountExceeded",
    ],
)
async def test_whatever_ec2_says_when_it_sells_nothing(code: str) -> None:
    """Alone it waits and runs when it is sold one; with another provider it goes there, and says why."""
    async with at_work(USUAL) as (dispatcher, cloud):
        cloud.deny_purchases(USUAL, code, count=3)
        result = await (await dispatcher.submit(command=["work"], container=IMAGE)).result()
        assert (result.state, len(result.attempts)) == (State.SUCCEEDED, 1)
        assert len(cloud.of("RunTask")) == 4
    async with at_work(*THEN_FARGATE) as (dispatcher, cloud):
        cloud.deny_purchases(USUAL, code)
        with dispatcher.changes() as changes:
            task = await dispatcher.submit(command=["work"], container=IMAGE)
            assert (await task.result()).attempts[0].provider == "FARGATE"
            notes = []
            async for change in changes:
                assert isinstance(change, Transition)
                notes.append(change.note)
                if change.new.is_ending:
                    break
    assert any(f"{USUAL}: " in note and "FARGATE" in note for note in notes), notes


async def test_a_provider_whose_role_may_not_buy_fails_the_task_and_names_the_role() -> None:
    """Waiting would not mend it: FAILED, with what AWS said and what to look at."""
    async with at_work(USUAL) as (dispatcher, cloud):
        cloud.deny_purchases(USUAL, "UnauthorizedOperation")
        result = await (await dispatcher.submit(command=["work"], container=IMAGE)).result()
        assert (result.state, result.cause) == (State.FAILED, Cause.ROLE)
        assert "iam:PassRole" in result.reason
        assert "role" in result.hint


async def test_an_image_that_cannot_be_pulled_fails_without_an_exit_code() -> None:
    """FAILED once, with ECS's words and what to look at; other images are not disturbed."""
    async with at_work() as (dispatcher, cloud):
        cloud.set_faults(Faults(unpullable_images=("registry.example/gone:*",)))
        gone = await dispatcher.submit(command=["work"], container="registry.example/gone:1")
        here = await dispatcher.submit(command=["work"], container=IMAGE)
        result = await gone.result()
        assert (result.state, result.exit_code, len(result.attempts)) == (State.FAILED, None, 1)
        assert result.cause in {Cause.IMAGE, Cause.IMAGE_PULL}
        assert "CannotPullContainerError" in result.reason
        assert result.hint
        assert await here.result()


async def test_throttles_slow_everything_down_and_fail_nothing() -> None:
    """Every third call is refused for its rate: all succeed, each launched once."""
    async with at_work() as (dispatcher, cloud):
        cloud.set_faults(Faults(rules=(Rule(kind=THROTTLE, probability=1 / 3),), seed=7))
        tasks = [await dispatcher.submit(command=[str(n)], container=IMAGE) for n in range(MANY)]
        results = [await task.result() for task in tasks]
        assert all(results)
        assert {len(result.attempts) for result in results} == {1}
        assert cloud.ecs.launcher.made == MANY
        assert cloud.faults.met[THROTTLE] > MANY // 10
        assert asyncio.get_running_loop().time() < 3_600


async def test_left_alone_the_dispatcher_is_never_throttled() -> None:
    """Its own buckets are those of AWS: a thousand tasks at once cost no refusal."""
    async with at_work() as (dispatcher, cloud):
        tasks = [await dispatcher.submit(command=[str(n)], container=IMAGE) for n in range(1_000)]
        assert all([await task.result() for task in tasks])
        assert cloud.throttles.total() == 0


async def test_s3_that_does_not_answer_is_the_commands_own_failure() -> None:
    """Fusion's exit codes are handed on as they are, with where to look; it is not run again."""
    script = '{"duration": 9, "exit": 174, "output": ["fusion: operation timed out"]}'
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(
            command=["work"],
            container=IMAGE,
            fusion=True,
            work_dir="s3://bucket/work/1",
            environment={"AWSECS_SCRIPT": script},
        )
        result = await task.result()
        assert (result.state, result.exit_code, result.cause) == (State.FAILED, 174, Cause.EXIT)
        assert "S3" in result.hint
        assert len(cloud.of("RunTask")) == 1
