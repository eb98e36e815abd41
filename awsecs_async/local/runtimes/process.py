"""A container carried out as a plain process: for machines without Podman or Docker, and for tasks that
name no image.

The command runs in a session and process group of its own, in a scratch directory of its own, with an
environment that holds PATH, HOME, LANG and the task's own variables and nothing else of the user's, AWS
credentials least of all. When the main process ends, everything left in its group is killed, as a
container's end does.

What a process cannot give is not pretended: the image and the user are ignored, memory and cpu limits
are not enforced, the file system is the machine's. Volumes are directories in the scratch;
AWSECS_VOLUME_<NAME> says where, and a working directory inside a mount is found there. A process that
starts a session of its own lives until the cloud ends, not until its container does.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from awsecs_async.local.runtimes.lines import Lines
from awsecs_async.local.runtimes.port import CannotStart, ContainerRun, Exit
from awsecs_async.local.runtimes.scratch import Scratch
from awsecs_async.local.runtimes.watchdog import Watchdog

MARK = "AWSECS_LOCAL_CLOUD"  # in the environment of all we start, with an id of ours: how strays are found
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what Docker gives a container
KILLED = 128 + signal.SIGKILL
NOT_FOUND = 127  # the shell's code for a command that is not there
DRAIN_SECONDS = 1.0  # after the group's end only a stray holds the output open; it is not waited for


class ProcessRuntime:
    """Carries containers out as processes of this machine."""

    name = "process"

    def __init__(self, watchdog: Watchdog | None = None) -> None:
        self._own_watchdog = watchdog is None
        self._watchdog = watchdog or Watchdog()
        self._scratch: Scratch | None = None
        self._mark = secrets.token_hex(8)
        self._running: set[RunningProcess] = set()  # the mutable state: what has not yet ended

    def __repr__(self) -> str:
        return f"<ProcessRuntime {len(self._running)} running>"

    async def prepare(self, run: ContainerRun) -> None:
        """There is no image to get."""

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> RunningProcess:
        """Start the command. Raises CannotStart: no command, not found, not executable, no such directory."""
        arguments = (*run.entry_point, *run.command)
        if not arguments:
            raise CannotStart("no command specified, and there is no image to take one from")
        lines = Lines(output)
        try:
            place = self._place(run)
            async with lines.writer() as writer:
                process = await spawn(arguments, place, writer)
        except (OSError, ValueError) as error:
            raise CannotStart(refusal(arguments[0], error)) from error
        self._watchdog.guard(process.pid)
        running = RunningProcess(process, run, place, lines, self._watchdog)
        self._running.add(running)
        running.when_ended(self._running.discard)
        return running

    async def release(self, task_id: str) -> None:
        """Remove the task's scratch directory, its volumes with it."""
        if self._scratch is not None:
            await asyncio.to_thread(self._scratch.remove, task_id)

    async def close(self) -> None:
        """Kill what still runs, strays included, and remove every scratch directory."""
        for running in tuple(self._running):
            running.kill()
        await asyncio.gather(*(running.wait() for running in tuple(self._running)))
        if self._own_watchdog:
            await self._watchdog.close()
        if self._scratch is not None:
            await asyncio.to_thread(self._scratch.close)
            self._scratch = None

    def _scratch_made(self) -> Scratch:
        if self._scratch is None:
            self._scratch = Scratch()
            self._watchdog.mark(MARK, self._mark)
            self._watchdog.remove(self._scratch.root)
        return self._scratch

    def _place(self, run: ContainerRun) -> Place:
        scratch = self._scratch_made()
        volumes = {volume_variable(mount.volume): str(scratch.volume(run, mount)) for mount in run.mounts}
        environment = {
            "PATH": os.environ.get("PATH", DEFAULT_PATH),
            "HOME": str(scratch.home(run)),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            **volumes,
            **run.environment,
            MARK: self._mark,
        }
        return Place(environment=environment, directory=scratch.working_directory(run))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a process runs: all it sees of this machine besides the file system."""

    environment: dict[str, str]
    directory: Path


class RunningProcess:
    """A container that is a process group. Ends when its main process does."""

    def __init__(
        self, process: Process, run: ContainerRun, place: Place, lines: Lines, watchdog: Watchdog
    ) -> None:
        self._process = process
        self._run = run
        self._place = place
        self._watchdog = watchdog
        self._end = asyncio.create_task(self._follow(lines), name=f"process {process.pid}")

    def __repr__(self) -> str:
        state = "ended" if self._end.done() else "running"
        return f"<RunningProcess {self._run.name} pid {self._process.pid} {state}>"

    def when_ended(self, call: Callable[[RunningProcess], None]) -> None:
        """Have something called at the end."""
        self._end.add_done_callback(lambda _: call(self))

    async def wait(self) -> Exit:
        """How it ended, after its last line; 128+n for signal n."""
        return await asyncio.shield(self._end)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """SIGTERM to the group, SIGKILL after the stop timeout, or after `grace_seconds`."""
        grace = self._run.stop_timeout_seconds if grace_seconds is None else grace_seconds
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), grace)
        except TimeoutError:
            self.kill()
            await self.wait()

    def kill(self) -> None:
        """SIGKILL to the group, at once."""
        self._signal(signal.SIGKILL)

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """Run a command with the same environment and directory; its output goes nowhere."""
        try:
            process = await spawn(command, self._place, asyncio.subprocess.DEVNULL)
        except (OSError, ValueError):
            return NOT_FOUND
        self._watchdog.guard(process.pid)
        try:
            return exit_code(await asyncio.wait_for(process.wait(), timeout_seconds))
        except TimeoutError:
            return KILLED
        finally:
            kill_group(process.pid)
            self._watchdog.release(process.pid)

    async def _follow(self, lines: Lines) -> Exit:
        code = await self._process.wait()
        kill_group(self._process.pid)
        self._watchdog.release(self._process.pid)
        await lines.drain(DRAIN_SECONDS)
        return Exit(code=exit_code(code))

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # just gone; macOS says EPERM of zombies
                os.killpg(self._process.pid, number)


async def spawn(arguments: tuple[str, ...], place: Place, output: int) -> Process:
    """Start a program as the leader of its own session, its words merged in order."""
    return await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
        env=place.environment,
        cwd=place.directory,
        start_new_session=True,
    )


def kill_group(group: int) -> None:
    """SIGKILL to all that is left of a group, if anything is."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def exit_code(returncode: int) -> int:
    """The code a shell or a container would show: 128+n for an end by signal n."""
    return 128 - returncode if returncode < 0 else returncode


def volume_variable(volume: str) -> str:
    """The environment variable that tells a process where a volume is: "work" -> AWSECS_VOLUME_WORK."""
    return "AWSECS_VOLUME_" + re.sub(r"[^A-Z0-9]", "_", volume.upper())


def refusal(program: str, error: Exception) -> str:
    """Why a program does not start, in the words of the container runtimes."""
    if isinstance(error, FileNotFoundError):
        return f'exec: "{program}": executable file not found in $PATH'
    if isinstance(error, PermissionError):
        return f'exec: "{program}": permission denied'
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f'exec: "{program}": {reason.lower()}'
