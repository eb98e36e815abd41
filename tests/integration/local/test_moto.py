"""The neighbour: moto behind the same door."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from awsecs_async.local.child import LocalCloud
from tests.integration.local.conftest import client

pytest.importorskip("moto", reason="moto is an extra: pip install awsecs-async[local]")
pytest.importorskip("flask", reason="moto's server needs flask: pip install awsecs-async[local]")

Clients = dict[str, Any]


async def test_s3_keeps_what_is_put(neighbours: Clients) -> None:
    """Bytes and awkward keys pass both ways, also above the size at which a client asks to go on."""
    s3 = neighbours["s3"]
    await s3.create_bucket(Bucket="bucket")
    body, key = bytes(range(256)) * 8192, "a b/\u00fc+%25"
    await s3.put_object(Bucket="bucket", Key=key, Body=body)
    answer = await s3.get_object(Bucket="bucket", Key=key)
    assert await answer["Body"].read() == body
    assert (await s3.head_object(Bucket="bucket", Key=key))["ContentLength"] == len(body)
    with pytest.raises(s3.exceptions.NoSuchKey):
        await s3.get_object(Bucket="bucket", Key="none")


async def test_state_changes_reach_a_queue(neighbours: Clients, clients: Clients) -> None:
    """An EventBridge rule sends what becomes of tasks to SQS, as a dispatcher with events has it."""
    pytest.importorskip("jsonpath_ng", reason="moto's EventBridge needs jsonpath-ng")
    sqs, events, ecs = neighbours["sqs"], neighbours["events"], clients["ecs"]
    queue = (await sqs.create_queue(QueueName="tasks"))["QueueUrl"]
    attributes = await sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    pattern = {"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}}
    await events.put_rule(Name="tasks", EventPattern=json.dumps(pattern))
    await events.put_targets(Rule="tasks", Targets=[{"Id": "1", "Arn": attributes["Attributes"]["QueueArn"]}])
    await ecs.register_task_definition(
        family="job",
        requiresCompatibilities=["MANAGED_INSTANCES"],
        networkMode="host",
        containerDefinitions=[{"name": "main", "image": "busybox", "command": ["true"]}],
    )
    arn = (await ecs.run_task(cluster="local", taskDefinition="job"))["tasks"][0]["taskArn"]
    async with asyncio.timeout(30):
        messages: list[Any] = []
        while not messages:
            answer = await sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)
            messages = answer.get("Messages", [])
    detail = json.loads(messages[0]["Body"])["detail"]
    assert (detail["taskArn"], detail["lastStatus"]) == (arn, "STOPPED")


async def test_environment_files_come_from_s3(neighbours: Clients, clients: Clients) -> None:
    """A task has the variables of an object put before; one whose object is missing does not start."""
    s3, ecs = neighbours["s3"], clients["ecs"]
    await s3.create_bucket(Bucket="bucket")
    await s3.put_object(Bucket="bucket", Key="a b/job.env", Body=b"CODE=42\n")
    await ecs.register_task_definition(
        family="job",
        requiresCompatibilities=["MANAGED_INSTANCES"],
        networkMode="host",
        containerDefinitions=[{"name": "main", "image": "busybox", "command": ["sh", "-c", "exit $CODE"]}],
    )
    arns = []
    for key in ("a b/job.env", "none.env"):
        file = {"type": "s3", "value": f"arn:aws:s3:::bucket/{key}"}
        overrides = {"containerOverrides": [{"name": "main", "environmentFiles": [file]}]}
        answer = await ecs.run_task(cluster="local", taskDefinition="job", overrides=overrides)
        arns.append(answer["tasks"][0]["taskArn"])
    await ecs.get_waiter("tasks_stopped").wait(cluster="local", tasks=arns, WaiterConfig={"Delay": 1})
    right, wrong = (await ecs.describe_tasks(cluster="local", tasks=arns))["tasks"]
    assert right["containers"][0]["exitCode"] == 42
    assert wrong["stopCode"] == "TaskFailedToStart"
    assert "failed to download env files" in wrong["stoppedReason"]


async def test_subnets_are_those_of_ec2() -> None:
    """Where the cloud is told to look them up, made-up ones are refused, and instances are in their zones."""
    async with (
        LocalCloud(runtime="scripted", arguments=["--check-subnets"]) as cloud,
        client(cloud, "ec2") as ec2,
        client(cloud, "ecs") as ecs,
    ):
        subnet = (await ec2.describe_subnets())["Subnets"][4]
        container = {"name": "main", "image": "busybox"}
        await ecs.register_task_definition(
            family="job", requiresCompatibilities=["MANAGED_INSTANCES"], containerDefinitions=[container]
        )
        template: dict[str, Any] = {
            "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
            "networkConfiguration": {"subnets": [subnet["SubnetId"]]},
        }
        provider = {
            "infrastructureRoleArn": "arn:aws:iam::000000000000:role/x",
            "instanceLaunchTemplate": template,
        }
        await ecs.create_capacity_provider(name="mi", cluster="local", managedInstancesProvider=provider)
        call = {
            "cluster": "local",
            "taskDefinition": "job",
            "capacityProviderStrategy": [{"capacityProvider": "mi", "weight": 1}],
        }
        network = {"awsvpcConfiguration": {"subnets": [subnet["SubnetId"]]}}
        arn = (await ecs.run_task(**call, networkConfiguration=network))["tasks"][0]["taskArn"]
        await ecs.get_waiter("tasks_stopped").wait(cluster="local", tasks=[arn], WaiterConfig={"Delay": 1})
        task = (await ecs.describe_tasks(cluster="local", tasks=[arn]))["tasks"][0]
        assert task["availabilityZone"] == subnet["AvailabilityZone"]
        network["awsvpcConfiguration"]["subnets"] = ["subnet-none"]
        with pytest.raises(ClientError, match="subnet-none"):
            await ecs.run_task(**call, networkConfiguration=network)


async def test_what_moto_does_not_do_is_an_error_that_clients_read(cloud: LocalCloud) -> None:
    """No page of HTML, and nothing that is asked five times."""
    async with client(cloud, "pricing") as pricing:
        with pytest.raises(ClientError) as refusal:
            await pricing.get_products(ServiceCode="AmazonECS")
    assert refusal.value.response["Error"]["Code"] == "UnsupportedFeatureException"
