"""Submitters at a full queue: whoever was let in and brought nothing has not used up another's turn."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async import Dispatcher, Task
from awsecs_async.local.faults import DENIED, Faults, Rule
from tests.fault.scene import assert_at_rest, assert_right, command_of, results_of, scene

pytestmark = pytest.mark.virtual_time


async def full(dispatcher: Dispatcher) -> list[Task]:
    """As many tasks as fit behind a block."""
    tasks: list[Task] = []
    while True:
        number = len(tasks)
        try:
            async with asyncio.timeout(100):
                tasks.append(await dispatcher.submit(command=command_of(number), key=str(number)))
        except TimeoutError:
            return tasks


async def test_a_turn_that_admits_nothing_is_passed_on() -> None:
    """A submit whose key is known, and one that is cancelled, let the one behind them in."""
    denied = Faults(rules=(Rule(kind=DENIED, operation="RunTask"),))
    async with scene() as s, s.open(queue_limit=1, launches_in_flight=1) as dispatcher:
        s.cloud.set_faults(denied)
        tasks = await full(dispatcher)
        known = asyncio.create_task(dispatcher.submit(command=command_of(0), key="0"))
        cancelled = asyncio.create_task(dispatcher.submit(command=command_of(90)))
        behind = [asyncio.create_task(dispatcher.submit(command=command_of(n))) for n in (91, 92)]
        await asyncio.sleep(100)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        await tasks[-1].cancel()  # the only one that waits: there is room for one
        await asyncio.wait([known, behind[0]], timeout=100)
        assert (await known).id == tasks[0].id
        assert behind[0].done()
        s.cloud.set_faults(Faults())
        results = await results_of([*tasks[:-1], *await asyncio.gather(*behind)])
        assert_right([*range(len(tasks) - 1), 91, 92], results)
        assert_at_rest(dispatcher)
