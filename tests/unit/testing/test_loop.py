"""The virtual-time loop: exact time, real threads and sockets, and no hanging."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from awsecs_async.testing import Stalled, VirtualTimeLoop, run
from awsecs_async.testing.loop import WALL_START


def loop() -> VirtualTimeLoop:
    """The loop that the test runs on."""
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualTimeLoop)
    return running


async def test_a_sleep_advances_time_exactly() -> None:
    """Assertions about time are exact."""
    await asyncio.sleep(3600.25)
    assert asyncio.get_running_loop().time() == 3600.25


async def test_timers_fire_in_order_at_their_own_time() -> None:
    """Each timer sees the clock at exactly the moment that it was set for."""
    seen: list[tuple[str, float]] = []
    for name, when in (("c", 0.3), ("a", 0.1), ("b", 0.1 + 1e-12)):
        loop().call_at(when, lambda n: seen.append((n, loop().time())), name)
    await asyncio.sleep(1)
    assert seen == [("a", 0.1), ("b", 0.1 + 1e-12), ("c", 0.3)]


async def test_time_is_exact_far_from_zero() -> None:
    """Timers fire, and the loop does not spin, where a nanosecond is lost in rounding."""
    await asyncio.sleep(2.4e6)
    began = loop().time()
    await asyncio.sleep(1e-9)
    assert loop().time() == began + 1e-9


async def test_the_wall_clock_moves_with_the_loop() -> None:
    """A wall-clock stamp taken in a test is known beforehand."""
    await asyncio.sleep(90)
    assert loop().wall_time() == WALL_START + 90


async def test_an_executor_job_is_waited_for_before_time_jumps() -> None:
    """A time limit on virtual time never overtakes a real thread that is at work."""
    gate = threading.Event()
    threading.Timer(0.02, gate.set).start()
    async with asyncio.timeout(0.001):
        assert await asyncio.to_thread(gate.wait, 10)
    assert loop().time() == 0.0
    assert loop().holds == 0


async def test_a_cancelled_executor_job_lets_time_go_on() -> None:
    """Nobody waits for a cancelled job, so nor does the clock."""
    gate = threading.Event()
    job = loop().run_in_executor(None, gate.wait, 10)
    job.cancel()
    await asyncio.sleep(5)
    gate.set()
    assert loop().time() == 5


async def test_a_foreign_thread_holds_the_loop() -> None:
    """A thread that announced itself is waited for in real time, and its answer wakes the loop."""
    answer: asyncio.Future[str] = loop().create_future()
    started = threading.Event()

    def work() -> None:
        started.wait(10)
        loop_.call_soon_threadsafe(answer.set_result, "done")
        loop_.release()

    loop_ = loop()
    loop_.hold()
    thread = threading.Thread(target=work)
    thread.start()
    loop_.call_soon(started.set)
    async with asyncio.timeout(1):
        assert await answer == "done"
    thread.join()
    assert (loop_.time(), loop_.holds) == (0.0, 0)


async def test_a_release_from_another_thread_wakes_the_loop() -> None:
    """Time goes on as soon as the last hold is released, without any other sign."""
    loop().hold()
    threading.Timer(0.02, loop().release).start()
    await asyncio.sleep(7)
    assert loop().time() == 7


async def test_a_release_too_many_is_refused() -> None:
    """Holds that do not balance are found where they are made."""
    with pytest.raises(RuntimeError, match="without a hold"):
        loop().release()


async def test_sockets_work_without_moving_time() -> None:
    """Real input within the process is heard before the clock jumps."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        theirs.settimeout(0)
        async with asyncio.timeout(1):
            reading = asyncio.create_task(loop().sock_recv(ours, 10))
            await asyncio.sleep(0)
            await loop().sock_sendall(theirs, b"hello")
            assert await reading == b"hello"
    assert loop().time() == 0.0


async def test_a_server_and_its_client_share_the_loop() -> None:
    """A stream server in the same loop answers on virtual time."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)
        writer.write(await reader.readline())
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()
    assert loop().time() == 10


def test_a_deadlock_is_told_with_its_place() -> None:
    """A wait for what nobody will do fails at once and names the line."""

    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stalled, match=r"no timer(.|\n)*locks\.py"):
        run(never())


def test_what_holds_for_too_long_is_told() -> None:
    """A hold that nobody releases ends the test instead of hanging it."""

    async def held() -> None:
        asyncio.get_running_loop().hold()  # type: ignore[attr-defined]
        await asyncio.sleep(1)

    def impatient() -> VirtualTimeLoop:
        return VirtualTimeLoop(patience_seconds=0.02)

    with asyncio.Runner(loop_factory=impatient) as runner:
        with pytest.raises(Stalled, match=r"1 holds, and no sign from outside in 0\.02 real"):
            runner.run(held())
        runner.get_loop().release()  # type: ignore[attr-defined]


def test_an_eternal_loop_ends_at_the_horizon() -> None:
    """A poller whose answer never comes does not turn for ever."""

    async def poll() -> None:
        while True:
            await asyncio.sleep(86_400)

    with pytest.raises(Stalled, match="horizon"):
        run(poll())


def test_many_tasks_keep_time_together() -> None:
    """Thousands of tasks with ten waits each end when the slowest has waited, to the millisecond."""

    async def work(number: int) -> None:
        for step in range(10):
            await asyncio.sleep(0.001 * (number % 97) + step)

    async def main() -> float:
        async with asyncio.TaskGroup() as group:
            for number in range(2_000):
                group.create_task(work(number))
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(45 + 0.96)


@pytest.mark.real_time
async def test_the_marker_chooses_an_ordinary_loop() -> None:
    """A unit test that needs real time says so in one line."""
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
