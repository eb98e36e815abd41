"""Which runtime carries a task out: decided per task, in the cloud, where its images are known.

A task that names no image is a process. One that does gets a container, from Podman or else from Docker,
whichever answers; an image that cannot be had then ends the task as it would on ECS. `auto` is for who
wants the command to run in any case: without an engine, or without the image, it is a process, and
the task's user is told so, and where its volumes are then. The pure part, `intention`, says what is
wanted; `Runtimes` finds out what can be had.

The wanted runtime is the cloud's, or the task's own where it has one: auto, container, podman,
docker, process. (Scripted tasks live in the state machine and never come here.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from awsecs_async.kit.once import Once
from awsecs_async.local.runtimes.images import HINT
from awsecs_async.local.runtimes.podman import ContainerRuntime, answers
from awsecs_async.local.runtimes.port import CannotPull, ContainerRun, Running, Runtime, TaskPlan
from awsecs_async.local.runtimes.process import ProcessRuntime, volume_variable
from awsecs_async.local.runtimes.sweep import remove_dead
from awsecs_async.local.runtimes.watchdog import Watchdog
from awsecs_async.model.container import NO_IMAGE

ENGINES = ("podman", "docker")  # in this order: Podman needs no daemon and no group
WANTS = ("auto", "container", *ENGINES, "process")
SCRATCH = "/tmp"  # noqa: S108 (where disks are, if nobody says otherwise)

Notify = Callable[[str, str], None]  # a task's ARN, and what its user should be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """What is wanted: one of these engines, or a process if `process` says so, at once or as a way out."""

    engines: tuple[str, ...] = ()
    process: bool = False
    notice: str | None = None  # what the user is told at once


def intention(wanted: str, plan: TaskPlan) -> Intention:
    """What a task wants, by its images and the runtime that was asked for.

    Raises:
        ValueError: a runtime that there is not.
    """
    images = images_of(plan)
    if wanted not in WANTS:
        raise ValueError(f"there is no runtime {wanted!r}: --runtime takes {', '.join(WANTS)} or scripted")
    if not images:
        return Intention(process=True)
    if wanted == "process":
        notice = f"Running as a plain process, {_named(images)} ignored, as --runtime process asks"
        return Intention(process=True, notice=notice)
    engines = (wanted,) if wanted in ENGINES else ENGINES
    return Intention(engines=engines, process=wanted == "auto")


def images_of(plan: TaskPlan) -> tuple[str, ...]:
    """The images that a task names, each once; the name that stands for "none" is none."""
    named = (run.image for run in plan.containers if run.image and run.image != NO_IMAGE)
    return tuple(dict.fromkeys(named))


def places_of_volumes(plan: TaskPlan) -> dict[str, str]:
    """Where a process finds what it mounted: variables by path. One at /tmp it does not miss."""
    mounts = (mount for run in plan.containers for mount in run.mounts)
    return {m.container_path: volume_variable(m.volume) for m in mounts if m.container_path != SCRATCH}


class Runtimes:
    """All runtimes of one cloud, made when first wanted, under one watchdog.

    `ready` and `make` are for tests, which have no engine to count on.
    """

    def __init__(
        self,
        wanted: str,
        notify: Notify,
        *,
        ready: Callable[[str], Awaitable[bool]] | None = None,
        make: Callable[[str, Watchdog], Runtime] = ContainerRuntime,
    ) -> None:
        self._wanted = wanted
        self._notify = notify
        self._ready = ready or engine_ready
        self._make = make
        self._watchdog = Watchdog()
        self._process = ProcessRuntime(self._watchdog)
        self._engines: Once[str, Runtime] = Once(len(ENGINES))
        self._made: list[Runtime] = []

    def __repr__(self) -> str:
        return f"<Runtimes {self._wanted}: {self._process!r} {self._made}>"

    async def choose(self, plan: TaskPlan) -> Runtime:
        """The runtime for a task. Where none can be had, one that fails the task and says why."""
        try:
            intended = intention(plan.runtime or self._wanted, plan)
        except ValueError as error:
            return Refusing(str(error))
        if intended.notice is not None:
            self._notify(plan.task_arn, intended.notice)
        if not intended.engines:
            return self._as_process(plan)
        engine = await self._first_answering(intended.engines)
        if not intended.process:  # a container or nothing
            return engine or Refusing(f"{silence(intended.engines)}. {HINT}")
        why = await _missing(engine, plan) if engine else silence(intended.engines)
        if engine and why is None:
            return engine
        self._notify(plan.task_arn, f"Running as a plain process, {_named(images_of(plan))} ignored: {why}")
        return self._as_process(plan)

    async def close(self) -> None:
        """End everything, and wait until nothing is left."""
        await asyncio.gather(self._process.close(), *(runtime.close() for runtime in self._made))
        await self._watchdog.close()

    def _as_process(self, plan: TaskPlan) -> Runtime:
        places = places_of_volumes(plan)
        if places:
            told = ", ".join(f"{path} is ${variable}" for path, variable in places.items())
            self._notify(plan.task_arn, f"A plain process has its volumes elsewhere: {told}")
        return self._process

    async def _first_answering(self, engines: tuple[str, ...]) -> Runtime | None:
        for engine in engines:
            try:
                return await self._engines(engine, partial(self._find, engine))
            except EngineSilent:  # not kept: it may be started later
                continue
        return None

    async def _find(self, engine: str) -> Runtime:
        if not await self._ready(engine):
            raise EngineSilent(engine)
        runtime = self._make(engine, self._watchdog)
        self._made.append(runtime)
        return runtime


async def engine_ready(engine: str) -> bool:
    """Whether an engine answers; if so, what dead clouds left with it is removed."""
    if not await answers(engine):
        return False
    await remove_dead(engine)
    return True


class EngineSilent(Exception):
    """This container engine is not installed or does not answer."""


class Refusing:
    """The runtime of a task that cannot be carried out: no image of it can be pulled, and this is why."""

    name = "refusing"

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __repr__(self) -> str:
        return f"<Refusing {self._reason!r}>"

    async def prepare(self, _run: ContainerRun) -> None:
        """Refuse."""
        raise CannotPull(self._reason)

    async def start(self, _run: ContainerRun, _output: Callable[[str], None]) -> Running:
        """Refuse; never reached, as nothing starts before its image is here."""
        raise CannotPull(self._reason)

    async def release(self, _task_id: str) -> None:
        """Nothing was made."""

    async def close(self) -> None:
        """Nothing was made."""


async def _missing(engine: Runtime, plan: TaskPlan) -> str | None:
    """Why one of the task's images cannot be had; None if all are here now."""
    try:
        for run in plan.containers:
            await engine.prepare(run)
    except CannotPull as error:
        return error.reason.partition(f". {HINT}")[0]
    return None


def _named(images: tuple[str, ...]) -> str:
    return f"{'image' if len(images) == 1 else 'images'} {', '.join(images)}"


def silence(engines: tuple[str, ...]) -> str:
    """That no engine answers, in words."""
    if len(engines) == 1:
        return f"{engines[0]} does not answer on this machine (try: {engines[0]} ps)"
    return "neither Podman nor Docker answers on this machine"
