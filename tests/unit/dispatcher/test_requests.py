"""What we send is what AWS's own model of its API accepts, name by name and type by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

OPERATIONS = {
    "RunTask", "StopTask", "DescribeTasks", "RegisterTaskDefinition", "DescribeTaskDefinition",
    "DescribeClusters", "DescribeCapacityProviders",
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    """ECS as botocore knows it."""
    return ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")


def targets() -> Iterator[Target]:
    """Every kind of network and capacity that the settings can ask for."""
    roles: dict[str, Any] = {"execution_role": "arn:aws:iam::1:role/x", "task_role": "arn:aws:iam::1:role/t"}
    yield Target(name="host", cluster="local", **roles)
    yield Target(name="awsvpc", cluster="local", subnets=("subnet-1",), security_groups=("sg-1",))
    yield Target(
        name="fargate", cluster="two", capacity_providers=("FARGATE",), subnets=("subnet-1",),
        assign_public_ip=False, log_mode="blocking", **roles,
    )  # fmt: skip
    yield Target(name="bare", cluster="bare")


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


async def test_every_request_is_valid_by_botocores_model(model: ServiceModel) -> None:
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
            assert problems(model, asked.operation, asked.params) == ""


def fields_of(spec: TaskSpec) -> dict[str, Any]:
    """Its fields by name."""
    return {name: getattr(spec, name) for name in spec.__slots__}


def problems(model: ServiceModel, operation: str, params: dict[str, Any]) -> str:
    """What botocore would complain of, and the names that it does not know."""
    shape = model.operation_model(operation).input_shape
    report: str = ParamValidator().validate(params, shape).generate_report()
    unknown = sorted(_unknown(params, shape))
    return report + (f" unknown: {unknown}" if unknown else "")


def _unknown(value: Any, shape: Any) -> Iterator[str]:  # noqa: ANN401 (JSON, and botocore has no types)
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from _unknown(member, shape.members[name])
            else:
                yield f"{shape.name}.{name}"
    elif shape.type_name == "list":
        for member in value:
            yield from _unknown(member, shape.member)


def test_the_check_itself_finds_what_is_wrong(model: ServiceModel) -> None:
    """A check that passes everything would protect nothing."""
    assert "taskDefinition" in problems(model, "RunTask", {"count": 1})
    assert "Invalid type" in problems(model, "RunTask", {"taskDefinition": "a", "count": "1"})
    assert "cuont" in problems(model, "RunTask", {"taskDefinition": "a", "cuont": 1})
