"""Whoever waits for the dispatcher may stop waiting, at any await: no task is the worse for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from awsecs_async import Dispatcher, State, Task
from awsecs_async.local.faults import DENIED, Faults, Rule
from awsecs_async.testing import run
from tests.fault.cancelling import Cut, Moment
from tests.fault.disk import CrashingJournal, Disk
from tests.fault.scene import (
    FOREVER,
    Scene,
    assert_at_rest,
    assert_nothing_twice,
    assert_right,
    command_of,
    results_of,
    scene,
    submit,
)

MOST_AWAITS = 200
both_moments = pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name.lower())


def at_every_await(story: Callable[[int], Coroutine[Any, Any, bool]], *, least: int = 1) -> None:
    """Tell the story with a cut at the first await, the second and so on, until there is none to cut at."""
    for number in range(1, MOST_AWAITS):
        try:
            if not run(story(number)):
                assert number > least, "it hardly ever waited"
                return
        except BaseException as error:
            error.add_note(f"it was cancelled at await {number}")
            raise
    pytest.fail("there are more awaits than were tried")


async def cut_short(cut: Cut[Any]) -> bool:
    """Run it; whether it was cancelled."""
    task = asyncio.create_task(cut.run())
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled()


async def assert_goes_on(s: Scene, dispatcher: Dispatcher, tasks: list[Task]) -> None:
    """What was there ends right, and what comes next runs."""
    following = await submit(dispatcher, range(50, 53))
    results = await results_of([*tasks, *following])
    assert_right([*(int(task.spec.command[-1]) for task in tasks), 50, 51, 52], results)
    assert_nothing_twice(s, s.results)
    assert_at_rest(dispatcher)


@both_moments
@pytest.mark.parametrize("key", [None, "the same"])
def test_submit(key: str | None, moment: Moment) -> None:
    """A cancelled submit leaves no task; with a key the same submit again finds or makes the one."""

    async def story(number: int) -> bool:
        async with scene() as s, s.open(CrashingJournal(Disk(write_seconds=0.05))) as dispatcher:
            others = await submit(dispatcher, range(3))
            cut = Cut(dispatcher.submit(command=command_of(9), key=key), number, moment)
            if await cut_short(cut) and key is None:
                await dispatcher.drain()
                assert s.launches()[9] == 0
            elif key is not None:
                again = await dispatcher.submit(command=command_of(9), key=key)
                assert_right([9], [await again.result()])
                assert s.launches()[9] == 1
            await assert_goes_on(s, dispatcher, others)
            return cut.made

    at_every_await(story)


@both_moments
def test_submit_at_a_full_queue(moment: Moment) -> None:
    """A submitter that gives up its place in the line gives it to the next."""

    async def story(number: int) -> bool:
        async with (
            scene() as s,
            s.open(CrashingJournal(Disk()), queue_limit=1, launches_in_flight=1) as dispatcher,
        ):
            s.cloud.set_faults(Faults(rules=(Rule(kind=DENIED, operation="RunTask"),)))
            first = await submit(dispatcher, range(2))
            cut = Cut(dispatcher.submit(command=command_of(9)), number, moment)
            cutting = asyncio.create_task(cut_short(cut))
            await asyncio.sleep(0)
            behind = asyncio.create_task(submit(dispatcher, range(10, 14)))
            await asyncio.sleep(5)
            s.cloud.set_faults(Faults(latency_seconds=0.03))
            was_cut = await cutting
            tasks = [*first, *await behind]
            await dispatcher.drain()
            assert s.launches()[9] == (0 if was_cut else 1)
            await assert_goes_on(s, dispatcher, tasks)
            return cut.made

    at_every_await(story)


@both_moments
def test_result(moment: Moment) -> None:
    """A waiter that is cancelled stops waiting; the task goes on, and the other waiter hears of its end."""

    async def story(number: int) -> bool:
        async with scene() as s, s.open(CrashingJournal(Disk())) as dispatcher:
            tasks = await submit(dispatcher, range(3))
            other = asyncio.create_task(tasks[0].result())
            cut = Cut(tasks[0].result(), number, moment)
            await cut_short(cut)
            assert_right([0], [await other])
            await assert_goes_on(s, dispatcher, tasks)
            return cut.made

    at_every_await(story)


@both_moments
@pytest.mark.parametrize("running", [False, True])
def test_cancel(*, running: bool, moment: Moment) -> None:
    """A cancel whose caller leaves is a cancel: the wish was said."""

    async def story(number: int) -> bool:
        async with scene() as s, s.open(CrashingJournal(Disk(write_seconds=0.05))) as dispatcher:
            others = await submit(dispatcher, range(3))
            (endless,) = await submit(dispatcher, [FOREVER])
            while running and endless.state is not State.RUNNING:
                await asyncio.sleep(0.1)
            cut = Cut(endless.cancel(), number, moment)
            await cut_short(cut)
            assert (await endless.result()).state is State.CANCELLED
            await assert_goes_on(s, dispatcher, others)
            return cut.made

    at_every_await(story)


@both_moments
def test_logs(moment: Moment) -> None:
    """A reader that leaves in the middle takes nothing from the next one, who gets every line."""

    async def read(task: Task) -> list[str]:
        return [line.message async for line in task.logs() if hasattr(line, "message")]

    async def story(number: int) -> bool:
        async with scene() as s, s.open(CrashingJournal(Disk()), log_settle=1.0) as dispatcher:
            tasks = await submit(dispatcher, range(3))
            cut = Cut(read(tasks[0]), number, moment)
            await cut_short(cut)
            assert await read(tasks[0]) == ["work 0", "done 0"]
            await assert_goes_on(s, dispatcher, tasks)
            assert "0 followers" in repr(dispatcher._engine.logs)  # noqa: SLF001
            return cut.made

    at_every_await(story)


@both_moments
def test_drain(moment: Moment) -> None:
    """Whoever stops waiting for the end of all has not hastened it."""

    async def story(number: int) -> bool:
        async with scene() as s, s.open(CrashingJournal(Disk())) as dispatcher:
            tasks = await submit(dispatcher, range(3))
            cut = Cut(dispatcher.drain(), number, moment)
            await cut_short(cut)
            await dispatcher.drain()
            await assert_goes_on(s, dispatcher, tasks)
            return cut.made

    at_every_await(story)


@both_moments
def test_opening(moment: Moment) -> None:
    """A dispatcher that is cancelled while it opens lets go of everything: the next one opens and works."""

    async def story(number: int) -> bool:
        disk = Disk()
        async with scene() as s:

            async def opened() -> None:
                async with s.open(CrashingJournal(disk)) as dispatcher:
                    await submit(dispatcher, [1])

            cut = Cut(opened(), number, moment)
            await cut_short(cut)
            async with s.open(CrashingJournal(disk)) as dispatcher:
                await dispatcher.drain()
                await assert_goes_on(s, dispatcher, await submit(dispatcher, range(3)))
            return cut.made

    at_every_await(story, least=5)
