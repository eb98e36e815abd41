"""A disk that is slow, or stuck: nothing is sent before it is written, and nothing is told before either."""

from __future__ import annotations

import asyncio
import json

import pytest

from awsecs_async import State
from awsecs_async.engine.journal.port import Admitted, Ended, LaunchMade, LaunchSettled, StopWished
from tests.fault.disk import CrashingJournal, Disk
from tests.fault.scene import (
    Scene,
    assert_at_rest,
    assert_nothing_twice,
    assert_right,
    assert_told_once,
    results_of,
    scene,
    submit,
)

pytestmark = pytest.mark.virtual_time


def assert_written_before_sent(s: Scene, disk: Disk) -> None:
    """Every RunTask request was on disk, word for word, when it went out."""
    written: dict[str, float] = {}
    for at, made in disk.written_at(LaunchMade):
        assert isinstance(made, LaunchMade)
        written[made.launch.request] = at
    for each in s.calls("RunTask"):
        assert written[each.body] <= each.at, "sent before it was on disk"


@pytest.mark.parametrize("write_seconds", [0.2, 3.0])
async def test_a_launch_is_on_disk_before_it_is_sent(write_seconds: float) -> None:
    """However slow the disk is, no request goes out that a crash would forget."""
    disk = Disk(write_seconds=write_seconds)
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        tasks = await asyncio.gather(*(dispatcher.submit(command=["work", str(n)]) for n in range(100)))
        results = await results_of(tasks)
        assert_right(range(100), results)
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert_written_before_sent(s, disk)
        assert_at_rest(dispatcher)


async def test_submit_returns_when_the_task_is_on_disk() -> None:
    """A submitter is told of its task when a crash can no longer lose it."""
    disk = Disk(write_seconds=2.0)
    loop = asyncio.get_running_loop()
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        (task,) = await submit(dispatcher, [1])
        ((at, entry),) = disk.written_at(Admitted)
        assert isinstance(entry, Admitted)
        assert entry.id == task.id
        assert at <= loop.time()
        await task.result()


async def test_an_ending_is_told_when_it_is_on_disk() -> None:
    """`result`, `state` and the listeners hear of an ending only when a restart would know it too."""
    disk = Disk()
    loop = asyncio.get_running_loop()
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        (task,) = await submit(dispatcher, [1])
        while task.state is not State.RUNNING:
            await asyncio.sleep(0.1)
        disk.stuck = True
        waiting = asyncio.create_task(task.result())
        await asyncio.sleep(60)
        assert not waiting.done()
        assert task.state is State.RUNNING
        assert s.endings == {}
        disk.stuck = False
        result = await waiting
        assert_right([1], [result])
        ((at, _),) = disk.written_at(Ended)
        assert at <= loop.time()
        assert s.endings == {task.id: 1}


async def test_nothing_is_sent_while_the_disk_is_stuck() -> None:
    """Queued tasks stay unsent for as long as their launches cannot be written, and run afterwards."""
    disk = Disk()
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        first = await submit(dispatcher, range(5))
        await results_of(first)
        sent = len(s.calls("RunTask"))
        late = [asyncio.create_task(dispatcher.submit(command=["work", str(n)])) for n in range(5, 100)]
        disk.stuck = True
        await asyncio.sleep(600)
        assert len(s.calls("RunTask")) == sent
        assert not any(submitting.done() for submitting in late)
        disk.stuck = False
        results = await results_of(await asyncio.gather(*late))
        assert_right(range(5, 100), results)
        assert_written_before_sent(s, disk)
        assert_at_rest(dispatcher)


async def test_a_stop_is_sent_when_the_wish_is_on_disk() -> None:
    """A wish to cancel that a crash would forget stops nothing yet; `cancel` returns once it is kept."""
    disk = Disk()
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        (task,) = await submit(dispatcher, [1])
        while task.state is not State.RUNNING:
            await asyncio.sleep(0.1)
        disk.write_seconds = 1.5
        await task.cancel()
        ((at, _),) = disk.written_at(StopWished)
        assert at <= asyncio.get_running_loop().time()
        assert (await task.result()).state is State.CANCELLED
        assert all(each.at >= at for each in s.calls("StopTask"))


async def test_a_submit_that_is_cancelled_while_the_disk_is_stuck_leaves_nothing() -> None:
    """Nobody was told of the task, so none may run: not now, and not when the disk goes on."""
    disk = Disk()
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        await results_of(await submit(dispatcher, [0]))  # the definition is known from here on
        disk.stuck = True
        submitting = asyncio.create_task(dispatcher.submit(command=["work", "1"]))
        await asyncio.sleep(1)
        submitting.cancel()
        await asyncio.sleep(1)
        disk.stuck = False
        await dispatcher.drain()
        assert submitting.cancelled()
        assert s.launches() == {0: 1}
        assert_at_rest(dispatcher)
        assert len(await results_of(await submit(dispatcher, [2]))) == 1


async def test_arns_are_on_disk_before_anybody_is_told() -> None:
    """PROVISIONING is told once the ARN is kept, so that what a user has seen a restart finds again."""
    disk = Disk(write_seconds=0.5)
    told: list[float] = []
    async with scene() as s, s.open(CrashingJournal(disk)) as dispatcher:
        loop = asyncio.get_running_loop()
        s.ledger(dispatcher).tell(lambda t: told.append(loop.time()) if t.new is State.PROVISIONING else None)
        await results_of(await submit(dispatcher, range(10)))
        settled = sorted(at for at, entry in disk.written_at(LaunchSettled))
        assert len(settled) == len(told) == 10
        assert all(at <= when for at, when in zip(settled, sorted(told), strict=True))
        assert all(json.loads(each.body)["count"] == 1 for each in s.calls("RunTask"))
