"""What we send is what AWS's own model of its API accepts, name by name and type by type."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud
from tests.unit.local.estate import provider
from tests.unit.model.shapes import problems

OPERATIONS = {
    "RunTask", "StopTask", "DescribeTasks", "RegisterTaskDefinition", "DescribeTaskDefinition",
    "DescribeClusters", "DescribeCapacityProviders", "DescribeContainerInstances",
}  # fmt: skip


ROLES: dict[str, Any] = {
    "execution_role": "arn:aws:iam::000000000000:role/x",
    "task_role": "arn:aws:iam::000000000000:role/t",
    "infrastructure_role": "arn:aws:iam::000000000000:role/i",
}
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:s"


def targets() -> Iterator[Target]:
    """Every kind of network and capacity that the settings can ask for."""
    interfaces: dict[str, Any] = {"subnets": ("subnet-0d0",), "security_groups": ("sg-0d",)}
    yield Target(name="host", cluster="local", work_bucket="s3://work", **ROLES)
    yield Target(name="awsvpc", cluster="local", tags=(("project", "p"),), **interfaces, **ROLES)
    yield Target(
        name="fargate", cluster="two", capacity_providers=("FARGATE",), subnets=("subnet-0d0",),
        assign_public_ip=False, log_mode="blocking", platform_version="1.4.0", ecs_managed_tags=True, **ROLES,
    )  # fmt: skip
    volumes = Volume.several(["/var/ref:/ref:ro", "fs-12345678:/data"])
    yield Target(name="bare", cluster="bare", capacity_providers=("EC2",), volumes=volumes)


SPECS = [
    TaskSpec(container="busybox"),
    TaskSpec(
        container="busybox", command=["echo", ""], entry_point=["sh"], environment={"A": ""}, tags={"k": "v"},
        cpus=0.25, memory="512 MB", user="1000:1000", working_directory="/tmp", stop_timeout=30, name="named",
    ),
    TaskSpec(
        containers=[
            ContainerSpec(container="a", depends_on=[Dependency(container="db", condition="HEALTHY")]),
            ContainerSpec(
                name="db", container="b", essential=False, environment={"B": "1"},
                health_check=HealthCheck(command=["CMD-SHELL", "true"], start_period=3),
            ),
        ],
    ),
]  # fmt: skip

FUSED: dict[str, Any] = {"container": "b", "fusion": True, "work_dir": "s3://work/ab/12"}
EVERYTHING: list[tuple[str, dict[str, Any]]] = [
    ("host", {"container": "b", "accelerator": "2 nvidia-tesla-t4", "capacity_providers": ["gpus"]}),
    ("host", {"container": "b", "disk": "500 GB gp3", "tags": {"k": "v"}}),
    ("host", {"container": "b", "command": ["x" * 9_000], "environment": {"A": "1"}}),
    ("host", {"container": "b", "command": ["x" * 9_000], "entry_point": ["sh", "-c"]}),
    ("host", FUSED),
    ("host", FUSED | {"command": ["ls"], "environment": {"A": "1"}}),
    ("awsvpc", {"container": "b", "container_options": "--init --ulimit nofile=10:20 -e A=1", "cpus": 2}),
    ("awsvpc", {"container": "b", "secrets": {"S": SECRET}, "environment_files": ["s3://work/a.env"]}),
    ("awsvpc", {"container": "b", "execute_command": True, "task_role": ROLES["task_role"]}),
    ("awsvpc", {"container": "b", "volumes": ["fs-12345678:/data:ro"], "network": "host"}),
    ("fargate", {"container": "b", "disk": "100 GB", "environment_files": ["s3://work/a.env"]}),
    ("fargate", {"container": "b", "cpus": 3, "architecture": "arm64", "execute_command": True}),
]


@asynccontextmanager
async def three_clusters() -> AsyncIterator[tuple[Dispatcher, TappedCloud]]:
    """A dispatcher with all targets; what it asked is held to botocore's model at the end."""
    neighbours = Neighbours()
    neighbours.buckets.add("work")
    async with TappedCloud(duration_seconds=30) as cloud:
        cloud.perform("ecs", "CreateCluster", {"clusterName": "two", "capacityProviders": ["FARGATE"]})
        cloud.perform("ecs", "CreateCluster", {"clusterName": "bare"})
        await provider(cloud, "gpus", {"acceleratorNames": ["t4"], "acceleratorCount": {"min": 1}})
        every = tuple(targets())
        async with rehearsal(cloud=cloud, neighbours=neighbours, targets=every) as (dispatcher, _):
            yield dispatcher, cloud
    for asked in cloud.asked:
        if asked.operation in OPERATIONS:
            assert problems(asked.operation, asked.params) == ""


async def test_every_request_is_valid_by_botocores_model() -> None:
    """An unknown member, a wrong type or a missing one would be found here, not in production."""
    async with three_clusters() as (dispatcher, cloud):
        for target in targets():
            for spec in SPECS:
                await dispatcher.submit(TaskSpec(**fields_of(spec) | {"target": target.name}))
        await dispatcher.submit_copies(SPECS[1], 12)
        await dispatcher.submit_array(SPECS[1], 3)
        await dispatcher.tasks()[0].cancel("because")
        await dispatcher.drain()
        assert cloud.ecs.launcher.made >= 4 * len(SPECS) + 15 - 1
    seen = {asked.operation for asked in cloud.asked}
    assert seen - {"FilterLogEvents", "CreateCapacityProvider"} == OPERATIONS - ({"StopTask"} - seen)


@pytest.mark.parametrize(("target", "fields"), EVERYTHING)
async def test_all_that_a_task_may_ask_is_accepted(target: str, fields: dict[str, Any]) -> None:
    """By botocore's model and by the rules of the local cloud, which are ECS's as documented."""
    async with three_clusters() as (dispatcher, cloud):
        task = await dispatcher.submit(TaskSpec(**fields, target=target))
        result = await task.result()
        assert result.state is State.SUCCEEDED, result.reason
        (asked,) = cloud.of("RunTask")
        assert len(json.dumps(asked.params["overrides"])) < 8_192


def fields_of(spec: TaskSpec) -> dict[str, Any]:
    """Its fields by name."""
    return {name: getattr(spec, name) for name in spec.__slots__}


def test_the_check_itself_finds_what_is_wrong() -> None:
    """A check that passes everything would protect nothing."""
    assert "taskDefinition" in problems("RunTask", {"count": 1})
    assert "Invalid type" in problems("RunTask", {"taskDefinition": "a", "count": "1"})
    assert "cuont" in problems("RunTask", {"taskDefinition": "a", "cuont": 1})
