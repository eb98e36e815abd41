"""Launches of which nobody can say at once what became of them: looked into, never guessed."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.errors import SettingsError
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import DROP_AFTER, REFUSE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Quotas, Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal

pytestmark = pytest.mark.virtual_time
LONG = every_container(Script(duration_seconds=9000))


async def test_a_conflict_that_names_no_tasks_launches_nothing_again() -> None:
    """The token made something: what, ECS is asked; that it names nothing after all ends UNKNOWN."""
    rule = Rule(kind=REFUSE, operation="RunTask", code="ConflictException")
    cloud = Cloud(faults=Faults(rules=(rule,)), scripts=LONG)
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        result = await (await dispatcher.submit(command=["a"])).result()
        assert result.state is State.UNKNOWN
        assert cloud.ecs.launcher.made == 0
        assert cloud.calls["ecs:ListTasks"] >= 2


async def test_tasks_that_ecs_shows_late_are_found() -> None:
    """A conflict about tasks just made: the first look does not see them, a later one does."""
    lost = Rule(kind=DROP_AFTER, operation="RunTask", times=1)
    conflict = Rule(kind=REFUSE, operation="RunTask", code="ConflictException")
    cloud = Cloud(
        faults=Faults(rules=(lost,), visibility_delay_seconds=40),
        scripts=every_container(Script(duration_seconds=600, exit_code=4)),
    )
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(0.05)
        cloud.set_faults(Faults(rules=(conflict,)))
        result = await task.result()
        assert (result.state, result.exit_code) == (State.FAILED, 4)
        assert cloud.ecs.launcher.made == 1


async def test_a_refused_list_is_asked_again_and_ends_nobody() -> None:
    """Where AWS does not list by two filters, one has to do; an error there is not the dispatcher's end."""
    rules = (
        Rule(kind=REFUSE, operation="RunTask", code="ConflictException"),
        Rule(kind=REFUSE, operation="ListTasks", code="InvalidParameterException", times=3),
    )
    cloud = Cloud(faults=Faults(rules=rules), scripts=every_container(Script()))
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        doubtful = await dispatcher.submit(command=["a"])
        assert (await doubtful.result()).state is State.UNKNOWN
        cloud.set_faults(Faults())
        assert (await (await dispatcher.submit(command=["b"])).result()).state is State.SUCCEEDED


@pytest.mark.real_time
async def test_another_cluster_in_the_settings_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What runs on one cluster is not looked for on another, and then called UNKNOWN."""
    path = tmp_path_factory.mktemp("journal") / "tasks.db"
    async with Cloud(scripts=LONG) as cloud:
        async with rehearsal(cloud=cloud, journal=SqliteJournal(path), leaving="leave") as (dispatcher, _):
            task = await dispatcher.submit(command=["a"])
            with dispatcher.changes() as changes:
                while task.arn is None:
                    await anext(changes)
        elsewhere = (Target(cluster="default", runs_processes=True),)
        with pytest.raises(SettingsError, match="set cluster, region and credentials back"):
            async with rehearsal(cloud=cloud, journal=SqliteJournal(path), targets=elsewhere):
                pass


async def test_more_copies_than_a_bucket_holds_are_launched_all_the_same() -> None:
    """Ten tokens are more than this bucket ever has: the launch takes what there is, and nothing ends."""
    target = Target(cluster="local", runs_processes=True, subnets=("subnet-1",), check_at_start=False)
    narrow = Quotas(network_interfaces=(5, 4))
    async with rehearsal(targets=(target,), quotas=narrow) as (dispatcher, cloud):
        tasks = await dispatcher.submit_copies(TaskSpec(command=["a"]), 20)
        assert {(await task.result()).state for task in tasks} == {State.SUCCEEDED}
        assert cloud.calls["ecs:RunTask"] == 2
