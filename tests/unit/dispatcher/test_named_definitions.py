"""Task definitions that were there before: run as they are, looked up once, refused in words that mend."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.errors import Refused
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

ROLE = "arn:aws:iam::000000000000:role/r"


async def register(cloud: TappedCloud, *names: str, mode: str = "host", family: str = "align") -> str:
    """One more revision, with containers of these names; its ARN."""
    containers = [{"name": name, "image": "busybox", "essential": n == 0} for n, name in enumerate(names)]
    answer = cloud.perform(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": family, "networkMode": mode, "requiresCompatibilities": ["MANAGED_INSTANCES"],
            "cpu": "256", "memory": "512", "containerDefinitions": containers,
        },
    )  # fmt: skip
    arn: str = answer["taskDefinition"]["taskDefinitionArn"]
    return arn


async def test_a_thousand_tasks_ask_once() -> None:
    """Nothing is rendered or registered, and whoever names the same one shares one answer."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        arn = await register(cloud, "main")
        for number in range(1_000):
            await dispatcher.submit(TaskSpec(container="task-definition://align", command=[str(number)]))
        await dispatcher.drain()
        assert {task.state for task in dispatcher.tasks()} <= {State.SUCCEEDED}
        assert cloud.ecs.launcher.made == 1_000
        assert {asked.params["taskDefinition"] for asked in cloud.of("RunTask")} == {arn}
        assert [asked.params for asked in cloud.of("DescribeTaskDefinition")] == [{"taskDefinition": "align"}]
        assert not cloud.of("RegisterTaskDefinition")


async def test_a_revision_and_a_container_are_what_was_named() -> None:
    """An older revision runs if it is asked for; the command and the exit code are that container's."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        first = await register(cloud, "app", "side")
        await register(cloud, "other")
        task = await dispatcher.submit(container="task-definition://align:1#app", command=["run"], cpus=2)
        result = await task.result()
        assert (result.state, result.exit_code) == (State.SUCCEEDED, 0)
        (asked,) = cloud.of("RunTask")
        assert asked.params["taskDefinition"] == first
        assert asked.params["overrides"] == {
            "containerOverrides": [{"name": "app", "command": ["run"]}], "cpu": "2048", "memory": "2048",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("container", "fields", "said"),
    [
        ("gone", {}, "no ACTIVE task definition gone on target default"),
        ("align:9", {}, "no ACTIVE task definition align:9"),
        ("align", {}, "no container main; name the one that runs the command: #app, #side"),
        ("align#app", {"network": "awsvpc"}, "network: the task definition align is for host"),
        ("interfaces", {}, "say network='awsvpc' (--network awsvpc)"),
    ],
)
async def test_what_is_not_as_needed_is_refused(container: str, fields: dict[str, Any], said: str) -> None:
    """The task alone fails, by what is wrong and what to write instead; nothing was launched."""
    target = Target(cluster="local", runs_processes=True)
    async with TappedCloud() as cloud, rehearsal(cloud=cloud, targets=(target,)) as (dispatcher, _):
        await register(cloud, "app", "side")
        await register(cloud, "main", mode="awsvpc", family="interfaces")
        if fields:
            fields = {"network": {"mode": "awsvpc", "subnets": ["subnet-0d0"]}}
        task = await dispatcher.submit(container=f"task-definition://{container}", command=["a"], **fields)
        result = await task.result()
        assert result.state is State.FAILED
        assert said in result.reason
        assert not cloud.of("RunTask")


async def test_one_that_is_deregistered_is_looked_up_again() -> None:
    """A family then has an older or a newer revision; a revision that was named is gone, and that is told."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        first, second = await register(cloud, "main"), await register(cloud, "main")
        for name in ("align", "align:2"):
            await (await dispatcher.submit(container=f"task-definition://{name}")).result()
        cloud.perform("ecs", "DeregisterTaskDefinition", {"taskDefinition": second})
        family = await (await dispatcher.submit(container="task-definition://align")).result()
        revision = await (await dispatcher.submit(container="task-definition://align:2")).result()
        assert (family.state, revision.state) == (State.SUCCEEDED, State.FAILED)
        assert "no ACTIVE task definition align:2" in revision.reason
        assert cloud.of("RunTask")[-2].params["taskDefinition"] == first  # the last is that of the revision


async def test_environment_files_need_no_role_of_the_settings() -> None:
    """The definition has an execution role of its own, and where it has none, ECS says so."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await register(cloud, "main")
        files = ["s3://work/a.env"]
        await dispatcher.submit(container="task-definition://align", environment_files=files)
        with pytest.raises(Refused, match="executionRole"):
            await dispatcher.submit(container="busybox", environment_files=files)


async def test_an_ebs_volume_is_refused_at_submit() -> None:
    """It is a volume of the definition's own; what is there without one is placed as for any task."""
    target = Target(cluster="local", infrastructure_role=ROLE)
    async with TappedCloud() as cloud, rehearsal(cloud=cloud, targets=(target,)) as (dispatcher, _):
        await register(cloud, "main")
        with pytest.raises(Refused, match="disk: an EBS volume is part of a task definition"):
            await dispatcher.submit(container="task-definition://align", disk="100 GB")
        await dispatcher.submit(container="busybox", disk="100 GB")
