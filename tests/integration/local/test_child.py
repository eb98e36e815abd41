"""The local cloud as a child process: quick to be ready, and never left behind."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import aiohttp
import boto3
import pytest

from awsecs_async.local.child import LocalCloud, LocalCloudFailed
from tests.integration.submitting import wait_until_gone

PARENT = """
import asyncio, sys
from awsecs_async.local.child import LocalCloud

async def main():
    cloud = LocalCloud(runtime="process")
    await cloud.start()
    print(cloud.endpoint_url, cloud.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def gone(pid: int) -> None:
    """Wait until there is no such process; the kernel says when."""
    assert await asyncio.to_thread(wait_until_gone, pid, 20)


async def target(url: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """One operation of ECS by hand."""
    headers = {"X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=json.dumps(params), headers=headers) as answer,
    ):
        content: dict[str, Any] = json.loads(await answer.read())
        return content


async def test_close_ends_the_child() -> None:
    """After `async with` there is no process."""
    async with LocalCloud(runtime="process") as cloud:
        pid = cloud.pid
        assert pid is not None
        assert cloud.environment()["AWS_ENDPOINT_URL_ECS"] == cloud.endpoint_url
    await gone(pid)
    with pytest.raises(LocalCloudFailed, match="not running"):
        _ = cloud.endpoint_url


async def test_a_child_that_cannot_start_says_so() -> None:
    """A wrong argument is an error at once, not a wait."""
    with pytest.raises(LocalCloudFailed, match="ended before it was ready"):
        async with LocalCloud(arguments=("--no-such-argument",)):
            pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
async def test_the_child_and_its_processes_end_with_a_killed_parent() -> None:
    """kill -9 of the parent takes the cloud and a running container's process with it."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    url, pid = (await asyncio.wait_for(parent.stdout.readline(), 20)).decode().split()
    container = {"name": "main", "image": "busybox", "command": ["sleep", "60"]}
    definition = {"family": "job", "requiresCompatibilities": ["MANAGED_INSTANCES"], "networkMode": "host"}
    await target(url, "RegisterTaskDefinition", {**definition, "containerDefinitions": [container]})
    run = await target(url, "RunTask", {"cluster": "local", "taskDefinition": "job"})
    arn = run["tasks"][0]["taskArn"]
    async with asyncio.timeout(20):
        status = ""
        while status != "RUNNING":
            answer = await target(url, "DescribeTasks", {"cluster": "local", "tasks": [arn]})
            status = answer["tasks"][0]["lastStatus"]
            await asyncio.sleep(0.06)
    parent.kill()
    await parent.wait()
    await gone(int(pid))


async def test_boto3_speaks_to_it_as_well() -> None:
    """The door is for every AWS SDK, also a synchronous one in a thread."""

    def families(url: str) -> list[str]:
        client = boto3.client(
            "ecs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
        )
        try:
            client.register_task_definition(
                family="f", containerDefinitions=[{"name": "a", "image": "b", "memory": 16}]
            )
            listed: list[str] = client.list_task_definition_families()["families"]
            return listed
        finally:
            client.close()

    async with LocalCloud(runtime="scripted") as cloud:
        assert await asyncio.to_thread(families, cloud.endpoint_url) == ["f"]
