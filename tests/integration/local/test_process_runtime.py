"""Containers as plain processes: real ones, waited for by their exits and their words, never by time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from awsecs_async.local.runtimes.port import CannotStart, ContainerRun, Exit, Mount
from awsecs_async.local.runtimes.process import ProcessRuntime

SECONDS = 20.0  # a bound for a hanging test; nothing here takes a tenth of it

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")


@pytest.fixture
async def runtime() -> AsyncIterator[ProcessRuntime]:
    """A runtime that is closed after the test."""
    made = ProcessRuntime()
    yield made
    await made.close()


def shell(line: str) -> ContainerRun:
    """A container that runs a line of shell."""
    command = ("/bin/sh", "-c", line)
    return ContainerRun(task_arn="arn:task/1", task_id="1", name="main", image=None, command=command)


async def carried_out(runtime: ProcessRuntime, run: ContainerRun) -> tuple[Exit, list[str]]:
    """Start it, wait for its end; its exit and its lines."""
    lines: list[str] = []
    running = await runtime.start(run, lines.append)
    async with asyncio.timeout(SECONDS):
        return await running.wait(), lines


async def ended(pid: int) -> None:
    """Wait until a process that is not our child has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, over.set)
    try:
        await asyncio.wait_for(over.wait(), SECONDS)
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


class Words:
    """Output whose lines can be waited for."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, line: str) -> None:
        """Take a line."""
        self._queue.put_nowait(line)

    async def next(self) -> str:
        """The next line."""
        return await asyncio.wait_for(self._queue.get(), SECONDS)


async def test_exit_code_and_merged_output(runtime: ProcessRuntime) -> None:
    """Both streams arrive in the order they were written, and the exit code is the command's."""
    exit_, lines = await carried_out(runtime, shell("echo one; echo two >&2; printf three; exit 7"))
    assert exit_ == Exit(code=7)
    assert lines == ["one", "two", "three"]


async def test_end_by_signal_is_128_and_its_number(runtime: ProcessRuntime) -> None:
    """A process that kills itself reads as a container that was killed."""
    exit_, _ = await carried_out(runtime, shell("kill -KILL $$"))
    assert exit_ == Exit(code=137)


async def test_environment_is_the_tasks_own(runtime: ProcessRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's credentials do not reach the task; its own variables do."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")
    _, lines = await carried_out(runtime, replace(shell("env"), environment={"GREETING": "hello"}))
    names = {line.split("=")[0] for line in lines} - {"PWD", "SHLVL", "_", "OLDPWD"}  # the shell's
    assert names == {"PATH", "HOME", "LANG", "GREETING", "AWSECS_LOCAL_CLOUD"}


async def test_line_longer_than_64_kib(runtime: ProcessRuntime) -> None:
    """A line longer than asyncio's own limit is one event."""
    _, lines = await carried_out(runtime, shell("head -c 200000 /dev/zero | tr '\\0' x; echo; echo end"))
    assert [len(line) for line in lines] == [200_000, 3]


async def test_command_not_found(runtime: ProcessRuntime) -> None:
    """A missing command is a container that cannot start, in the words of the container runtimes."""
    run = ContainerRun(task_arn="a", task_id="1", name="main", image=None, command=("no-such-command",))
    with pytest.raises(CannotStart, match='exec: "no-such-command": executable file not found in \\$PATH'):
        await runtime.start(run, print)


async def test_no_command(runtime: ProcessRuntime) -> None:
    """Nothing to run is refused."""
    with pytest.raises(CannotStart, match="no command specified"):
        await runtime.start(ContainerRun(task_arn="a", task_id="1", name="main", image=None), print)


async def test_stop_is_sigterm_first(runtime: ProcessRuntime) -> None:
    """A process that handles SIGTERM ends as it wishes."""
    words = Words()
    loop = "while :; do sleep 0.01; done"
    running = await runtime.start(shell(f"trap 'echo bye; exit 3' TERM; echo ready; {loop}"), words)
    assert await words.next() == "ready"
    await running.stop()
    assert await running.wait() == Exit(code=3)
    while await words.next() != "bye":  # the shell may speak of its own child's end first
        pass


async def test_stop_is_sigkill_after_the_stop_timeout(runtime: ProcessRuntime) -> None:
    """A process that ignores SIGTERM is killed when its time is up."""
    words = Words()
    run = replace(shell("trap '' TERM; echo ready; while :; do sleep 1; done"), stop_timeout_seconds=0.05)
    running = await runtime.start(run, words)
    assert await words.next() == "ready"
    await running.stop()
    assert await running.wait() == Exit(code=137)


async def test_the_group_ends_with_its_main_process(runtime: ProcessRuntime) -> None:
    """What a command leaves in the background ends with it, as in a container."""
    _, lines = await carried_out(runtime, shell("sleep 1000 & echo $!"))
    await ended(int(lines[0]))


async def test_a_stray_that_holds_the_output_does_not_hold_the_end(runtime: ProcessRuntime) -> None:
    """A process that left for a session of its own keeps the pipe open; the end is told all the same."""
    stray = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(1000)"
    words = Words()
    running = await runtime.start(shell(f"{sys.executable} -c '{stray}' & wait"), words)
    pid = int(await words.next())
    await running.stop()
    assert (await running.wait()).code == 143
    await runtime.close()
    await ended(pid)


async def test_home_volume_and_working_directory(runtime: ProcessRuntime) -> None:
    """Containers of a task share its volumes, each has a home of its own, and all are gone with the task."""
    mount = Mount(volume="work", container_path="/work")
    run = replace(shell("pwd; echo $HOME; echo 1 > here"), mounts=(mount,), working_directory="/work/inner")
    _, (directory, home) = await carried_out(runtime, run)
    other = replace(shell("cat $AWSECS_VOLUME_WORK/inner/here"), name="b", mounts=(mount,))
    _, (content,) = await carried_out(runtime, other)
    assert content == "1"
    assert directory != home
    await runtime.release("1")
    assert not Path(directory).exists()
    assert not Path(home).exists()


async def test_execute_runs_beside_it(runtime: ProcessRuntime) -> None:
    """A health check sees the container's environment, and is killed when its time is up."""
    words = Words()
    running = await runtime.start(replace(shell("echo ready; sleep 1000"), environment={"CODE": "5"}), words)
    await words.next()
    assert await running.execute(("/bin/sh", "-c", "exit $CODE"), SECONDS) == 5
    assert await running.execute(("sleep", "1000"), 0.05) == 137
    assert await running.execute(("no-such-command",), SECONDS) == 127


CLOUD = """
import asyncio, sys
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.local.runtimes.process import ProcessRuntime

async def main():
    stray = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(1000)"
    line = f"echo $$; sleep 1000 & echo $!; {sys.executable} -c '{stray}' & wait"
    run = ContainerRun(task_arn="a", task_id="1", name="main", image=None, command=("/bin/sh", "-c", line))
    runtime = ProcessRuntime()
    await (await runtime.start(run, lambda line: print(line, flush=True))).wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="strays are found through /proc")
async def test_kill_9_of_the_cloud_leaves_no_orphans() -> None:
    """When the cloud is killed, its processes end, their children too, and those that left their group."""
    pipe = asyncio.subprocess.PIPE
    cloud = await asyncio.create_subprocess_exec(sys.executable, "-c", CLOUD, stdout=pipe)
    assert cloud.stdout is not None
    pids = [int(await asyncio.wait_for(cloud.stdout.readline(), SECONDS)) for _ in range(3)]
    cloud.send_signal(signal.SIGKILL)
    await cloud.wait()
    for pid in pids:
        await ended(pid)
