"""The AWS CLI and boto3 use the local cloud, told of it by nothing but the lines that it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.local.outsiders import (
    Aws,
    Unavailable,
    foreground_cloud,
    imported_image,
    installed_cli,
)

pytestmark = pytest.mark.slow  # each call of the AWS CLI takes a second

GROUP = "/outsiders"
Clients = Any  # boto3's clients have no types of their own


def definition(image: str, *command: str) -> dict[str, Any]:
    """What RegisterTaskDefinition takes: family `job`, one container."""
    options = {
        "awslogs-group": GROUP,
        "awslogs-create-group": "true",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "job",
    }
    container = {
        "name": "main",
        "image": image,
        "memory": 64,
        "command": list(command),
        "environment": [{"name": "GREETING", "value": "hello"}],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    return {
        "family": "job",
        "requiresCompatibilities": ["MANAGED_INSTANCES"],  # what cluster `local` has
        "networkMode": "host",
        "containerDefinitions": [container],
    }


@pytest.fixture
def aws(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Aws]:
    """The AWS CLI on a cloud of its own; the test's parameter is the runtime."""
    cache = request.config.cache
    if cache is None:
        pytest.skip("pytest's cache, where the AWS CLI is kept, is switched off")
    try:
        program = installed_cli(cache.mkdir("awscli"))
    except Unavailable as missing:
        pytest.skip(str(missing))
    with foreground_cloud(tmp_path, "--runtime", request.param) as environment:
        yield Aws(program=program, environment=environment)


def register(aws: Aws, image: str, *command: str) -> None:
    """Register `job`."""
    aws("ecs", "register-task-definition", "--cli-input-json", json.dumps(definition(image, *command)))


def run(aws: Aws) -> str:
    """Run one `job`; its ARN."""
    answer = aws("ecs", "run-task", "--cluster", "local", "--task-definition", "job")
    assert answer["failures"] == []
    return str(answer["tasks"][0]["taskArn"])


def ended(aws: Aws, arn: str) -> dict[str, Any]:
    """Wait for the end of a task, and describe it."""
    aws("ecs", "wait", "tasks-stopped", "--cluster", "local", "--tasks", arn)
    task: dict[str, Any] = aws("ecs", "describe-tasks", "--cluster", "local", "--tasks", arn)["tasks"][0]
    return task


def lines(aws: Aws) -> list[str]:
    """All that was logged."""
    found: list[str] = aws(
        "logs", "filter-log-events", "--log-group-name", GROUP, "--query", "events[].message"
    )
    return found


@pytest.mark.parametrize("aws", ["process"], indirect=True)
def test_the_cli_runs_a_task_and_reads_its_log(aws: Aws) -> None:
    """Register, run, wait, describe, read: what somebody types first."""
    register(aws, "busybox", "sh", "-c", "echo $GREETING; echo again >&2; exit 3")
    task = ended(aws, run(aws))
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", 3)
    assert lines(aws) == ["hello", "again"]


@pytest.mark.parametrize("aws", ["process"], indirect=True)
def test_the_cli_stops_a_task(aws: Aws) -> None:
    """A task that would run for ever ends with the reason that was given."""
    register(aws, "busybox", "sleep", "600")
    arn = run(aws)
    aws("ecs", "wait", "tasks-running", "--cluster", "local", "--tasks", arn)
    aws("ecs", "stop-task", "--cluster", "local", "--task", arn, "--reason", "enough")
    task = ended(aws, arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert task["containers"][0]["exitCode"] == 143


@pytest.mark.container
@pytest.mark.parametrize("aws", ["container"], indirect=True)
def test_the_cli_runs_a_container(aws: Aws) -> None:
    """A real container sees its image's files, its environment and its metadata endpoint."""
    try:
        image = imported_image()
    except Unavailable as missing:
        pytest.skip(str(missing))
    register(
        aws,
        image,
        *("/bin/sh", "-c"),
        'cat /note.txt; echo "$GREETING"; wget -qO- "$ECS_CONTAINER_METADATA_URI_V4/task"',
    )
    arn = run(aws)
    task = ended(aws, arn)
    assert task["containers"][0].get("exitCode") == 0, task
    note, greeting, metadata = lines(aws)
    assert (note, greeting) == ("a file of the image", "hello")
    assert json.loads(metadata)["TaskARN"] == arn


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Makes boto3's clients as anybody does: `clients("ecs")`, all else from the environment."""
    made = []

    def client(service: str) -> Any:  # noqa: ANN401
        made.append(boto3.Session().client(service))
        return made[-1]

    with foreground_cloud(tmp_path, "--runtime", "process") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield client
        for each in made:
            each.close()


def test_boto3_runs_a_task_and_reads_its_log(clients: Clients) -> None:
    """boto3's waiters, paginators and error classes fit the cloud's answers."""
    ecs, logs = clients("ecs"), clients("logs")
    ecs.register_task_definition(**definition("busybox", "sh", "-c", "echo $GREETING; exit 3"))
    arn = ecs.run_task(cluster="local", taskDefinition="job")["tasks"][0]["taskArn"]
    patience = {"Delay": 1, "MaxAttempts": 30}
    ecs.get_waiter("tasks_stopped").wait(cluster="local", tasks=[arn], WaiterConfig=patience)
    task = ecs.describe_tasks(cluster="local", tasks=[arn])["tasks"][0]
    assert task["containers"][0]["exitCode"] == 3
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    assert [event["message"] for page in pages for event in page["events"]] == ["hello"]
    listed = ecs.get_paginator("list_tasks").paginate(cluster="local", desiredStatus="STOPPED")
    assert [found for page in listed for found in page["taskArns"]] == [arn]
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.run_task(cluster="nowhere", taskDefinition="job")


def test_boto3_stops_a_task(clients: Clients) -> None:
    """StopTask by boto3 ends the process, and says so."""
    ecs = clients("ecs")
    ecs.register_task_definition(**definition("busybox", "sleep", "600"))
    arn = ecs.run_task(cluster="local", taskDefinition="job")["tasks"][0]["taskArn"]
    patience = {"Delay": 1, "MaxAttempts": 30}
    ecs.get_waiter("tasks_running").wait(cluster="local", tasks=[arn], WaiterConfig=patience)
    ecs.stop_task(cluster="local", task=arn, reason="enough")
    ecs.get_waiter("tasks_stopped").wait(cluster="local", tasks=[arn], WaiterConfig=patience)
    task = ecs.describe_tasks(cluster="local", tasks=[arn])["tasks"][0]
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")


def test_boto3_chooses_its_machine(clients: Clients) -> None:
    """A provider, a constraint and a volume made with boto3; the instance is described, the bad refused."""
    ecs = clients("ecs")
    requirements = {
        "vCpuCount": {"min": 2},
        "memoryMiB": {"min": 0},
        "allowedInstanceTypes": ["m5.*", "c5.*"],
    }
    template = {
        "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
        "networkConfiguration": {"subnets": ["subnet-1"]},
        "instanceRequirements": requirements,
    }
    provider = {
        "infrastructureRoleArn": "arn:aws:iam::000000000000:role/x",
        "instanceLaunchTemplate": template,
    }
    ecs.create_capacity_provider(name="mine", cluster="local", managedInstancesProvider=provider)
    job = definition("busybox", "sleep", "600")
    ecs.register_task_definition(**job, volumes=[{"name": "work", "configuredAtLaunch": True}])
    disk = {"roleArn": "arn:aws:iam::000000000000:role/x", "sizeInGiB": 100}
    wanted = {
        "cluster": "local",
        "taskDefinition": "job",
        "capacityProviderStrategy": [{"capacityProvider": "mine", "weight": 1}],
        "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.instance-type =~ c5.*"}],
        "volumeConfigurations": [{"name": "work", "managedEBSVolume": disk}],
    }
    arn = ecs.run_task(**wanted)["tasks"][0]["taskArn"]
    ecs.get_waiter("tasks_running").wait(cluster="local", tasks=[arn], WaiterConfig={"Delay": 1})
    task = ecs.describe_tasks(cluster="local", tasks=[arn])["tasks"][0]
    listed = ecs.get_paginator("list_container_instances").paginate(cluster="local")
    assert task["containerInstanceArn"] in [
        found for page in listed for found in page["containerInstanceArns"]
    ]
    described = ecs.describe_container_instances(
        cluster="local", containerInstances=[task["containerInstanceArn"]]
    )
    shown = {item["name"]: item.get("value") for item in described["containerInstances"][0]["attributes"]}
    assert shown["ecs.instance-type"] == "c5.large"
    assert task["attachments"][0]["type"] == "AmazonElasticBlockStorage"
    disk["sizeInGiB"] = 0
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.run_task(**wanted)


def test_boto3_finds_the_other_services_at_the_same_address(clients: Clients) -> None:
    """S3, SQS and STS are moto's, behind the one endpoint that was exported."""
    assert clients("sts").get_caller_identity()["Account"] == "000000000000"
    s3, sqs = clients("s3"), clients("sqs")
    s3.create_bucket(Bucket="outsiders")
    s3.put_object(Bucket="outsiders", Key="a/b c", Body=b"bytes")
    assert s3.get_object(Bucket="outsiders", Key="a/b c")["Body"].read() == b"bytes"
    queue = sqs.create_queue(QueueName="outsiders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="word")
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in received] == ["word"]
