"""The reaper ends what it was told of, and nothing else, when its cloud's pipe ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from awsecs_async.local.runtimes.reaper import marked
from awsecs_async.local.runtimes.watchdog import Watchdog

SECONDS = 20.0  # a bound for a hanging test
SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(1000)"]


async def test_what_stands_at_the_end_is_done(tmp_path: Path) -> None:
    """Guarded groups are killed, released ones are not, directories are removed, commands are run."""
    guarded = subprocess.Popen(SLEEPER, start_new_session=True)
    released = subprocess.Popen(SLEEPER, start_new_session=True)
    (tmp_path / "scratch").mkdir()
    watchdog = Watchdog()
    for process in (guarded, released):
        watchdog.guard(process.pid)
    watchdog.release(released.pid)
    watchdog.remove(tmp_path / "scratch")
    watchdog.at_end(("/bin/sh", "-c", f"echo done > {tmp_path}/word"))
    await watchdog.close()
    assert guarded.wait(SECONDS) == -signal.SIGKILL
    assert released.poll() is None
    released.kill()
    released.wait(SECONDS)
    assert (tmp_path / "word").read_text() == "done\n"
    assert not (tmp_path / "scratch").exists()


async def test_a_killed_reaper_has_a_successor() -> None:
    """Who kills the reaper does not free the processes: the next order starts another that knows them all."""
    first, second = (subprocess.Popen(SLEEPER, start_new_session=True) for _ in range(2))
    watchdog = Watchdog()
    watchdog.guard(first.pid)
    reaper = int(repr(watchdog).split()[2].rstrip(","))
    descriptor = os.pidfd_open(reaper)
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, over.set)
    os.kill(reaper, signal.SIGKILL)
    await asyncio.wait_for(over.wait(), SECONDS)
    asyncio.get_running_loop().remove_reader(descriptor)
    os.close(descriptor)
    watchdog.guard(second.pid)
    await watchdog.close()
    assert [process.wait(SECONDS) for process in (first, second)] == [-signal.SIGKILL] * 2


async def test_a_watchdog_without_orders_costs_nothing() -> None:
    """A cloud that only plays scripts has no process beside it."""
    watchdog = Watchdog()
    assert repr(watchdog) == "<Watchdog asleep, 0 groups guarded>"
    await watchdog.close()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="strays are found through /proc")
def test_only_marked_processes_are_found() -> None:
    """The mark is compared whole, so a cloud never ends another's processes."""
    # A process that has only just begun may not show its environment yet: this one says that it runs.
    ready = ["sh", "-c", "echo ready; read -r _"]
    process = subprocess.Popen(
        ready, env={"AWSECS_TEST_MARK": "one"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        assert marked({b"AWSECS_TEST_MARK=one"}) == [process.pid]
        assert marked({b"AWSECS_TEST_MARK=on"}) == []
        assert marked(()) == []
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait(SECONDS)
