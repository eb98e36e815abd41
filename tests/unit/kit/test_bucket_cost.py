"""What waiting in line costs, counted in timers: one for whoever is next, never one for each."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from awsecs_async.kit.bucket import Bucket


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


def timers_set(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each timer is due that is set from now on."""
    loop, due = asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at

    def noted(when: float, *rest: Any, **more: Any) -> asyncio.TimerHandle:  # noqa: ANN401
        due.append(when)
        return call_at(when, *rest, **more)

    monkeypatch.setattr(loop, "call_at", noted)
    return due


async def test_without_a_limit_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotas lifted: ten thousand calls in no time, and not one timer."""
    bucket, timers = Bucket(math.inf, math.inf), timers_set(monkeypatch)
    for _ in range(10_000):
        await bucket.acquire()
    bucket.throttled()
    await bucket.acquire()
    assert now() == 0.0
    assert timers == []


async def test_many_waiters_are_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand in line cost no more each than one: a timer for the head of the line, as it moves."""
    bucket, timers = Bucket(1000, 10), timers_set(monkeypatch)
    async with asyncio.TaskGroup() as group:
        for _ in range(10_000):
            group.create_task(bucket.acquire())
    assert now() == pytest.approx(9.99)
    assert len(timers) <= 10_000
