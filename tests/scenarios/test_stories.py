"""The specification's user stories, each of their acceptance scenarios as it is written there.

Where a scenario says what Nextflow does, the dispatcher's own doors stand in.
"""

from __future__ import annotations

import asyncio
import math

import pytest

from awsecs_async.engine.logs import LogLine
from awsecs_async.engine.roll import Transition
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from tests.scenarios.workshop import GPUS, IMAGE, USUAL, at_work, seen_by_ecs


async def test_story_1_a_task_runs_with_at_least_what_it_asked_for() -> None:
    """Scenario 1: 2 vCPUs and 4 GB on a Managed Instance, in its image, to its end."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(command=["sort", "x"], container=IMAGE, cpus=2, memory="4 GB")
        assert await task.result()
        seen = await seen_by_ecs(cloud, task)
    assert int(seen["cpu"]) >= 2048
    assert int(seen["memory"]) * 1024**2 >= 4 * 1000**3
    assert (seen["capacityProviderName"], seen["launchType"]) == (USUAL, "MANAGED_INSTANCES")
    assert seen["containers"][0]["image"] == IMAGE


async def test_story_1_a_failure_comes_with_its_exit_code_and_its_log() -> None:
    """Scenario 2: the code and what it wrote are had."""
    script = '{"duration": 5, "exit": 3, "output": ["no such sample"]}'
    async with at_work() as (dispatcher, _):
        task = await dispatcher.submit(
            command=["sort", "x"], container=IMAGE, environment={"AWSECS_SCRIPT": script}
        )
        lines = [line.message async for line in task.logs() if isinstance(line, LogLine)]
        result = await task.result()
    assert (result.state, result.exit_code, lines) == (State.FAILED, 3, ["no such sample"])


async def test_story_1_many_run_at_once() -> None:
    """Scenario 3: a hundred tasks of a minute are done in little more than one."""
    async with at_work(duration_seconds=60) as (dispatcher, _):
        tasks = [await dispatcher.submit(command=[str(n)], container=IMAGE) for n in range(100)]
        results = [await task.result() for task in tasks]
        assert all(results)
        attempts = [result.attempts[0] for result in results]
        assert max(a.started_at or math.inf for a in attempts) < min(a.stopped_at or 0.0 for a in attempts)
        assert asyncio.get_running_loop().time() < 90


async def test_story_2_a_gpu_of_that_type_is_had() -> None:
    """Scenario 1: an instance with T4s is bought, and the container has one of them (SC-004)."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(
            command=["train"], container=IMAGE, accelerator={"count": 1, "type": "nvidia-tesla-t4"}
        )
        (attempt,) = (await task.result()).attempts
        seen = await seen_by_ecs(cloud, task)
    assert attempt.instance_type is not None
    assert attempt.instance_type.startswith("g4dn.")
    assert attempt.provider == GPUS
    assert len(seen["containers"][0]["gpuIds"]) == 1


@pytest.mark.parametrize("count", [1, 4, 8])
async def test_story_2_as_many_gpus_as_were_asked_for(count: int) -> None:
    """SC-004: the container is given exactly so many, all different."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(command=["train"], container=IMAGE, accelerator=count)
        assert await task.result()
        gpu_ids = (await seen_by_ecs(cloud, task))["containers"][0]["gpuIds"]
    assert len(set(gpu_ids)) == len(gpu_ids) == count


async def test_story_2_without_a_gpu_it_waits_until_there_is_one() -> None:
    """Scenario 2: as long as it may, and runs when one can be bought."""
    async with at_work() as (dispatcher, cloud):
        cloud.deny_purchases(GPUS, count=20)
        task = await dispatcher.submit(command=["train"], container=IMAGE, accelerator=1)
        result = await task.result()
        assert result.state is State.SUCCEEDED
        assert len(cloud.of("RunTask")) == 21
        assert len(result.attempts) == 1, "want of capacity is no attempt"


async def test_story_2_without_a_gpu_it_ends_after_its_time_saying_what_it_waited_for() -> None:
    """Scenario 2, the other ending: a queue timeout, whose reason names the provider and EC2's refusal."""
    async with at_work(queue_timeout=3_600.0) as (dispatcher, cloud):
        cloud.deny_purchases(GPUS)
        task = await dispatcher.submit(command=["train"], container=IMAGE, accelerator=1)
        result = await task.result()
        assert (result.state, result.cause) == (State.TIMED_OUT, Cause.QUEUE_TIMEOUT)
        assert GPUS in result.reason
        assert "InsufficientInstanceCapacity" in result.reason
        assert 3_600 <= asyncio.get_running_loop().time() < 3_700


@pytest.mark.parametrize(
    ("disk", "gib", "kind"),
    [
        ("500 GB", 500, "gp3"),
        ("100 GB gp3", 100, "gp3"),
        ("1 TB st1", 1024, "st1"),
        ("16 TiB", 16_384, "gp3"),
    ],
)
async def test_story_3_a_disk_is_a_volume_of_that_size_and_type(disk: str, gib: int, kind: str) -> None:
    """Scenarios 1 and 2, and SC-005: ECS attaches a volume of that size and of the type that was named."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(command=["sort"], container=IMAGE, disk=disk)
        assert await task.result()
        (volume,) = (await seen_by_ecs(cloud, task))["attachments"]
        (launch,) = cloud.of("RunTask")
    assert volume["type"] == "AmazonElasticBlockStorage"
    details = {item["name"]: item["value"] for item in volume["details"]}
    assert (details["sizeInGiB"], details["volumeType"]) == (str(gib), kind)
    assert details["deleteOnTermination"] == "true"
    (asked,) = launch.params["volumeConfigurations"]
    assert asked["managedEBSVolume"]["sizeInGiB"] == gib


async def test_story_4_a_machine_type_is_what_it_runs_on() -> None:
    """Scenario 1: c6i.2xlarge and no other, however small the task is."""
    async with at_work() as (dispatcher, _):
        task = await dispatcher.submit(command=["sort"], container=IMAGE, machine_type="c6i.2xlarge", cpus=1)
        (attempt,) = (await task.result()).attempts
    assert attempt.instance_type == "c6i.2xlarge"


async def test_story_4_without_one_ecs_chooses() -> None:
    """Scenario 2: nothing is said of machines, and the instance holds the task."""
    async with at_work() as (dispatcher, cloud):
        task = await dispatcher.submit(command=["sort"], container=IMAGE, cpus=4, memory="16 GB")
        (attempt,) = (await task.result()).attempts
        (launch,) = cloud.of("RunTask")
    assert "placementConstraints" not in launch.params
    assert attempt.instance_type in {"m6i.xlarge", "r6i.xlarge", "c6i.2xlarge", "m6i.2xlarge"}


async def test_story_5_the_status_is_told_as_it_changes() -> None:
    """Scenario 1: queued, on ECS, running, ended; in order and each once."""
    async with at_work() as (dispatcher, _):
        with dispatcher.changes() as changes:
            await dispatcher.submit(command=["sort"], container=IMAGE)
            told: list[State] = []
            async for change in changes:
                assert isinstance(change, Transition)
                told.append(change.new)
                if change.new.is_ending:
                    break
    assert told == sorted(set(told), key=told.index)
    assert told[0] is State.QUEUED
    assert told[-2:] == [State.RUNNING, State.SUCCEEDED]


async def test_story_5_logs_are_had_while_it_runs_and_afterwards() -> None:
    """Scenario 2: the lines come as they are written, and a later reader gets all of them again."""
    script = '{"duration": 100, "interval": 10, "output": ["one", "two", "three"]}'
    async with at_work() as (dispatcher, _):
        task = await dispatcher.submit(
            command=["sort"], container=IMAGE, environment={"AWSECS_SCRIPT": script}
        )
        lines = []
        async for line in task.logs():
            assert isinstance(line, LogLine)
            lines.append((line.message, task.state))
        again = [line.message async for line in task.logs() if isinstance(line, LogLine)]
    assert lines == [(word, State.RUNNING) for word in ("one", "two", "three")]
    assert again == ["one", "two", "three"]
