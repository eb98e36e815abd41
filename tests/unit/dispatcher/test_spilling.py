"""Long commands: what goes to S3 is there before RunTask is asked, and a bucket at fault fails no task."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.wire import Wire, WireError
from awsecs_async.model.lifecycle import State
from awsecs_async.model.overrides import OVERRIDES_TAKEN
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.rehearsal import rehearsal
from tests.fault.disk import CrashingJournal, Disk
from tests.unit.dispatcher.tapped import TappedCloud

TARGET = Target(cluster="local", runs_processes=True, work_bucket="s3://work/spilled")
LONG = TaskSpec(command=["run", "x" * 20_000])


class Watched(Neighbours):
    """Neighbours that remember when objects were put, and answer the first puts as they are told."""

    def __init__(self, *, bucket: str = "work") -> None:
        super().__init__()
        self.buckets.add(bucket)
        self.faults: list[WireError] = []
        self.puts: list[tuple[float, str]] = []

    def answer(self, service: str, operation: str, params: Mapping[str, Any]) -> Wire:
        """As any neighbours, after the faults."""
        if operation == "PutObject":
            self.puts.append((asyncio.get_running_loop().time(), f"s3://{params['Bucket']}/{params['Key']}"))
            if self.faults:
                raise self.faults.pop(0)
        return super().answer(service, operation, params)


def files(request: Mapping[str, Any]) -> list[str]:
    """The environment files that a RunTask request names, by URL."""
    overrides = request["overrides"]["containerOverrides"]
    found = [file["value"] for override in overrides for file in override.get("environmentFiles", ())]
    return [arn.replace("arn:aws:s3:::", "s3://") for arn in found]


async def until_blocked(dispatcher: Dispatcher) -> str:
    """What the dispatcher says that its target is blocked by."""
    while not dispatcher.blocked:
        await asyncio.sleep(0.1)
    return dispatcher.blocked["default"]


async def test_the_file_is_there_before_runtask_is_asked() -> None:
    """Whatever is sent, and sent again after a crash, finds what it refers to; and RunTask takes it."""
    neighbours = Watched()
    async with (
        TappedCloud() as cloud,
        rehearsal(cloud=cloud, neighbours=neighbours, targets=(TARGET,)) as (dispatcher, _),
    ):
        task = await dispatcher.submit(LONG)
        assert (await task.result()).state is State.SUCCEEDED
    (asked,) = cloud.of("RunTask")
    assert len(json.dumps(asked.params["overrides"])) <= OVERRIDES_TAKEN
    ((at, url),) = neighbours.puts
    assert files(asked.params) == [url]
    assert at <= asked.at
    assert url.startswith(f"s3://work/spilled/{asked.params['startedBy']}/")
    assert b"x" * 15_000 in neighbours.buckets.objects[url]


async def test_an_array_puts_one_file() -> None:
    """Equal content is one object: not one for each of its members, nor one for each attempt."""
    neighbours = Watched()
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, cloud):
        await dispatcher.submit_array(LONG, 100)
        await dispatcher.drain()
        assert cloud.ecs.launcher.made == 100
    assert len(neighbours.puts) == 1


async def test_a_file_is_put_again_after_an_hour() -> None:
    """A lifecycle rule of the bucket counts from the last put: it must not catch a file that is in use."""
    neighbours = Watched()
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, _):
        for _ in range(3):
            await (await dispatcher.submit(LONG)).result()
            await asyncio.sleep(3_700)
    assert len(neighbours.puts) == 3


async def test_short_tasks_never_ask_s3() -> None:
    """A bucket that is set costs nothing until something needs it."""
    neighbours = Watched()
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, _):
        await (await dispatcher.submit(command=["x" * 6_000])).result()
    assert neighbours.puts == []


@pytest.mark.parametrize("fault", ["NoSuchBucket", "AccessDenied"])
async def test_a_bucket_at_fault_blocks_and_fails_nothing(fault: str) -> None:
    """The tasks wait, the dispatcher says which setting and permission mend it, and then they run."""
    neighbours = Watched(bucket="other" if fault == "NoSuchBucket" else "work")
    if fault == "AccessDenied":
        neighbours.deny("s3")
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, _):
        task = await dispatcher.submit(LONG)
        said = await until_blocked(dispatcher)
        assert said.startswith(
            f"spilling: {fault}: workBucket: s3://work cannot be written; create it, allow"
        )
        await asyncio.sleep(600)
        assert task.state is State.QUEUED
        assert len(neighbours.puts) < 40  # one probe at a time, ever more slowly
        neighbours.buckets.add("work")
        neighbours._denied.clear()  # noqa: SLF001 (the cure)
        assert (await task.result()).state is State.SUCCEEDED
        assert dispatcher.blocked == {}


async def test_a_bucket_at_fault_holds_up_nobody_else() -> None:
    """More long tasks than there are workers, and the short ones behind them in the same lane run."""
    neighbours = Watched(bucket="other")
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, cloud):
        long = [await dispatcher.submit(command=["run", "x" * 9_000, str(n)]) for n in range(100)]
        short = [await dispatcher.submit(command=["run", str(n)]) for n in range(50)]
        assert {(await task.result()).state for task in short} == {State.SUCCEEDED}
        assert {task.state for task in long} == {State.QUEUED}
        assert len(neighbours.puts) < 10
        neighbours.buckets.add("work")
        assert {(await task.result()).state for task in long} == {State.SUCCEEDED}
        assert cloud.ecs.launcher.made == 150


async def test_a_busy_s3_is_asked_again() -> None:
    """A throttle or a lost answer is no reason to give up, nor to hammer."""
    neighbours = Watched()
    neighbours.faults = [
        WireError("SlowDown", "Please reduce your request rate.", 503),
        WireError("InternalError", "We encountered an internal error. Please try again.", 500),
    ]
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, _):
        assert (await (await dispatcher.submit(LONG)).result()).state is State.SUCCEEDED
    first, second, third = (at for at, _ in neighbours.puts)
    assert first < second < third


async def test_cancelled_while_it_waits_for_the_bucket_it_is_gone() -> None:
    """Nothing of it was launched, and nothing is when the bucket comes back."""
    neighbours = Watched(bucket="other")
    async with rehearsal(neighbours=neighbours, targets=(TARGET,)) as (dispatcher, cloud):
        task = await dispatcher.submit(LONG)
        await until_blocked(dispatcher)
        await task.cancel()
        assert (await task.result()).state is State.CANCELLED
        neighbours.buckets.add("work")
        await asyncio.sleep(100)
        assert cloud.ecs.launcher.made == 0


async def test_settings_that_lost_their_bucket_end_the_task_with_a_reason() -> None:
    """It was admitted when there was one; without, it can never run, and its end says what to set."""
    disk = Disk()
    neighbours = Watched(bucket="other")
    before: dict[str, Any] = {
        "journal": CrashingJournal(disk),
        "neighbours": neighbours,
        "targets": (TARGET,),
    }
    async with rehearsal(**before, leaving="leave") as (dispatcher, _):
        task = await dispatcher.submit(LONG)
        await until_blocked(dispatcher)
    without = Target(cluster="local", runs_processes=True)
    async with rehearsal(targets=(without,), journal=CrashingJournal(disk)) as (dispatcher, _):
        again = await dispatcher.get(task.id)
        assert again is not None
        result = await again.result()
    assert result.state is State.FAILED
    assert "workBucket" in result.reason
