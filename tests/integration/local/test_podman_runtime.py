"""Containers by Podman: real ones, from an image that is made here, as nothing can be pulled in a test."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from awsecs_async.local.runtimes.cli import call
from awsecs_async.local.runtimes.podman import ContainerRuntime, answers
from awsecs_async.local.runtimes.port import Box, CannotPull, CannotStart, ContainerRun, Exit, Mount

SECONDS = 60.0  # a bound for a hanging test; nothing here takes a tenth of it
IMAGE = "localhost/awsecs-test-busybox:latest"
PROGRAMS = ("sh", "cat", "echo", "env", "head", "kill", "pwd", "sleep", "tr", "true", "yes")
TASK = f"test{os.getpid()}"  # names are the engine's for all, and tests may run side by side
BUSYBOX = Path("/bin/busybox")

pytestmark = pytest.mark.container


def _image_made() -> str | None:
    """Import busybox as an image; returns why it cannot be, if it cannot."""
    if shutil.which("podman") is None:
        return "Podman is not installed"
    if not BUSYBOX.exists():
        return f"{BUSYBOX} is not installed (Debian: busybox-static)"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(BUSYBOX, "bin/busybox")
        for program in PROGRAMS:
            link = tarfile.TarInfo(f"bin/{program}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    command = ["podman", "import", "-", IMAGE]
    done = subprocess.run(
        command, input=archive.getvalue(), capture_output=True, check=False, timeout=SECONDS
    )
    return None if done.returncode == 0 else f"Podman does not answer: {done.stderr.decode().strip()}"


@pytest.fixture(scope="module", autouse=True)
def image() -> str:
    """The image that all tests here use; without it they are skipped, and say why."""
    trouble = _image_made()
    if trouble is not None:
        pytest.skip(trouble)
    return IMAGE


@pytest.fixture
async def runtime() -> AsyncIterator[ContainerRuntime]:
    """A runtime that is closed after the test."""
    made = ContainerRuntime("podman")
    yield made
    await made.close()
    left = await call("podman", "ps", "--all", "--quiet", f"--filter=label=awsecs.cloud={made.owner}")
    assert left.output == ""


def shell(line: str, name: str = "main") -> ContainerRun:
    """A container that runs a line of shell."""
    command = ("/bin/sh", "-c", line)
    return ContainerRun(task_arn="arn:task/1", task_id=TASK, name=name, image=IMAGE, command=command)


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


async def carried_out(runtime: ContainerRuntime, run: ContainerRun) -> tuple[Exit, list[str]]:
    """Start it, wait for its end; its exit and its lines."""
    lines: list[str] = []
    async with asyncio.timeout(SECONDS):
        running = await runtime.start(run, lines.append)
        return await running.wait(), lines


async def test_exit_code_and_output(runtime: ContainerRuntime) -> None:
    """Both streams arrive, every line of them, and the exit code is the container's."""
    await runtime.prepare(shell("true"))
    exit_, lines = await carried_out(runtime, shell("echo one; echo two >&2; printf three; exit 7"))
    assert exit_ == Exit(code=7)
    assert sorted(lines) == ["one", "three", "two"]


@pytest.mark.parametrize("code", [0, 125, 126, 127, 137])
async def test_codes_that_could_be_the_engines_own(runtime: ContainerRuntime, code: int) -> None:
    """A program may exit with any code; the engine's own ones are not mistaken for a failed start."""
    assert await carried_out(runtime, shell(f"echo words; exit {code}")) == (Exit(code=code), ["words"])


async def test_long_line(runtime: ContainerRuntime) -> None:
    """A line longer than 64 KiB arrives whole."""
    _, lines = await carried_out(runtime, shell("head -c 200000 /dev/zero | tr '\\0' x; echo; echo end"))
    assert [len(line) for line in lines] == [200_000, 3]


async def test_command_not_found(runtime: ContainerRuntime) -> None:
    """A missing command is a container that cannot start, in ECS's words, and its complaint is no output."""
    run = replace(shell(""), command=("no-such-command",))
    lines: list[str] = []
    with pytest.raises(CannotStart) as refusal:
        await runtime.start(run, lines.append)
    assert refusal.value.reason == 'exec: "no-such-command": executable file not found in $PATH'
    assert lines == []


async def test_secrets_are_not_among_the_arguments(runtime: ContainerRuntime, tmp_path: Path) -> None:
    """Values reach the container, several lines of them too, but no command line shows them."""
    environment = {"SECRET": "one\ntwo", "PATH": "/bin", "HOME": "/nowhere"}
    run = replace(shell('echo "$SECRET"; echo $HOME'), environment=environment)
    _, lines = await carried_out(runtime, run)
    assert lines == ["one", "two", "/nowhere"]


async def test_entry_point_user_and_directory(runtime: ContainerRuntime) -> None:
    """What a task definition says of these is what the container gets."""
    run = shell("")
    run = replace(
        run, entry_point=("/bin/sh", "-c"), command=("pwd; echo $0", "zero"), working_directory="/bin"
    )
    assert await carried_out(runtime, run) == (Exit(code=0), ["/bin", "zero"])


async def test_limits_are_given(runtime: ContainerRuntime) -> None:
    """Memory and cpu units are no obstacle, whatever the machine can enforce."""
    run = replace(shell("echo fine"), cpu_units=256, memory_mib=64, init_process=True)
    assert await carried_out(runtime, run) == (Exit(code=0), ["fine"])


async def test_containers_of_a_task_share_its_volumes(runtime: ContainerRuntime) -> None:
    """What one writes the other reads, and nothing is left when the task is released."""
    mount = Mount(volume="work", container_path="/work")
    await carried_out(runtime, replace(shell("echo words > /work/here", "a"), mounts=(mount,)))
    read_only = replace(mount, read_only=True)
    second = replace(shell("cat /work/here; echo 1 > /work/more || echo no", "b"), mounts=(read_only,))
    _, lines = await carried_out(runtime, second)
    assert {"words", "no"} < set(lines)
    await runtime.release(TASK)
    left = await call("podman", "volume", "ls", "--quiet", f"--filter=label=awsecs.cloud={runtime.owner}")
    assert left.output == ""


async def test_stop_is_sigterm_then_sigkill(runtime: ContainerRuntime) -> None:
    """A container that handles SIGTERM ends as it wishes, one that does not is killed when its time is up."""
    polite, stubborn = Words(), Words()
    loop = "while :; do sleep 0.01; done"
    first = await runtime.start(shell(f"trap 'echo bye; exit 3' TERM; echo ready; {loop}", "a"), polite)
    run = replace(shell(f"trap '' TERM; echo ready; {loop}", "b"), stop_timeout_seconds=0.5)
    second = await runtime.start(run, stubborn)
    assert (await polite.next(), await stubborn.next()) == ("ready", "ready")
    await asyncio.gather(first.stop(), second.stop())
    assert (await first.wait(), await second.wait()) == (Exit(code=3), Exit(code=137))
    assert await polite.next() == "bye"


async def test_execute_runs_inside(runtime: ContainerRuntime) -> None:
    """A health check runs in the container, with its environment."""
    words = Words()
    run = replace(shell("echo ready; sleep 1000"), environment={"CODE": "5"})
    running = await runtime.start(run, words)
    await words.next()
    assert await running.execute(("/bin/sh", "-c", "exit $CODE"), SECONDS) == 5


async def test_an_image_that_cannot_be_pulled(runtime: ContainerRuntime) -> None:
    """It is told in ECS's words, and with the way out."""
    with pytest.raises(
        CannotPull, match=r"failed to resolve ref 127.0.0.1:1/none:latest: .*--runtime process"
    ):
        await runtime.prepare(replace(shell(""), image="127.0.0.1:1/none"))


async def test_docker_by_its_own_dialect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of Docker differs; Podman, which understands both, stands in for it here."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nexec podman "$@"\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    runtime = ContainerRuntime("docker")
    assert await answers("docker")
    assert await carried_out(runtime, shell("echo words; exit 3")) == (Exit(code=3), ["words"])
    with pytest.raises(CannotStart, match='exec: "no-such-command"'):
        await runtime.start(replace(shell(""), command=("no-such-command",)), print)
    words = Words()
    running = await runtime.start(replace(shell("echo ready; sleep 1000"), stop_timeout_seconds=0), words)
    assert await words.next() == "ready"
    await running.stop()
    assert await running.wait() == Exit(code=137)
    await runtime.close()


CLOUD = """
import asyncio
from awsecs_async.local.runtimes.podman import ContainerRuntime
from awsecs_async.local.runtimes.port import ContainerRun

async def main():
    runtime = ContainerRuntime("podman")
    command = ("/bin/sh", "-c", "echo ready; sleep 1000")
    run = ContainerRun(task_arn="a", task_id="TASK", name="main", image=IMAGE, command=command)
    print(runtime.owner, flush=True)
    await (await runtime.start(run, lambda line: print(line, flush=True))).wait()

asyncio.run(main())
"""


async def test_kill_9_of_the_cloud_leaves_no_container() -> None:
    """When the cloud is killed, its containers are removed; the event stream says when."""
    program = CLOUD.replace("IMAGE", repr(IMAGE)).replace("TASK", f"{TASK}-2")
    pipe = asyncio.subprocess.PIPE
    cloud = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe)
    assert cloud.stdout is not None
    owner = (await asyncio.wait_for(cloud.stdout.readline(), SECONDS)).decode().strip()
    assert (await asyncio.wait_for(cloud.stdout.readline(), SECONDS)) == b"ready\n"
    cloud.send_signal(signal.SIGKILL)
    await cloud.wait()
    await call("podman", "wait", "--condition=removing", f"awsecs-{TASK}-2-main", timeout_seconds=SECONDS)
    left = await call("podman", "ps", "--all", "--quiet", f"--filter=label=awsecs.cloud={owner}")
    assert left.output == ""


async def test_a_container_is_shut_in_as_its_definition_says(runtime: ContainerRuntime) -> None:
    """A read-only root with a tmpfs, and a limit of open files; all that an unprivileged engine can give."""
    box = Box(read_only_root=True, tmpfs=("/scratch:size=1m",), ulimits=("nofile=77:77",))
    line = "touch /no || echo read-only; touch /scratch/yes && echo written; ulimit -n"
    exit_, lines = await carried_out(runtime, replace(shell(line), box=box))
    assert exit_.code == 0
    assert [each for each in lines if "touch" not in each] == ["read-only", "written", "77"]
