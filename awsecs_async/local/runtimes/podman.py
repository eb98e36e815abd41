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
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from awsecs_async.kit.once import Once
from awsecs_async.local.runtimes.cli import Answer, call
from awsecs_async.local.runtimes.container import RunningContainer, Withheld
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
from awsecs_async.local.runtimes.port import CannotPull, CannotStart, ContainerRun
from awsecs_async.local.runtimes.sweep import new_owner, removal
from awsecs_async.local.runtimes.watchdog import Watchdog
from awsecs_async.model.container import NO_IMAGE

IMAGES = 1000  # kept in mind as present; the oldest are looked up again
ENGINE_ANSWERS_SECONDS = 20.0


async def answers(engine: str) -> bool:
    """Whether this engine is installed and can be used by us, now."""
    return (await call(engine, "ps", "--quiet", timeout_seconds=ENGINE_ANSWERS_SECONDS)).ok


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
        if not run.image or run.image == NO_IMAGE:
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


def program_refusal(complaint: str) -> str:
    """The part of a complaint that speaks of the container's program, if one does; else all of it."""
    found = re.search(r'exec: ".*?": .*?(?=: OCI |: unknown|$)', complaint)
    return found.group() if found else complaint
