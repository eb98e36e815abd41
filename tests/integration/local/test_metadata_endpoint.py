"""The metadata endpoint over HTTP, as a real process in a task sees it."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

from awsecs_async.local.metadata import Metadata
from awsecs_async.local.reports import Report
from awsecs_async.local.runtimes.port import ContainerRun, TaskPlan
from awsecs_async.local.runtimes.process import ProcessRuntime
from awsecs_async.local.supervisor import Surroundings, TaskSupervisor

SECONDS = 30.0  # a bound for a hanging test
ARN = "arn:aws:ecs:us-east-1:000000000000:task/local/1"
CURIOUS = """
import os, urllib.request, urllib.error
uri = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
for path in ("", "/task", "/taskWithTags", "/stats", "/task/stats"):
    with urllib.request.urlopen(uri + path) as answer:
        print(answer.read().decode())
try:
    urllib.request.urlopen(uri + "0")
except urllib.error.HTTPError as error:
    print(error.code)
"""


async def test_a_process_reads_its_own_metadata() -> None:
    """A task's process finds the endpoint in its environment and reads itself and its task there."""
    metadata = Metadata()
    application = web.Application()
    application.add_routes(metadata.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = "http://{}:{}".format(*runner.addresses[0][:2])
    command = (sys.executable, "-c", CURIOUS)
    run = ContainerRun(task_arn=ARN, task_id="1", name="main", image=None, command=command)
    plan = TaskPlan(task_arn=ARN, task_id="1", cluster_arn="c", family="f", revision=1, containers=(run,))
    metadata.admit(plan, 0.0, {"who": "me"})
    lines: list[str] = []
    runtime = ProcessRuntime()

    def hear(report: Report) -> None:
        metadata.hear(report)

    def output(_run: ContainerRun, line: str) -> None:
        lines.append(line)

    surroundings = Surroundings(report=hear, output=output, metadata_address=address)
    async with asyncio.timeout(SECONDS):
        await TaskSupervisor(plan, runtime, surroundings).run()
    await runtime.close()
    await runner.cleanup()
    container, task, tagged, stats, task_stats, stranger = (json.loads(line) for line in lines)
    assert (container["Name"], container["KnownStatus"]) == ("main", "RUNNING")
    assert (task["TaskARN"], task["Containers"]) == (ARN, [container])
    assert tagged["TaskTags"] == {"who": "me"}
    assert (stats, task_stats, stranger) == ({}, {container["DockerId"]: {}}, 404)
