"""Real containers, by the command line of Podman or Docker.

A container is created, then started with its output attached, so that no line is lost and the command's
exit is the container's: nothing is polled while it runs. It starts attached before its image's program
does, so what the engine complains of (no such program, a limit it may not set) comes first; until
the container is known to have started its output is held back, and becomes the reason when it never does.

What a machine does not allow is found out by its first container: the complaint says which flag would
help, and all later ones are created with it (`flags.Flags`).
"""

from __future__ import annotations

import asyncio
import math
import re
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from awsecs_async.kit.once import Once
from awsecs_async.local.runtimes.cli import TIMED_OUT, Answer, call
from awsecs_async.local.runtimes.flags import (
    LABEL,
    Flags,
    container_name,
    create_arguments,
    create_environment,
    volume_name,
)
from awsecs_async.local.runtimes.images import pull_refusal, qualified
from awsecs_async.local.runtimes.lines import Lines
from awsecs_async.local.runtimes.port import CannotPull, CannotStart, ContainerRun, Exit
from awsecs_async.local.runtimes.process import DRAIN_SECONDS, KILLED, exit_code, kill_group
from awsecs_async.local.runtimes.sweep import new_owner, removal
from awsecs_async.local.runtimes.watchdog import Watchdog

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"  # the agent's words
NEVER_STARTED = "the container was created and could not be started; its log has the engine's words"
IMAGES = 1000  # kept in mind as present; the oldest are looked up again
DOUBTFUL_CODES = frozenset({125, 126, 127, KILLED})  # the engine's own, the program's, or the kernel's: ask
STATE = "--format={{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}"
NEVER = "0001"  # the year in which Go's clock begins
LOOK_SECONDS = {"podman": 0.01, "docker": 0.1}  # between looks whether it has started: a file, or a call
ENGINE_ANSWERS_SECONDS = 20.0


async def answers(engine: str) -> bool:
    """Whether this engine is installed and can be used by us, now."""
    return (await call(engine, "ps", "--quiet", timeout_seconds=ENGINE_ANSWERS_SECONDS)).ok


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the engine says of a container."""

    code: int | None
    out_of_memory: bool
    started: bool

    def exit(self) -> Exit:
        """What it comes to when the container has ended."""
        if not self.started:  # its process was made but never let go; what the engine said is in its log
            return Exit(code=None, reason=f"CannotStartContainerError: {NEVER_STARTED}")
        return Exit(code=self.code, reason=OUT_OF_MEMORY if self.out_of_memory else None)


class ContainerRuntime:
    """Carries containers out with `engine`: podman or docker."""

    def __init__(self, engine: str, watchdog: Watchdog | None = None, flags: Flags | None = None) -> None:
        self.name = engine
        self.owner = new_owner()
        self._own_watchdog = watchdog is None
        self._watchdog = watchdog or Watchdog()
        self._flags = flags or Flags.of_environment()
        self._images: Once[str, str] = Once(IMAGES)
        # The mutable state: what runs, and the volumes of live tasks.
        self._running: set[RunningContainer] = set()
        self._volumes: dict[str, set[str]] = {}
        self._volumes_made = asyncio.Lock()
        self._directory: Path | None = None

    def __repr__(self) -> str:
        return f"<ContainerRuntime {self.name} {len(self._running)} running, {' '.join(self._flags.place)}>"

    async def has(self, image: str) -> bool:
        """Whether the image is on this machine."""
        return (await call(self.name, "image", "inspect", "--format={{.Id}}", image)).ok

    async def prepare(self, run: ContainerRun) -> None:
        """Get the image, once for all who want it. Raises CannotPull."""
        if not run.image:
            raise CannotPull(f'container "{run.name}" names no image: give one with --container')
        await self._image(run.image)

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> RunningContainer:
        """Create and start a container; a flag that this machine needs is found here. Raises CannotStart."""
        image = await self._image(run.image or "")
        await self._make_volumes(run)
        while True:
            flags = self._flags
            try:
                running = await self._start(run, image, flags, output)
            except CannotStart as error:
                eased = flags.eased(error.reason)
                if eased is None:
                    raise CannotStart(program_refusal(error.reason)) from None
                self._flags = eased
            else:
                return running

    async def release(self, task_id: str) -> None:
        """Remove the task's volumes."""
        names = self._volumes.pop(task_id, ())
        if names:
            await call(self.name, "volume", "rm", "--force", *names)

    async def close(self) -> None:
        """Kill and remove all containers of this cloud, its volumes with them."""
        names = [running.name for running in self._running]
        if names:
            await call(self.name, "kill", "--signal=KILL", *names)
        await asyncio.gather(*(running.wait() for running in tuple(self._running)))
        for task_id in tuple(self._volumes):
            await self.release(task_id)
        if self._own_watchdog:
            await self._watchdog.close()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    async def _image(self, image: str) -> str:
        return await self._images(image, lambda: self._present(image))

    async def _present(self, image: str) -> str:
        """The name under which the image is here, after a pull if need be."""
        if await self.has(image):
            return image
        name = qualified(image)
        pulled = await call(self.name, "pull", "--quiet", name, timeout_seconds=None)
        if not pulled.ok:
            raise CannotPull(pull_refusal(image, pulled.complaint))
        return name

    async def _make_volumes(self, run: ContainerRun) -> None:
        async with self._volumes_made:  # two containers of a task may want the same one at once
            made = self._volumes.setdefault(run.task_id, set()) if run.mounts else set()
            for mount in run.mounts:
                name = volume_name(run.task_id, mount.volume)
                if mount.host_path is None and name not in made:
                    answer = await call(self.name, "volume", "create", f"--label={LABEL}={self.owner}", name)
                    if not answer.ok:
                        raise CannotStart(f"volume {mount.volume}: {answer.complaint}")
                    made.add(name)

    async def _start(
        self, run: ContainerRun, image: str, flags: Flags, output: Callable[[str], None]
    ) -> RunningContainer:
        name = container_name(run)
        pidfile = self._place() / f"{name}.pid"
        created = await self._create(run, image, flags, pidfile)
        if not created.ok:
            raise CannotStart(created.complaint)
        words = Withheld(output)
        streams = (Lines(words), Lines(words))  # apart, or a line of one is cut by the other
        async with streams[0].writer() as stdout, streams[1].writer() as stderr:
            process = await asyncio.create_subprocess_exec(
                *(self.name, "start", "--attach", name),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self._watchdog.guard(process.pid)
        running = RunningContainer(self.name, run, process, streams, self._watchdog)
        self._running.add(running)
        running.when_ended(self._running.discard)
        if not await running.has_started(pidfile):
            raise CannotStart(words.complaint())
        words.release()
        return running

    async def _create(self, run: ContainerRun, image: str, flags: Flags, pidfile: Path) -> Answer:
        name = container_name(run)
        identity: tuple[str, ...] = (f"--name={name}", f"--label={LABEL}={self.owner}")
        if self.name == "podman":
            identity = (*identity, f"--pidfile={pidfile}")
        arguments = create_arguments(run, image, identity, flags)
        return await call(self.name, "create", *arguments, environment=create_environment(run))

    def _place(self) -> Path:
        """The directory of pid files; with the first container, all is made ready for our own end."""
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="awsecs-"))
            self._watchdog.remove(self._directory)
            self._watchdog.at_end(removal(self.name, self.owner))
        return self._directory


class RunningContainer:
    """A container, seen through the command that started it and is attached to it."""

    def __init__(
        self, engine: str, run: ContainerRun, process: Process, streams: tuple[Lines, ...], watchdog: Watchdog
    ) -> None:
        self.name = container_name(run)
        self._engine = engine
        self._run = run
        self._process = process
        self._watchdog = watchdog
        self._state: State | None = None  # once it has ended
        self._end = asyncio.create_task(self._follow(streams), name=f"container {self.name}")

    def __repr__(self) -> str:
        return f"<RunningContainer {self.name} {'ended' if self._end.done() else 'running'}>"

    def when_ended(self, call_: Callable[[RunningContainer], None]) -> None:
        """Have something called at the end."""
        self._end.add_done_callback(lambda _: call_(self))

    async def has_started(self, pidfile: Path) -> bool:
        """Wait until it has started, or has ended without."""
        while not self._end.done():
            if _written(pidfile) or (self._engine != "podman" and (await self._inspect()).started):
                return True
            await asyncio.wait({self._end}, timeout=LOOK_SECONDS[self._engine])
        await self._end
        return self._state is None or self._state.started

    async def wait(self) -> Exit:
        """How it ended, after its last line."""
        return await asyncio.shield(self._end)

    async def stop(self) -> None:
        """The image's stop signal, or SIGTERM; SIGKILL after the stop timeout (in whole seconds)."""
        seconds = math.ceil(self._run.stop_timeout_seconds)
        stopping = asyncio.create_task(
            call(self._engine, "stop", f"--time={seconds}", self.name, timeout_seconds=seconds + 30)
        )
        await asyncio.wait({stopping, self._end}, return_when=asyncio.FIRST_COMPLETED)
        answer = await stopping
        if not answer.ok and not self._end.done():
            await call(self._engine, "kill", "--signal=KILL", self.name)
        await self.wait()

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """Run a command in the container."""
        answer = await call(self._engine, "exec", self.name, *command, timeout_seconds=timeout_seconds)
        return KILLED if answer.code == TIMED_OUT else answer.code

    async def _follow(self, streams: tuple[Lines, ...]) -> Exit:
        code = exit_code(await self._process.wait())
        kill_group(self._process.pid)
        self._watchdog.release(self._process.pid)
        for lines in streams:
            await lines.drain(DRAIN_SECONDS)
        exit_ = Exit(code=code)
        if code in DOUBTFUL_CODES:
            if self._process.returncode == -signal.SIGKILL:  # the command was killed, not the container
                await call(self._engine, "wait", self.name, timeout_seconds=None)
            self._state = await self._inspect()
            exit_ = self._state.exit()
        await call(self._engine, "rm", "--force", self.name)
        return exit_

    async def _inspect(self) -> State:
        answer = await call(self._engine, "inspect", STATE, self.name)
        match answer.output.split(maxsplit=2):
            case [code, killed, since] if answer.ok:
                return State(
                    code=int(code), out_of_memory=killed == "true", started=not since.startswith(NEVER)
                )
            case _:  # somebody else has removed it
                return State(code=None, out_of_memory=False, started=True)


class Withheld:
    """Lines kept back until it is known whether they are the container's or the engine's."""

    def __init__(self, output: Callable[[str], None]) -> None:
        self._output = output
        self._lines: list[str] | None = []

    def __call__(self, line: str) -> None:
        """Take a line."""
        if self._lines is None:
            self._output(line)
        else:
            self._lines.append(line)

    def release(self) -> None:
        """They are the container's: give them away, and all that follow."""
        lines, self._lines = self._lines or [], None
        for line in lines:
            self._output(line)

    def complaint(self) -> str:
        """They were the engine's: the last is why."""
        said = [line for line in self._lines or [] if line.strip()]
        return said[-1].removeprefix("Error: ") if said else "the engine does not say why"


def _written(pidfile: Path) -> bool:
    """Whether the container's first process exists. The file is left alone: conmon reads it after we do."""
    return pidfile.exists()


def program_refusal(complaint: str) -> str:
    """The part of a complaint that speaks of the container's program, if one does; else all of it."""
    found = re.search(r'exec: ".*?": .*?(?=: OCI |: unknown|$)', complaint)
    return found.group() if found else complaint
