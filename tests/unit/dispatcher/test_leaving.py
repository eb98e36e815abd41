"""Leaving the block, and what is left to ask of a dispatcher that was left."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from awsecs_async.errors import DispatcherClosed
from awsecs_async.local.ecs.script import Script
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.testing.rehearsal import rehearsal

LONG = Script(duration_seconds=100_000)


async def test_a_cancel_scope_does_not_keep_leaving_from_stopping() -> None:
    """``move_on_after`` around the block ends its tasks on ECS like any other way out."""
    with anyio.move_on_after(20):
        async with rehearsal(script=LONG, leaving="cancel") as (dispatcher, cloud):
            task = await dispatcher.submit(command=["a"])
            await asyncio.sleep(1000)
    assert (await task.result()).state is State.CANCELLED
    assert cloud.calls["ecs:StopTask"] == 1


async def test_a_drain_that_is_cancelled_stops_what_nobody_would_find() -> None:
    """Without a journal on disk, giving up the wait at the end must not leave tasks behind."""
    with anyio.move_on_after(20):
        async with rehearsal(script=LONG, leaving="drain") as (dispatcher, cloud):
            task = await dispatcher.submit(command=["a"])
    assert (await task.result()).state is State.CANCELLED
    assert cloud.calls["ecs:StopTask"] == 1


async def test_leaving_goes_on_as_long_as_stops_go_through() -> None:
    """More tasks than can be stopped within the grace are stopped all the same."""
    async with rehearsal(script=LONG, leaving="cancel", stop_grace=5.0) as (dispatcher, cloud):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(600)]
        while any(task.state is not State.RUNNING for task in tasks):
            await asyncio.sleep(1)
    assert cloud.calls["ecs:StopTask"] == 600
    assert {(await task.result()).state for task in tasks} == {State.CANCELLED}


async def test_a_closed_dispatcher_says_so_to_who_asks_later() -> None:
    """A first ``result()`` or a cancel after the end does not wait for ever, or pretend."""
    async with rehearsal(script=LONG, leaving="leave") as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        changes = dispatcher.changes()
        await asyncio.sleep(5)
    with pytest.raises(DispatcherClosed):
        await task.result()
    with pytest.raises(DispatcherClosed):
        await task.cancel()
    assert [change async for change in changes] != []  # and it ends


def test_cause_names_are_what_users_see() -> None:
    """The causes of the command line's JSON are part of its interface."""
    assert {cause.value for cause in Cause} == {
        "exit", "out-of-memory", "image", "image-pull", "volume", "network", "secret", "logging", "role",
        "placement", "command", "container-runtime", "setup", "capacity", "spot", "host-lost",
        "instance-lifetime", "dependency", "no-exit-code", "stopped", "cancelled", "timeout",
        "start-timeout", "queue-timeout", "refused", "forgotten", "unknown",
    }  # fmt: skip
