"""The same key is the same task: at once, concurrently, after its end, and after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.errors import KeyConflict
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import TaskSpec
from awsecs_async.task import Task
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

SPEC = TaskSpec(command=["a"])
OTHER = TaskSpec(command=["b"])


async def test_the_same_key_and_spec_give_the_same_task() -> None:
    """Submitting again, while it runs and after it ended, starts nothing."""
    async with rehearsal() as (dispatcher, cloud):
        first = await dispatcher.submit(SPEC, key="k")
        again = await dispatcher.submit(SPEC, key="k")
        result = await first.result()
        after = await dispatcher.submit(SPEC, key="k")
        assert {first.id, again.id, after.id} == {result.id}
        assert len({first, again, after}) == 1
        assert await after.result() == result
        assert cloud.calls["ecs:RunTask"] == 1


async def test_the_same_key_with_another_spec_is_refused() -> None:
    """Neither a live task nor an ended one is taken for another."""
    async with rehearsal() as (dispatcher, _):
        task = await dispatcher.submit(SPEC, key="k")
        with pytest.raises(KeyConflict, match="'k'"):
            await dispatcher.submit(OTHER, key="k")
        await task.result()
        with pytest.raises(KeyConflict, match="another spec"):
            await dispatcher.submit(OTHER, key="k")


async def test_concurrent_submits_with_one_key_make_one_task(tmp_path: Path) -> None:
    """Ten at once, while the disk takes its time: one task, which all of them get."""
    async with rehearsal(journal=SqliteJournal(tmp_path / "journal")) as (dispatcher, cloud):
        tasks = await asyncio.gather(*(dispatcher.submit(SPEC, key="k") for _ in range(10)))
        assert len({task.id for task in tasks}) == 1
        await dispatcher.drain()
        assert cloud.calls["ecs:RunTask"] == 1


async def test_concurrent_submits_with_one_key_and_two_specs(tmp_path: Path) -> None:
    """Whoever is first has the key; the others are refused, also when all come at once."""
    async with rehearsal(journal=SqliteJournal(tmp_path / "journal")) as (dispatcher, _):
        submits = (dispatcher.submit(spec, key="k") for spec in (SPEC, OTHER, SPEC, OTHER))
        found = await asyncio.gather(*submits, return_exceptions=True)
        assert [type(each) for each in found] == [Task, KeyConflict, Task, KeyConflict]


async def test_a_key_outlives_the_dispatcher(tmp_path: Path) -> None:
    """With a journal on disk, a later dispatcher answers an old key with the old result."""
    results = []
    async with TappedCloud() as cloud:
        for _ in range(2):
            async with rehearsal(cloud=cloud, journal=SqliteJournal(tmp_path / "journal")) as (dispatcher, _):
                results.append(await (await dispatcher.submit(SPEC, key="k")).result())
        assert results[0] == results[1]
        assert results[0].state is State.SUCCEEDED
        assert len(cloud.of("RunTask")) == 1


async def test_an_array_has_a_key_for_each_index() -> None:
    """Submitting an array again, half of it lost on the way, gives the same tasks."""
    async with rehearsal() as (dispatcher, cloud):
        first = await dispatcher.submit_array(SPEC, 3, key="k")
        again = await dispatcher.submit_array(SPEC, 3, key="k")
        assert [t.id for t in first] == [t.id for t in again]
        assert [t.key for t in first] == ["k:0", "k:1", "k:2"]
        await dispatcher.drain()
        assert cloud.ecs.launcher.made == 3


async def test_a_cancelled_submit_leaves_nothing(tmp_path: Path) -> None:
    """A submitter that goes away before it was told leaves no task behind, and nothing is launched."""
    async with rehearsal(journal=SqliteJournal(tmp_path / "journal")) as (dispatcher, cloud):
        submitting = asyncio.create_task(dispatcher.submit(SPEC))
        await asyncio.sleep(0)
        assert len(dispatcher.tasks()) == 1
        submitting.cancel()
        await asyncio.wait([submitting])
        assert submitting.cancelled()
        assert dispatcher.tasks() == []
        await asyncio.sleep(60)
        assert cloud.calls["ecs:RunTask"] == 0


async def test_a_cancelled_submit_with_a_key_is_found_by_the_next(tmp_path: Path) -> None:
    """Whoever gave a key submits again and gets the one task, launched once."""
    async with rehearsal(journal=SqliteJournal(tmp_path / "journal")) as (dispatcher, cloud):
        submitting = asyncio.create_task(dispatcher.submit(SPEC, key="k"))
        while not dispatcher.tasks():
            await asyncio.sleep(0)
        submitting.cancel()
        await asyncio.wait([submitting])
        task = await dispatcher.submit(SPEC, key="k")
        assert await task.result()
        assert cloud.calls["ecs:RunTask"] == 1


async def test_an_array_of_another_size_is_another_spec() -> None:
    """Its tasks see AWSECS_ARRAY_SIZE, so the same key with another size is refused."""
    async with rehearsal() as (dispatcher, _):
        await dispatcher.submit_array(TaskSpec(command=["a"]), 2, key="k")
        with pytest.raises(KeyConflict):
            await dispatcher.submit_array(TaskSpec(command=["a"]), 3, key="k")
