"""Task definitions in use: registered once, found again after a restart, and anew when they are gone."""

from __future__ import annotations

import asyncio

from awsecs_async.engine.definitions import Definitions
from awsecs_async.local.faults import REFUSE, Faults, Rule
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud


def spec_of(number: int) -> TaskSpec:
    """One of three images; all else is the task's own."""
    return TaskSpec(
        command=[str(number)],
        container=("a", "b", "c")[number % 3],
        memory=1024 + number % 5,
        environment={"N": str(number)},
    )


async def test_ten_thousand_tasks_over_three_images_register_three_definitions() -> None:
    """All at once, none resolved yet: those who need the same one share one flight."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        engine, definitions = dispatcher._engine, Definitions(Fusion())  # noqa: SLF001 (launching them all takes seconds)
        station = engine.stations[0]
        specs = [spec_of(number) for number in range(10_000)]
        rendered = [definitions.render(spec, engine.places.place(spec)[0], station) for spec in specs]
        arns = await asyncio.gather(*(definitions.register(each, station) for each in rendered))
        assert len(set(arns)) == 3
        assert len(cloud.of("RegisterTaskDefinition")) == 3


async def test_tasks_that_differ_in_overrides_share_definitions_end_to_end() -> None:
    """Three hundred distinct tasks over three images: three registrations, three hundred launches."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        for number in range(300):
            await dispatcher.submit(spec_of(number))
        await dispatcher.drain()
        assert cloud.ecs.launcher.made == 300
        assert len(cloud.of("RegisterTaskDefinition")) == len(cloud.of("DescribeTaskDefinition")) == 3


async def test_a_restart_finds_its_own_definition_and_registers_nothing() -> None:
    """The family's name holds the fingerprint: a new process asks once and has it."""
    async with TappedCloud() as cloud:
        for _ in range(3):
            async with rehearsal(cloud=cloud) as (dispatcher, _):
                assert await (await dispatcher.submit(command=["a"], container="busybox")).result()
        assert len(cloud.of("RegisterTaskDefinition")) == 1
        assert len({a.params["taskDefinition"] for a in cloud.of("RunTask")}) == 1


async def test_a_definition_that_is_gone_is_registered_once_more() -> None:
    """Deregistered behind our back: the tasks that met that go round, and one registration serves all."""
    slow = Faults(latency_seconds=0.05)  # so that many have met it before the first has registered
    async with TappedCloud(faults=slow) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await (await dispatcher.submit(command=["a"])).result()
        arn = cloud.of("RunTask")[0].params["taskDefinition"]
        cloud.perform("ecs", "DeregisterTaskDefinition", {"taskDefinition": arn})
        tasks = [await dispatcher.submit(command=["b", str(n)]) for n in range(200)]
        await dispatcher.drain()
        assert {task.state for task in tasks} == {State.SUCCEEDED}
        assert cloud.ecs.launcher.made == 201
        assert len(cloud.of("RegisterTaskDefinition")) == 2


async def test_a_definition_that_ecs_refuses_fails_its_tasks_alone() -> None:
    """ECS's words are the reason; a task with another definition runs."""
    rule = Rule(kind=REFUSE, operation="RegisterTaskDefinition", times=1, message="Bad image.")
    async with TappedCloud(faults=Faults(rules=(rule,))) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        bad = await (await dispatcher.submit(command=["a"], container="bad")).result()
        good = await (await dispatcher.submit(command=["a"], container="good")).result()
        assert "Bad image." in bad.reason
        assert (bad.state, good.state) == (State.FAILED, State.SUCCEEDED)
