"""The HTTP door as aiobotocore sees it, with real processes behind it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError, HTTPClientError

from awsecs_async.local.child import LocalCloud

Clients = dict[str, Any]


async def register(clients: Clients, *command: str) -> None:
    """Register `job`, which logs to /jobs."""
    options = {"awslogs-group": "/jobs", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "job"}
    logging = {"logDriver": "awslogs", "options": {**options, "awslogs-create-group": "true"}}
    await clients["ecs"].register_task_definition(
        family="job",
        requiresCompatibilities=["MANAGED_INSTANCES"],
        networkMode="host",
        containerDefinitions=[
            {"name": "main", "image": "busybox", "command": list(command), "logConfiguration": logging}
        ],
    )


async def until(clients: Clients, arn: str, status: str) -> dict[str, Any]:
    """Describe a task, no faster than its quota allows, until it has this status."""
    async with asyncio.timeout(30):
        while True:
            answer = await clients["ecs"].describe_tasks(cluster="local", tasks=[arn])
            task: dict[str, Any] = answer["tasks"][0]
            if task["lastStatus"] in {status, "STOPPED"}:
                return task
            await asyncio.sleep(0.06)


async def run(clients: Clients, **params: object) -> str:
    """RunTask of one `job`; its ARN."""
    answer = await clients["ecs"].run_task(cluster="local", taskDefinition="job", **params)
    return str(answer["tasks"][0]["taskArn"])


async def test_a_command_runs_and_its_output_is_found(clients: Clients) -> None:
    """From RunTask to the exit code and the log lines, through real processes and real HTTP."""
    await register(clients, "sh", "-c", "echo out; echo err >&2; exit 3")
    arn = await run(clients)
    task = await until(clients, arn, "STOPPED")
    assert task["containers"][0]["exitCode"] == 3
    assert task["stopCode"] == "EssentialContainerExited"
    found = await clients["logs"].filter_log_events(logGroupName="/jobs")
    assert [event["message"] for event in found["events"]] == ["out", "err"]
    task_id = arn.rpartition("/")[2]
    assert {event["logStreamName"] for event in found["events"]} == {f"job/main/{task_id}"}


async def test_stopping_ends_the_process(clients: Clients) -> None:
    """SIGTERM reaches the process, and the caller's reason is the task's."""
    await register(clients, "sleep", "600")
    arn = await run(clients)
    await until(clients, arn, "RUNNING")
    await clients["ecs"].stop_task(cluster="local", task=arn, reason="enough")
    task = await until(clients, arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert task["containers"][0]["exitCode"] == 143


async def test_a_command_that_is_not_there_fails_to_start(clients: Clients) -> None:
    """ECS's words for it, and no exit code."""
    await register(clients, "no-such-command-anywhere")
    task = await until(clients, await run(clients), "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart"
    assert "CannotStartContainerError" in task["containers"][0]["reason"]


async def test_errors_are_botocores(clients: Clients) -> None:
    """Modelled errors arrive as their classes, unmodelled ones by their code."""
    ecs = clients["ecs"]
    with pytest.raises(ecs.exceptions.ClusterNotFoundException, match="Cluster not found"):
        await ecs.list_tasks(cluster="nowhere")
    with pytest.raises(ecs.exceptions.UnsupportedFeatureException, match="does not do ecs:ListServices"):
        await ecs.list_services(cluster="local")
    await register(clients, "true")
    await run(clients, clientToken="t")
    with pytest.raises(ecs.exceptions.ConflictException) as conflict:
        await run(clients, clientToken="t", count=2)
    assert len(conflict.value.response["resourceIds"]) == 1


async def post(cloud: LocalCloud, path: str, content: dict[str, Any]) -> int:
    """POST JSON to the cloud's own pages; the status."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(cloud.endpoint_url + path, json=content) as answer,
    ):
        return answer.status


async def test_faults_are_set_over_http(cloud: LocalCloud, clients: Clients) -> None:
    """A dropped answer looks like a lost connection; misspelt faults are refused."""
    ecs = clients["ecs"]
    rule = {"kind": "throttle", "operation": "ListClusters", "times": 1}
    assert await post(cloud, "/_local/faults", {"rules": [rule]}) == 200
    with pytest.raises(ClientError) as refusal:
        await ecs.list_clusters()
    assert refusal.value.response["Error"]["Code"] == "ThrottlingException"
    drop = {"kind": "drop-after", "operation": "CreateCluster"}
    assert await post(cloud, "/_local/faults", {"rules": [drop]}) == 200
    with pytest.raises(HTTPClientError):
        await ecs.create_cluster(clusterName="dropped")
    assert await post(cloud, "/_local/faults", {}) == 200
    described = await ecs.describe_clusters(clusters=["dropped"])
    assert described["clusters"][0]["status"] == "ACTIVE"
    assert await post(cloud, "/_local/faults", {"rule": []}) == 400


async def test_the_cloud_tells_of_itself(cloud: LocalCloud, clients: Clients) -> None:
    """Calls, launches by command, and what a task's user should be told."""
    await register(clients, "true")
    arn = await run(clients)
    await until(clients, arn, "STOPPED")
    async with aiohttp.ClientSession() as session:
        async with session.get(cloud.endpoint_url + "/_local/") as answer:
            state = await answer.json()
        async with session.get(cloud.endpoint_url + "/_local/notices", params={"task": arn}) as answer:
            notices = (await answer.json())["notices"]
    assert state["calls"]["ecs:RunTask"] == 1
    assert state["launches"] == {"true": 1}
    assert "busybox ignored" in notices[0]["text"]


async def test_spot_is_interrupted_on_demand(cloud: LocalCloud, clients: Clients) -> None:
    """A running process is ended as a Spot instance's containers are."""
    await register(clients, "sleep", "600")
    arn = await run(clients)
    await until(clients, arn, "RUNNING")
    assert await post(cloud, "/_local/interrupt", {"task": arn}) == 200
    assert (await until(clients, arn, "STOPPED"))["stopCode"] == "SpotInterruption"


async def test_machines_are_taken_away_over_http(cloud: LocalCloud, clients: Clients) -> None:
    """A lost host takes its task, whatever that does on SIGTERM; half of one task on Spot is one."""
    await register(clients, "sh", "-c", "trap '' TERM; sleep 600")
    apart = [{"type": "distinctInstance"}]
    first, second = [await run(clients, placementConstraints=apart) for _ in range(2)]
    for arn in (first, second):
        await until(clients, arn, "RUNNING")
    assert await post(cloud, "/_local/lose-host", {"host": "i-none"}) == 404
    assert await post(cloud, "/_local/interrupt", {"share": 2}) == 400
    assert await post(cloud, "/_local/interrupt", {"share": 0.5}) == 200  # there is no Spot provider
    assert await post(cloud, "/_local/lose-host", {"host": first}) == 200
    lost = await until(clients, first, "STOPPED")
    assert lost["stopCode"] == "TerminationNotice"
    assert "exitCode" not in lost["containers"][0]
    assert await post(cloud, "/_local/interrupt", {"share": 0.5, "providers": ["local-*"]}) == 200
    stopped = await until(clients, second, "STOPPED")
    assert stopped["stoppedReason"].startswith("Host EC2 (instance i-")


async def test_malformed_requests_are_refused(cloud: LocalCloud) -> None:
    """What is not JSON, lacks a parameter or has one of the wrong type gets a 400, never a 500."""
    target = "AmazonEC2ContainerServiceV20141113.DescribeTasks"
    async with aiohttp.ClientSession(headers={"X-Amz-Target": target}) as session:
        for body in (b"{", b"[]", b"{}", b'{"tasks": 5}', b'{"tasks": [[]]}'):
            async with session.post(cloud.endpoint_url, data=body) as answer:
                assert answer.status == 400, body
                assert "__type" in json.loads(await answer.read())
