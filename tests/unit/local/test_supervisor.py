"""The supervisor carries out what the rules decide: in virtual time, with a runtime that plays parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from awsecs_async.local.reports import ContainerChanged, Pulled, Report, TaskEnding
from awsecs_async.local.runtimes.port import (
    CannotPull,
    CannotStart,
    ContainerRun,
    Dependency,
    Exit,
    HealthCheck,
    TaskPlan,
)
from awsecs_async.local.supervisor import Surroundings, TaskSupervisor

ARN = "arn:aws:ecs:us-east-1:000000000000:task/local/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a container does: how long it takes and how it ends, alone or when it is stopped."""

    seconds: float = 1.0
    code: int = 0
    pull_seconds: float = 0.0
    pull_error: str | None = None
    start_error: str | None = None
    stop_seconds: float = 0.0
    probes: tuple[int, ...] = ()  # the health check's exit codes; the last one stays


class Actor:
    """A container in play."""

    def __init__(self, run: ContainerRun, part: Part) -> None:
        self.run, self.part = run, part
        self.probes = list(part.probes)
        self.end: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.timer = asyncio.get_running_loop().call_later(part.seconds, self.finish, part.code)

    def finish(self, code: int) -> None:
        """It ends now, if it has not."""
        self.timer.cancel()
        if not self.end.done():
            self.end.set_result(Exit(code=code))

    async def wait(self) -> Exit:
        """How it ended."""
        return await asyncio.shield(self.end)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """It takes its time, then ends by SIGTERM."""
        await asyncio.sleep(self.part.stop_seconds)
        self.finish(143)

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """The next probe's exit code."""
        return self.probes.pop(0) if len(self.probes) > 1 else self.probes[0]


@dataclass
class Stage:
    """A runtime whose containers do as their parts say, and what it saw."""

    parts: dict[str, Part] = field(default_factory=dict)
    runs: dict[str, ContainerRun] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    name: str = "stage"

    def part(self, run: ContainerRun) -> Part:
        """A container's part."""
        return self.parts.get(run.name, Part())

    async def prepare(self, run: ContainerRun) -> None:
        """Pull as the part says."""
        await asyncio.sleep(self.part(run).pull_seconds)
        if (error := self.part(run).pull_error) is not None:
            raise CannotPull(error)

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> Actor:
        """Start as the part says."""
        self.runs[run.name] = run
        if (error := self.part(run).start_error) is not None:
            raise CannotStart(error)
        output(f"{run.name} starts")
        return Actor(run, self.part(run))

    async def release(self, task_id: str) -> None:
        """Note it."""
        self.released.append(task_id)

    async def close(self) -> None:
        """Nothing to close."""


class Play:
    """One task on the stage, and the reports that were heard."""

    def __init__(self, *containers: ContainerRun, **parts: Part) -> None:
        self.stage = Stage(parts)
        self.heard: list[Report] = []
        self.lines: list[str] = []
        self.plan = TaskPlan(
            task_arn=ARN, task_id="1", cluster_arn="c", family="f", revision=1, containers=containers
        )
        surroundings = Surroundings(
            report=self.heard.append,
            output=lambda run, line: self.lines.append(f"{run.name}: {line}"),
            metadata_address="http://127.0.0.1:1",
            clock=lambda: asyncio.get_running_loop().time(),
        )
        self.supervisor = TaskSupervisor(self.plan, self.stage, surroundings)

    def story(self) -> list[str]:
        """The reports, in short."""
        return [_short(report) for report in self.heard]


def _short(report: Report) -> str:
    match report:
        case Pulled():
            word = "pulled"
        case ContainerChanged():
            code = "" if report.exit_code is None else f" {report.exit_code}"
            health = "" if report.health_status == "UNKNOWN" else f" {report.health_status}"
            word = f"{report.name} {report.last_status}{code}{health}"
        case _:
            word = f"{'ending' if isinstance(report, TaskEnding) else 'ended'} {report.ending.stop_code}"
    return f"{report.at:g} {word}"


def container(name: str, *depends_on: tuple[str, str], essential: bool = True) -> ContainerRun:
    """A container with its dependencies as (container, condition)."""
    dependencies = tuple(Dependency(container=on, condition=condition) for on, condition in depends_on)
    run = ContainerRun(task_arn=ARN, task_id="1", name=name, image=None)
    return replace(run, essential=essential, depends_on=dependencies)


async def test_one_container() -> None:
    """The plain story of a task, told in order with its times, and nothing left behind."""
    play = Play(container("main"), main=Part(seconds=2, code=3, pull_seconds=1))
    ending = await play.supervisor.run()
    assert ending.stop_code == "EssentialContainerExited"
    assert ending.stopped_reason == "Essential container in task exited"
    assert play.story() == [
        "1 pulled",
        "1 main RUNNING",
        "3 main STOPPED 3",
        "3 ending EssentialContainerExited",
        "3 ended EssentialContainerExited",
    ]
    assert play.lines == ["main: main starts"]
    assert play.stage.released == ["1"]


async def test_stage_in_main_stage_out() -> None:
    """The chain that staging is made of: each starts when the one before it is through."""
    play = Play(
        container("in", essential=False),
        container("main", ("in", "SUCCESS"), essential=False),
        container("out", ("main", "COMPLETE")),
        main=Part(seconds=5, code=9),
    )
    await play.supervisor.run()
    assert [line for line in play.story() if "RUNNING" in line or "STOPPED" in line] == [
        "0 in RUNNING",
        "1 in STOPPED 0",
        "1 main RUNNING",
        "6 main STOPPED 9",
        "6 out RUNNING",
        "7 out STOPPED 0",
    ]


async def test_a_failed_dependency_fails_the_task_fast() -> None:
    """A failed stage-in refuses main and, through it, stage-out: both with 143, and the task ends."""
    play = Play(
        container("in", essential=False),
        container("main", ("in", "SUCCESS"), essential=False),
        container("out", ("main", "COMPLETE")),
        **{"in": Part(code=1)},
    )
    await play.supervisor.run()
    assert play.story()[2:] == [
        "1 in STOPPED 1",
        "1 main STOPPED 143",
        "1 out STOPPED 143",
        "1 ending EssentialContainerExited",
        "1 ended EssentialContainerExited",
    ]
    assert set(play.stage.runs) == {"in"}


async def test_the_end_of_an_essential_container_stops_the_rest_in_reverse() -> None:
    """Main's end stops its sidecar; a helper that the sidecar depends on goes last."""
    play = Play(
        container("helper", essential=False),
        container("sidecar", ("helper", "START"), essential=False),
        container("main", ("helper", "START")),
        helper=Part(seconds=100),
        sidecar=Part(seconds=100, stop_seconds=2),
        main=Part(seconds=5),
    )
    await play.supervisor.run()
    assert [line for line in play.story() if "STOPPED" in line] == [
        "5 main STOPPED 0",
        "7 sidecar STOPPED 143",
        "7 helper STOPPED 143",
    ]


async def test_stop_while_running() -> None:
    """StopTask ends the task with its reason, and only the first reason counts."""
    play = Play(container("main"), main=Part(seconds=100))
    running = asyncio.create_task(play.supervisor.run())
    await asyncio.sleep(4)
    play.supervisor.stop("enough")
    play.supervisor.stop("too late")
    ending = await running
    assert (ending.stop_code, ending.stopped_reason) == ("UserInitiated", "enough")
    assert play.story()[-3:] == ["4 ending UserInitiated", "4 main STOPPED 143", "4 ended UserInitiated"]


async def test_stop_while_pulling_gives_the_pull_up() -> None:
    """A task is stopped at once even when its image takes an hour, and has no exit code."""
    play = Play(container("main"), main=Part(pull_seconds=3600))
    running = asyncio.create_task(play.supervisor.run())
    await asyncio.sleep(1)
    play.supervisor.stop()
    await running
    assert play.story() == [
        "1 ending UserInitiated",
        "1 main STOPPED",
        "1 pulled",
        "1 ended UserInitiated",
    ]
    assert play.stage.runs == {}


async def test_an_unpullable_image_fails_before_anything_starts() -> None:
    """The container tells why, the task failed to start, and the other container never ran."""
    play = Play(container("main"), container("sidecar"), sidecar=Part(pull_seconds=1, pull_error="not found"))
    ending = await play.supervisor.run()
    assert (ending.stop_code, ending.stopped_reason) == ("TaskFailedToStart", "Task failed to start")
    (report,) = [r for r in play.heard if isinstance(r, ContainerChanged) and r.name == "sidecar"]
    assert (report.exit_code, report.reason) == (None, "CannotPullContainerError: not found")
    assert play.stage.runs == {}


async def test_a_container_that_cannot_start() -> None:
    """It ends as one that failed to start, with the runtime's words."""
    play = Play(container("main"), main=Part(start_error='exec: "x": executable file not found in $PATH'))
    ending = await play.supervisor.run()
    assert ending.stop_code == "TaskFailedToStart"
    (report,) = [report for report in play.heard if isinstance(report, ContainerChanged)]
    assert report.reason == 'CannotStartContainerError: exec: "x": executable file not found in $PATH'


async def test_healthy_starts_the_dependent() -> None:
    """The check is probed once an interval; the first success lets the dependent start."""
    check = HealthCheck(command=("CMD-SHELL", "true"), interval_seconds=10)
    helper = replace(container("helper", essential=False), health_check=check)
    play = Play(
        helper,
        container("main", ("helper", "HEALTHY")),
        helper=Part(seconds=100, probes=(1, 1, 0)),
    )
    await play.supervisor.run()
    assert play.story()[:4] == [
        "0 pulled",
        "0 helper RUNNING",
        "30 helper RUNNING HEALTHY",
        "30 main RUNNING",
    ]


async def test_start_timeout_gives_the_dependent_up() -> None:
    """A dependency that is not healthy within its startTimeout refuses who waits for it."""
    check = HealthCheck(command=("CMD-SHELL", "true"), interval_seconds=10)
    helper = replace(container("helper", essential=False), health_check=check, start_timeout_seconds=15)
    play = Play(helper, container("main", ("helper", "HEALTHY")), helper=Part(seconds=100, probes=(1,)))
    await play.supervisor.run()
    refused = [r for r in play.heard if isinstance(r, ContainerChanged) and r.name == "main"]
    assert [(r.at, r.exit_code) for r in refused] == [(15, 143)]
    assert "its startTimeout has passed" in (refused[0].reason or "")


async def test_unhealthy_is_told_and_ends_nothing() -> None:
    """After `retries` failures in a row a container is UNHEALTHY; a standalone task goes on."""
    check = HealthCheck(command=("CMD", "false"), interval_seconds=10, retries=2, start_period_seconds=15)
    play = Play(replace(container("main"), health_check=check), main=Part(seconds=60, probes=(1,)))
    await play.supervisor.run()
    assert play.story()[1:4] == ["0 main RUNNING", "30 main RUNNING UNHEALTHY", "60 main STOPPED 0 UNHEALTHY"]


async def test_each_container_knows_its_metadata_address() -> None:
    """The container's environment has its own and the metadata endpoint's address."""
    play = Play(replace(container("main"), environment={"A": "1"}))
    await play.supervisor.run()
    environment = dict(play.stage.runs["main"].environment)
    assert environment.pop("ECS_CONTAINER_METADATA_URI_V4").startswith("http://127.0.0.1:1/v4/1-")
    assert environment == {"A": "1"}


async def test_cancelling_leaves_no_coroutine() -> None:
    """When the cloud goes, the supervisor's own coroutines go with it."""
    play = Play(container("main"), main=Part(seconds=100))
    running = asyncio.create_task(play.supervisor.run())
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(asyncio.all_tasks()) == 1
