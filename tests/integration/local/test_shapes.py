"""Every answer of the local cloud fits the shape that botocore's service model gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.model import Shape
from botocore.validate import ParamValidator

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.events import state_change
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import CloudSettings, Delays

Params = dict[str, Any]
Call = tuple[str, str, Callable[[dict[str, Any]], Params]]

ROLE = "arn:aws:iam::000000000000:role/x"
MANAGED: Params = {
    "infrastructureRoleArn": ROLE,
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": ROLE,
        "networkConfiguration": {"subnets": ["subnet-1"]},
    },
}
LOGGING = {"awslogs-group": "/g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}
JOB: Params = {
    "family": "job",
    "requiresCompatibilities": ["MANAGED_INSTANCES", "FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "tags": [{"key": "a", "value": "b"}],
    "containerDefinitions": [
        {"name": "main", "image": "x", "logConfiguration": {"logDriver": "awslogs", "options": LOGGING}},
        {
            "name": "side",
            "image": "y",
            "essential": False,
            "memory": 100,
            "healthCheck": {"command": ["CMD", "true"]},
            "dependsOn": [{"containerName": "main", "condition": "START"}],
        },
    ],
}
RUN: Params = {
    "cluster": "local",
    "taskDefinition": "job",
    "count": 2,
    "startedBy": "me",
    "clientToken": "t",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}},
    "overrides": {"cpu": "512", "containerOverrides": [{"name": "main", "command": ["x"], "cpu": 10}]},
    "tags": [{"key": "a", "value": "b"}],
}


def say(**params: object) -> Callable[[dict[str, Any]], Params]:
    """A request that needs nothing of the answers before it."""
    return lambda _seen: dict(params)


def tasks(seen: dict[str, Any]) -> list[str]:
    """The ARNs that RunTask answered."""
    return [task["taskArn"] for task in seen["RunTask"]["tasks"]]


CALLS: list[Call] = [
    ("ecs", "CreateCluster", say(clusterName="mine", tags=[{"key": "a", "value": "b"}])),
    ("ecs", "CreateCapacityProvider", say(name="mi", cluster="mine", managedInstancesProvider=MANAGED)),
    ("ecs", "DescribeCapacityProviders", say(cluster="mine")),
    (
        *("ecs", "PutClusterCapacityProviders"),
        say(
            cluster="mine",
            capacityProviders=["FARGATE"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "mi"}],
        ),
    ),
    ("ecs", "DescribeClusters", say(clusters=["mine", "none"], include=["TAGS", "SETTINGS"])),
    ("ecs", "ListClusters", say(maxResults=1)),
    ("ecs", "DeleteCapacityProvider", say(capacityProvider="mi")),
    ("ecs", "DeleteCluster", say(cluster="mine")),
    ("logs", "CreateLogGroup", say(logGroupName="/g")),
    ("ecs", "RegisterTaskDefinition", say(**JOB)),
    ("ecs", "DescribeTaskDefinition", say(taskDefinition="job", include=["TAGS"])),
    ("ecs", "ListTaskDefinitions", say()),
    ("ecs", "ListTaskDefinitionFamilies", say()),
    ("ecs", "RunTask", say(**RUN)),
    ("ecs", "ListTasks", say(cluster="local", maxResults=1)),
    (
        "ecs",
        "DescribeTasks",
        lambda seen: {"cluster": "local", "tasks": [*tasks(seen), "0" * 32], "include": ["TAGS"]},
    ),
    ("ecs", "StopTask", lambda seen: {"cluster": "local", "task": tasks(seen)[0]}),
    (
        "ecs",
        "TagResource",
        lambda seen: {"resourceArn": tasks(seen)[0], "tags": [{"key": "c", "value": "d"}]},
    ),
    ("ecs", "ListTagsForResource", lambda seen: {"resourceArn": tasks(seen)[0]}),
    ("ecs", "UntagResource", lambda seen: {"resourceArn": tasks(seen)[0], "tagKeys": ["c"]}),
    ("ecs", "ListContainerInstances", say(cluster="local")),
    (
        *("ecs", "DescribeContainerInstances"),
        lambda seen: {
            "cluster": "local",
            "containerInstances": seen["ListContainerInstances"]["containerInstanceArns"],
        },
    ),
    ("ecs", "ListAccountSettings", say()),
    ("ecs", "DeregisterTaskDefinition", say(taskDefinition="job:1")),
    ("ecs", "DeleteTaskDefinitions", say(taskDefinitions=["job:1", "job:9"])),
    ("logs", "PutRetentionPolicy", say(logGroupName="/g", retentionInDays=1)),
    ("logs", "DescribeLogGroups", say()),
    ("logs", "CreateLogStream", say(logGroupName="/g", logStreamName="s")),
    (
        *("logs", "PutLogEvents"),
        say(logGroupName="/g", logStreamName="s", logEvents=[{"timestamp": 0, "message": "x"}]),
    ),
    ("logs", "DescribeLogStreams", say(logGroupName="/g", limit=1)),
    ("logs", "FilterLogEvents", say(logGroupName="/g", limit=1)),
    ("logs", "GetLogEvents", lambda seen: {"logGroupName": "/g", "logStreamName": "s"}),
    ("logs", "DeleteLogStream", say(logGroupName="/g", logStreamName="s")),
    ("logs", "DeleteLogGroup", say(logGroupName="/g")),
]


def parsed(value: Any, shape: Shape) -> Any:  # noqa: ANN401
    """What botocore's parser makes of an answer: epoch seconds become datetimes."""
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if shape.type_name == "structure":
        return {
            key: parsed(item, shape.members[key]) if key in shape.members else item
            for key, item in value.items()
        }
    if shape.type_name == "list":
        return [parsed(item, shape.member) for item in value]
    return value


def misfits(operation: Any, member: str, value: Params) -> str:  # noqa: ANN401
    """What does not fit, in botocore's words; empty if all does. Unknown members do not fit either."""
    shape = getattr(operation, member)
    if shape is None:
        return "" if not value else f"{operation.name} has no {member}, but there was {value}"
    return str(ParamValidator().validate(parsed(value, shape), shape).generate_report())


@pytest.mark.virtual_time
async def test_answers_fit_their_shapes() -> None:
    """Requests and answers alike are checked, for every operation that the local cloud has."""
    session = botocore.session.get_session()
    models = {service: session.get_service_model(service) for service in ("ecs", "logs")}
    seen: dict[str, Any] = {}
    settings = CloudSettings(delays=Delays(pulling=0.5))
    script = Script(duration_seconds=1, output=("one", "two"))
    async with Cloud(settings, scripts=every_container(script)) as cloud:
        for service, operation, request in CALLS:
            model = models[service].operation_model(operation)
            params = request(seen)
            assert misfits(model, "input_shape", params) == ""
            seen[operation] = await cloud.call(service, operation, params)
            assert misfits(model, "output_shape", seen[operation]) == "", operation
            if operation in {"RunTask", "StopTask"}:
                await asyncio.sleep(1)
        known = {f"{service}:{operation}" for service, operation, _ in CALLS}
        assert known == {f"ecs:{name}" for name in cloud.ecs.operations} | {
            f"logs:{name}" for name in cloud.logs.operations
        }


@pytest.mark.virtual_time
async def test_tasks_fit_their_shape_in_every_state() -> None:
    """Also what is told when a task has failed to start, was stopped, or has ended by itself."""
    shape = botocore.session.get_session().get_service_model("ecs").shape_for("Task")
    seen: list[Params] = []
    async with Cloud(scripts=every_container(Script(duration_seconds=1))) as cloud:
        cloud.listen(seen.append)
        await cloud.call("logs", "CreateLogGroup", {"logGroupName": "/g"})
        await cloud.call("ecs", "RegisterTaskDefinition", JOB)
        for _ in range(3):
            answer = await cloud.call("ecs", "RunTask", {**RUN, "clientToken": str(len(seen))})
            for task in cloud.ecs.tasks():
                report = ParamValidator().validate(parsed(task.wire(), shape), shape)
                assert report.generate_report() == ""
            await asyncio.sleep(0.7)
            task = answer["tasks"][0]
            await cloud.call("ecs", "StopTask", {"cluster": "local", "task": task["taskArn"]})
        await asyncio.sleep(5)
        last = state_change(cloud.ecs.tasks()[-1], 0, "us-east-1", "0" * 12)
    assert last["detail"]["lastStatus"] == "STOPPED"
    assert {event["detail-type"] for event in seen} == {"ECS Task State Change"}
