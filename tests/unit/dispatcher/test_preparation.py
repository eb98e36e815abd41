"""Nobody waits behind a task whose definition is not there yet, and that task loses nothing by it."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.faults import DENIED, NO_CAPACITY, REFUSE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import TaskSpec
from awsecs_async.task import Task
from awsecs_async.testing.rehearsal import rehearsal
from tests.fault.disk import CrashingJournal, Disk
from tests.unit.dispatcher.tapped import TappedCloud

NO_REGISTERING = Faults(rules=(Rule(kind=DENIED, operation="RegisterTaskDefinition"),))


async def known(dispatcher: Dispatcher, image: str = "known") -> None:
    """Have the definition of that image registered."""
    assert await (await dispatcher.submit(command=["first"], container=image)).result()


async def new_images(dispatcher: Dispatcher, count: int, *, group: str = "new") -> list[Task]:
    """As many tasks, each with an image of its own."""
    return [
        await dispatcher.submit(command=[f"{group}{n}"], container=f"{group}{n}", group=group)
        for n in range(count)
    ]


async def known_images(dispatcher: Dispatcher, count: int) -> list[Task]:
    """As many tasks of another group, whose definition is known."""
    return [
        await dispatcher.submit(command=["known", str(n)], container="known", group="known")
        for n in range(count)
    ]


async def test_new_images_delay_no_task_whose_definition_is_known() -> None:
    """Registering three hundred takes minutes; known tasks behind them take what RunTask takes."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await known(dispatcher)
        new = await new_images(dispatcher, 300)
        begun = asyncio.get_running_loop().time()
        for task in await known_images(dispatcher, 300):
            await task.result()
        assert asyncio.get_running_loop().time() - begun < 20
        assert len(cloud.of("RunTask")) >= 301
        assert len(cloud.of("RegisterTaskDefinition")) < 50
        assert {(await task.result()).state for task in new} == {State.SUCCEEDED}
        assert len(cloud.of("RegisterTaskDefinition")) == 301
        assert len(cloud.of("RunTask")) == cloud.ecs.launcher.made == 601


async def test_denied_registering_starves_nobody() -> None:
    """The known tasks run, nothing is hammered, and when it is allowed the others run too."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await known(dispatcher)
        cloud.set_faults(NO_REGISTERING)
        new = await new_images(dispatcher, 100)
        before = len(cloud.asked)
        for task in await known_images(dispatcher, 50):
            assert (await task.result()).state is State.SUCCEEDED
        await asyncio.sleep(600)
        assert len([a for a in cloud.asked[before:] if a.operation == "RegisterTaskDefinition"]) < 40
        assert "registering" in dispatcher.blocked["default"]
        assert {task.state for task in new} == {State.QUEUED}
        cloud.set_faults(Faults())
        assert {(await task.result()).state for task in new} == {State.SUCCEEDED}


async def test_what_is_found_never_waits_for_what_is_to_be_registered() -> None:
    """After a restart, definitions that ECS has need no permission to register: only a look."""
    async with TappedCloud() as cloud:
        async with rehearsal(cloud=cloud) as (dispatcher, _):
            await known(dispatcher)
        cloud.set_faults(NO_REGISTERING)
        async with rehearsal(cloud=cloud, leaving="leave") as (dispatcher, _):
            await new_images(dispatcher, 100)
            await asyncio.sleep(100)
            assert "registering" in dispatcher.blocked["default"]
            for task in await known_images(dispatcher, 50):
                async with asyncio.timeout(30):
                    assert (await task.result()).state is State.SUCCEEDED


async def test_groups_take_turns_at_registering() -> None:
    """One new image of a group does not wait for three hundred of another."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await new_images(dispatcher, 300)
        await asyncio.sleep(50)
        (other,) = await new_images(dispatcher, 1, group="other")
        async with asyncio.timeout(20):
            await other.result()


async def test_a_group_keeps_its_order_where_it_shares_a_definition() -> None:
    """Those who come while it is registered, and those who come after, are launched in their order."""
    slow = Faults(latency_seconds=1.0)
    async with (
        TappedCloud(faults=slow) as cloud,
        rehearsal(cloud=cloud, launches_in_flight=1) as (dispatcher, _),
    ):
        for n in range(30):
            await dispatcher.submit(command=[str(n)], container="new")
            await asyncio.sleep(0.1)
        await dispatcher.drain()
        assert cloud.commands() == [[str(n)] for n in range(30)]
        assert len(cloud.of("RegisterTaskDefinition")) == 1


async def test_copies_set_aside_still_share_calls() -> None:
    """They come back together: thirty copies are three calls."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await dispatcher.submit_copies(TaskSpec(command=["copy"], container="new"), 30)
        await dispatcher.drain()
        assert [a.params["count"] for a in cloud.of("RunTask")] == [10, 10, 10]


async def test_a_refused_definition_ends_all_who_need_it() -> None:
    """With ECS's words, and nobody else."""
    rule = Rule(kind=REFUSE, operation="RegisterTaskDefinition", times=1, message="Bad image.")
    async with TappedCloud(faults=Faults(rules=(rule,))) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        bad = [await dispatcher.submit(command=[str(n)], container="bad") for n in range(50)]
        results = [await task.result() for task in bad]
        assert {result.state for result in results} == {State.FAILED}
        assert all("Bad image." in result.reason for result in results)
        assert len(cloud.of("RegisterTaskDefinition")) == 1


async def test_what_is_set_aside_counts_and_leaves_at_once() -> None:
    """The bound holds while all wait for definitions; one that is cancelled or timed out makes room."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud, queue_limit=10) as (dispatcher, _):
        await known(dispatcher)
        cloud.set_faults(NO_REGISTERING)
        tasks = await new_images(dispatcher, 10)
        await asyncio.sleep(100)
        queue = dispatcher._engine.submissions  # noqa: SLF001 (the bound itself)
        assert (len(queue), len(queue.shelf), queue.is_full) == (10, 10, True)
        late = asyncio.create_task(dispatcher.submit(command=["late"], container="l", queue_timeout="1m"))
        await asyncio.sleep(100)
        assert not late.done()
        await tasks[5].cancel()
        assert (await tasks[5].result()).state is State.CANCELLED
        result = await (await late).result()
        assert "registering" not in result.reason
        assert "target default" in result.reason
        assert (len(queue), queue.is_full) == (9, False)


@pytest.mark.parametrize("faults", [NO_REGISTERING, Faults()], ids=["denied", "slow"])
async def test_what_is_set_aside_survives_the_dispatcher(faults: Faults) -> None:
    """Closing leaves it QUEUED, and the next dispatcher launches it once."""
    disk = Disk()
    async with TappedCloud(faults=faults) as cloud:
        async with rehearsal(cloud=cloud, journal=CrashingJournal(disk), leaving="leave") as (dispatcher, _):
            tasks = await new_images(dispatcher, 50)
            await asyncio.sleep(1)
        cloud.set_faults(Faults())
        async with rehearsal(cloud=cloud, journal=CrashingJournal(disk)) as (dispatcher, _):
            for task in tasks:
                again = await dispatcher.get(task.id)
                assert again is not None
                assert (await again.result()).state is State.SUCCEEDED
        assert cloud.ecs.launcher.made == 50


async def test_a_probe_does_not_wait_for_a_definition() -> None:
    """A full cluster is probed with another task while the first in line has its definition registered."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await known(dispatcher)
        cloud.set_faults(Faults(rules=(*NO_REGISTERING.rules, Rule(kind=NO_CAPACITY))))
        first = await dispatcher.submit(command=["a"], container="known")
        while not first.note:
            await asyncio.sleep(0.1)
        new = await new_images(dispatcher, 50)
        rest = await known_images(dispatcher, 50)
        await asyncio.sleep(60)
        cloud.set_faults(NO_REGISTERING)
        async with asyncio.timeout(120):
            assert {(await task.result()).state for task in (first, *rest)} == {State.SUCCEEDED}
        assert {task.state for task in new} == {State.QUEUED}
