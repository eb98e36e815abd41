"""Which runtime carries a task out, and what its user is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from awsecs_async.local.runtimes.choose import Runtimes
from awsecs_async.local.runtimes.images import HINT
from awsecs_async.local.runtimes.port import CannotPull, ContainerRun, Mount, Running, TaskPlan
from awsecs_async.local.runtimes.watchdog import Watchdog
from awsecs_async.model.container import NO_IMAGE

ARN = "arn:task/1"


def plan(*images: str | None, runtime: str | None = None) -> TaskPlan:
    """A task whose containers name these images."""
    runs = tuple(
        ContainerRun(task_arn=ARN, task_id="1", name=f"c{number}", image=image)
        for number, image in enumerate(images)
    )
    return TaskPlan(
        task_arn=ARN, task_id="1", cluster_arn="c", family="f", revision=1, containers=runs, runtime=runtime
    )


@dataclass
class Engine:
    """A container engine that has every image but one."""

    name: str
    lacks: str = "lost"

    async def prepare(self, run: ContainerRun) -> None:
        """Have it or not."""
        if run.image == self.lacks:
            raise CannotPull(f"failed to resolve ref lost: not found. {HINT}. (404)")

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> Running:
        """Never reached here."""
        raise AssertionError

    async def release(self, task_id: str) -> None:
        """Nothing to release."""

    async def close(self) -> None:
        """Nothing to close."""


class Machine:
    """A machine on which some engines answer, and its user."""

    def __init__(self, wanted: str, *answering: str) -> None:
        self.asked: list[str] = []
        self.told: list[tuple[str, str]] = []
        self._answering = answering
        self.runtimes = Runtimes(
            wanted, lambda arn, text: self.told.append((arn, text)), ready=self._ready, make=self._make
        )

    async def _ready(self, engine: str) -> bool:
        self.asked.append(engine)
        return engine in self._answering

    def _make(self, engine: str, _watchdog: Watchdog) -> Engine:
        return Engine(engine)


@pytest.mark.parametrize(
    ("wanted", "answering", "images", "chosen", "told"),
    [
        ("auto", ("podman", "docker"), (None,), "process", False),
        ("container", ("podman",), ("",), "process", False),
        ("podman", ("podman",), (NO_IMAGE,), "process", False),
        ("auto", ("podman", "docker"), ("here",), "podman", False),
        ("auto", ("docker",), ("here",), "docker", False),
        ("auto", (), ("here",), "process", True),
        ("auto", ("podman",), ("here", "lost"), "process", True),
        ("container", ("docker",), ("lost",), "docker", False),
        ("container", (), ("here",), "refusing", False),
        ("docker", ("podman",), ("here",), "refusing", False),
        ("process", ("podman",), ("here",), "process", True),
        ("process", ("podman",), (None,), "process", False),
    ],
)
async def test_choice(
    *, wanted: str, answering: tuple[str, ...], images: tuple[str | None, ...], chosen: str, told: bool
) -> None:
    """Every case of what is wanted, what answers and what the task names; whoever loses an image is told."""
    machine = Machine(wanted, *answering)
    runtime = await machine.runtimes.choose(plan(*images))
    assert runtime.name == chosen
    assert bool(machine.told) is told
    await machine.runtimes.close()


async def test_a_process_is_told_where_its_volumes_are() -> None:
    """It sees this machine's own directories, and would read the wrong one, or miss it; not for its disk."""
    machine = Machine("process")
    mounts = (Mount(volume="data", container_path="/data"), Mount(volume="disk", container_path="/tmp"))
    run = replace(plan(None).containers[0], mounts=mounts)
    await machine.runtimes.choose(replace(plan(None), containers=(run,)))
    text = "A plain process has its volumes elsewhere: /data is $AWSECS_VOLUME_DATA"
    assert machine.told == [(ARN, text)]
    await machine.runtimes.close()


async def test_the_notice_says_what_is_ignored_and_why() -> None:
    """A user who gets a process instead of a container learns which image was left out, and why."""
    machine = Machine("auto", "podman")
    await machine.runtimes.choose(plan("lost"))
    text = "Running as a plain process, image lost ignored: failed to resolve ref lost: not found"
    assert machine.told == [(ARN, text)]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("container", r"neither Podman nor Docker answers on this machine\. .*--runtime process"),
        ("docker", r"docker does not answer on this machine \(try: docker ps\)\. .*--runtime process"),
        ("rocket", r"there is no runtime 'rocket': --runtime takes auto, container, podman, docker, process"),
    ],
)
async def test_a_refusal_names_the_way_out(wanted: str, reason: str) -> None:
    """What cannot be carried out ends as an image that cannot be pulled does, and says what to do."""
    runtime = await Machine(wanted).runtimes.choose(plan("here"))
    with pytest.raises(CannotPull, match=reason):
        await runtime.prepare(plan("here").containers[0])


async def test_the_tasks_own_wish_comes_first() -> None:
    """A task may name another runtime than its cloud's."""
    machine = Machine("process", "podman")
    assert (await machine.runtimes.choose(plan("here", runtime="container"))).name == "podman"


async def test_an_engine_is_found_once_and_a_silent_one_is_asked_again() -> None:
    """Tasks share an engine once it answered; one that is started later is found later."""
    machine = Machine("auto", "docker")
    first = await machine.runtimes.choose(plan("here"))
    assert await machine.runtimes.choose(plan("here")) is first
    assert machine.asked == ["podman", "docker", "podman"]
