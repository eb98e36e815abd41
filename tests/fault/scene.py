"""The stage of the fault tests: a cloud in this process that misbehaves, dispatchers in front of it, and the
questions that every story ends with.

A task's command carries its number, and its exit code follows from the number, so that a result which was
mixed up with another's shows. The wire between dispatcher and cloud takes time in both directions: a
dispatcher can die after a request has had its effect and before the answer is there. What was sent is kept
word for word.
"""

# ruff: noqa: SLF001 -- whether anything has leaked shows only inside

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from awsecs_async import Dispatcher, Result, State, Task
from awsecs_async.engine.ledger import Ledger
from awsecs_async.engine.registry import Registry
from awsecs_async.engine.roll import Transition
from awsecs_async.errors import AwsFault
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, Scripts
from awsecs_async.local.faults import Faults
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.model.settings import Settings, Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.transport import InProcessTransport

TARGET = Target(cluster="local", runs_processes=True)
RUNS_SECONDS = 5.0  # how long a scripted task runs
FOREVER = 1000  # tasks of this number and above run until they are stopped


def exit_code_of(number: int) -> int:
    """What the task of that number exits with."""
    return number % 7


def command_of(number: int) -> list[str]:
    """What the task of that number runs."""
    return ["work", str(number)]


def by_number(run: ContainerRun) -> Script:
    """The script of a container, by the number in its command."""
    number = int(run.command[-1])
    seconds = RUNS_SECONDS if number < FOREVER else 1e6
    said = (f"work {number}", f"done {number}")
    return Script(
        duration_seconds=seconds, exit_code=exit_code_of(number), output=said, line_interval_seconds=2.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One call as it went out. ``at`` is loop time; ``body`` is set where JSON text was sent as it is."""

    operation: str
    at: float
    body: str = ""


class Wire(InProcessTransport):
    """The scene's transport, whose two directions take time each."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.cloud)
        self._scene = scene

    async def call(self, service: str, operation: str, params: Any) -> dict[str, Any]:  # noqa: ANN401
        """As any transport."""
        return await self._send(service, operation, params, "")

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As any transport."""
        return await self._send(service, operation, json.loads(body), body)

    async def _send(self, service: str, operation: str, params: Any, body: str) -> dict[str, Any]:  # noqa: ANN401
        self._scene.sent.append(Sent(operation=operation, at=asyncio.get_running_loop().time(), body=body))
        self._scene.passed(f"{operation} sent")
        try:
            answer = await super().call(service, operation, params)
        except AwsFault:  # errors travel too
            await self._come_back(operation)
            raise
        await self._come_back(operation)
        return answer

    async def _come_back(self, operation: str) -> None:
        self._scene.passed(f"{operation} done")
        await asyncio.sleep(self._scene.answer_seconds(operation))
        self._scene.passed(f"{operation} answered")


@dataclass(kw_only=True)
class Scene:
    """A cloud, what was sent to it, the endings that were told, and the dispatcher that was opened last.

    Args:
        answer_seconds: How long an answer is under way, by operation; asked for each call.

        passed: Hears of each call when it goes out, when it has had its effect, and when it is answered.

        settings: For all dispatchers to come.
    """

    cloud: Cloud
    sent: list[Sent] = field(default_factory=list)
    answer_seconds: Callable[[str], float] = lambda _: 0.03
    passed: Callable[[str], None] = lambda _: None
    settings: dict[str, Any] = field(default_factory=dict)
    endings: Counter[str] = field(default_factory=Counter)
    results: list[Result] = field(default_factory=list)
    opened: Dispatcher | None = None

    def registry(self) -> Registry:
        """Leads every target to the cloud."""

        @asynccontextmanager
        async def to_cloud(_target: Target) -> AsyncIterator[Wire]:
            yield Wire(self)

        return Registry(to_cloud)

    def dispatcher(self, journal: Any = None, **settings: Any) -> Dispatcher:  # noqa: ANN401
        """A dispatcher in front of the cloud that leaves its tasks when it goes, if it has a journal."""
        return Dispatcher(
            Settings(**{"targets": (TARGET,), "dispatcher_id": "tester"} | self.settings | settings),
            registry=self.registry(),
            journal=journal,
            leaving="drain" if journal is None else "leave",
        )

    def ledger(self, dispatcher: Dispatcher) -> Ledger:
        """What an open dispatcher knows."""
        return dispatcher._engine.ledger

    @asynccontextmanager
    async def open(self, journal: Any = None, **settings: Any) -> AsyncIterator[Dispatcher]:  # noqa: ANN401
        """A dispatcher at work, whose endings are counted."""
        async with self.dispatcher(journal, **settings) as dispatcher:
            self.opened = dispatcher
            self.ledger(dispatcher).tell(self._told)
            yield dispatcher

    def _told(self, transition: Transition) -> None:
        if transition.result is not None:
            self.endings[transition.id] += 1
            self.results.append(transition.result)

    def calls(self, operation: str) -> list[Sent]:
        """All that was sent of that operation."""
        return [each for each in self.sent if each.operation == operation]

    def launches(self) -> Counter[int]:
        """How many ECS tasks were ever made, by the number in their command."""
        made = self.cloud.ecs.launcher.launches
        return Counter({int(line.split()[-1]): count for line, count in made.items() if count})


@asynccontextmanager
async def scene(
    faults: Faults | None = None,
    *,
    scripts: Scripts = by_number,
    **members: Any,  # noqa: ANN401
) -> AsyncIterator[Scene]:
    """A scene on virtual time, whose cloud answers after 60 ms."""
    async with Cloud(scripts=scripts, faults=faults or Faults(latency_seconds=0.03)) as cloud:
        yield Scene(cloud=cloud, **members)


async def submit(dispatcher: Dispatcher, numbers: Iterable[int], **fields: Any) -> list[Task]:  # noqa: ANN401
    """One task for each number."""
    return [await dispatcher.submit(command=command_of(number), **fields) for number in numbers]


async def results_of(tasks: Iterable[Task]) -> list[Result]:
    """How they ended."""
    return [await task.result() for task in tasks]


def number_in(spec: TaskSpec) -> int:
    """The number in a task's command."""
    return int(spec.command[-1])


def assert_right(numbers: Sequence[int], results: Sequence[Result]) -> None:
    """Each ended by itself, with the exit code that is its own."""
    for number, result in zip(numbers, results, strict=True):
        code = exit_code_of(number)
        expected = (State.FAILED if code else State.SUCCEEDED, code)
        assert (result.state, result.exit_code) == expected, f"task {number}: {result}"


def assert_nothing_twice(scene: Scene, results: Iterable[Result], *, unknown: int = 0) -> None:
    """Every ECS task is one attempt of one task, made by its launch; none is nobody's, but ``unknown`` many
    of which their dispatcher could never learn.
    """
    attempts = [attempt for result in results for attempt in result.attempts if attempt.arn]
    by_arn = {attempt.arn: attempt for attempt in attempts}
    assert len(by_arn) == len(attempts), "two attempts are one ECS task"
    made = {task.arn: task for task in scene.cloud.ecs.clusters.clusters["local"].tasks.values()}
    assert len(made) == scene.cloud.ecs.launcher.made, "ECS has forgotten some: look earlier"
    assert len(made.keys() - by_arn.keys()) <= unknown, "ECS runs what belongs to no attempt"
    for arn, attempt in by_arn.items():
        assert made[str(arn)].fixed["group"] == attempt.launch_id


def assert_told_once(scene: Scene, tasks: Iterable[Task]) -> None:
    """The ending of each was told, and once."""
    assert [scene.endings[task.id] for task in tasks] == [1 for _ in tasks]


def assert_at_rest(dispatcher: Dispatcher) -> None:
    """Nothing is live, queued, launching or waiting for tokens: nothing has leaked."""
    engine = dispatcher._engine
    assert len(engine.ledger) == 0
    assert not engine.ledger._launches
    assert not engine.ledger._by_arn
    assert len(engine.submissions) == 0
    for station in engine.stations:
        assert station.blocked == ""
        for name in ("modify", "read", "polling", "register", "definition_read"):
            assert getattr(station.buckets, name).waiters == 0, name
