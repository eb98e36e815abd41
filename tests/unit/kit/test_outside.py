"""Work outside the loop makes virtual time wait, and only that."""

import asyncio
import threading

import pytest

from awsecs_async.kit.outside import outside


def answer_from_a_thread() -> tuple[threading.Thread, asyncio.Future[int]]:
    """A thread that was not made by the loop, and the future it will set."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int] = loop.create_future()
    thread = threading.Timer(0.02, lambda: loop.call_soon_threadsafe(answer.set_result, 7))
    thread.start()
    return thread, answer


async def test_virtual_time_waits_for_it() -> None:
    """A time limit does not pass while a thread of ours is at work."""
    thread, answer = answer_from_a_thread()
    with outside():
        async with asyncio.timeout(0.001):
            assert await answer == 7
    thread.join()
    assert asyncio.get_running_loop().time() == 0.0


async def test_time_goes_on_after_a_failure() -> None:
    """An exception inside takes the hold back, too."""
    with pytest.raises(ZeroDivisionError), outside():
        raise ZeroDivisionError
    await asyncio.sleep(1)
    assert asyncio.get_running_loop().time() == 1.0


@pytest.mark.real_time
async def test_an_ordinary_loop_takes_no_notice() -> None:
    """In production there is nothing to hold."""
    thread, answer = answer_from_a_thread()
    with outside():
        assert await answer == 7
    thread.join()
