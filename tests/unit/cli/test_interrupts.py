"""The first interruption asks, the second one leaves."""

import asyncio
import os
import signal

import pytest

from awsecs_async.cli.endings import Status
from awsecs_async.cli.interrupts import Interrupted, Interruption, Interrupts

pytestmark = pytest.mark.real_time  # signals are the system's


async def test_the_first_signal_is_kept_and_the_second_calls() -> None:
    """Each has its own meaning; the first stays the reason."""
    again: list[str] = []
    with Interrupts(again.append) as interrupts:
        waiting = asyncio.get_running_loop().create_future()
        os.kill(os.getpid(), signal.SIGTERM)
        await interrupts.first_of(waiting)
        assert interrupts.first == Interruption(name="SIGTERM", status=Status.INTERRUPTED)
        os.kill(os.getpid(), signal.SIGINT)
        while not again:
            await asyncio.sleep(0)
    assert again == ["Ctrl-C"]
    assert interrupts.first.name == "SIGTERM"


async def test_work_that_is_interrupted_is_cancelled_and_cleaned_up() -> None:
    """Starting something can be interrupted at any moment."""
    cleaned = False

    async def work() -> None:
        nonlocal cleaned
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned = True

    interrupts = Interrupts(print)
    asyncio.get_running_loop().call_soon(
        interrupts.happen, Interruption(name="it", status=Status.OUTPUT_CLOSED)
    )
    with pytest.raises(Interrupted):
        await interrupts.unless(work())
    assert cleaned


async def test_work_that_ends_is_not_disturbed() -> None:
    """Its result and its exception pass through."""

    async def seven() -> int:
        return 7

    async def fail() -> None:
        raise ZeroDivisionError

    interrupts = Interrupts(print)
    assert await interrupts.unless(seven()) == 7
    with pytest.raises(ZeroDivisionError):
        await interrupts.unless(fail())


async def test_an_ignored_signal_stays_ignored() -> None:
    """What was started with nohup goes on when its terminal closes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts(print) as interrupts:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0)
            assert interrupts.first is None
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_afterwards_signals_are_as_before() -> None:
    """Nothing of ours stays in the process."""
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts(print):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
