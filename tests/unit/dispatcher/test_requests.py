"""What we send is what AWS's own model of its API accepts, name by name and type by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud
from tests.unit.model.shapes import problems

OPERATIONS = {
    "RunTask", "StopTask", "DescribeTasks", "RegisterTaskDefinition", "DescribeTaskDefinition",
    "DescribeClusters", "DescribeCapacityProviders", "DescribeContainerInstances",
}  # fmt: skip


def targets() -> Iterator[Target]:
    """Every kind of network and capacity that the settings can ask for."""
    roles: dict[str, Any] = {
        "execution_role": "arn:aws:iam::000000000000:role/x",
        "task_role": "arn:aws:iam::000000000000:role/t",
    }
    yield Target(name="host", cluster="local", **roles)
    yield Target(name="awsvpc", cluster="local", subnets=("subnet-0d0",), security_groups=("sg-0d",))
    yield Target(
        name="fargate", cluster="two", capacity_providers=("FARGATE",), subnets=("subnet-0d0",),
        assign_public_ip=False, log_mode="blocking", **roles,
    )  # fmt: skip
    yield Target(name="bare", cluster="bare", capacity_providers=("EC2",))


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


async def test_every_request_is_valid_by_botocores_model() -> None:
    """An unknown member, a wrong type or a missing one would be found here, not in production."""
    async with TappedCloud(duration_seconds=30) as cloud:
        cloud.perform("ecs", "CreateCluster", {"clusterName": "two", "capacityProviders": ["FARGATE"]})
        cloud.perform("ecs", "CreateCluster", {"clusterName": "bare"})
        async with rehearsal(cloud=cloud, targets=tuple(targets())) as (dispatcher, _):
            for target in targets():
                for spec in SPECS:
                    await dispatcher.submit(TaskSpec(**fields_of(spec) | {"target": target.name}))
            await dispatcher.submit_copies(SPECS[1], 12)
            await dispatcher.submit_array(SPECS[1], 3)
            await dispatcher.tasks()[0].cancel("because")
            await dispatcher.drain()
            assert cloud.ecs.launcher.made >= 4 * len(SPECS) + 15 - 1
    seen = {asked.operation for asked in cloud.asked}
    assert seen - {"FilterLogEvents"} == OPERATIONS - ({"StopTask"} - seen)
    for asked in cloud.asked:
        if asked.operation in OPERATIONS:
            assert problems(asked.operation, asked.params) == ""


def fields_of(spec: TaskSpec) -> dict[str, Any]:
    """Its fields by name."""
    return {name: getattr(spec, name) for name in spec.__slots__}


def test_the_check_itself_finds_what_is_wrong() -> None:
    """A check that passes everything would protect nothing."""
    assert "taskDefinition" in problems("RunTask", {"count": 1})
    assert "Invalid type" in problems("RunTask", {"taskDefinition": "a", "count": "1"})
    assert "cuont" in problems("RunTask", {"taskDefinition": "a", "cuont": 1})
