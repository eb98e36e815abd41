"""What the local cloud costs in process: ten thousand tasks launched, watched and finished."""

from __future__ import annotations

import time

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings

TASKS = 10_000
SWEEPS = 25
CPU_SECONDS = 4.0  # about 1.3 on a quiet machine; a simulation of a dispatcher must not wait for its cloud


async def test_ten_thousand_tasks_take_seconds() -> None:
    """A quarter of a million task views are cheap, since a view is built only when its task changes."""
    now = 1_790_000_000.0
    script = every_container(Script(duration_seconds=30))
    cloud = Cloud(CloudSettings(quotas=NO_QUOTAS, seed=1), scripts=script, clock=lambda: now)
    definition = {
        "family": "job",
        "requiresCompatibilities": ["MANAGED_INSTANCES"],
        "networkMode": "host",
        "containerDefinitions": [{"name": "main", "image": "busybox"}],
    }
    async with cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", definition)
        began, arns, views = time.process_time(), [], 0
        for number in range(TASKS):
            override = {"name": "main", "command": ["job", str(number)]}
            run = {
                "cluster": "local",
                "taskDefinition": "job",
                "clientToken": str(number),
                "overrides": {"containerOverrides": [override]},
            }
            arns.append((await cloud.call("ecs", "RunTask", run))["tasks"][0]["taskArn"])
            now += 0.001
        for _ in range(SWEEPS):
            now += 2
            for first in range(0, TASKS, 100):
                batch = {"cluster": "local", "tasks": arns[first : first + 100]}
                answer = await cloud.call("ecs", "DescribeTasks", batch)
                views += sum(task["lastStatus"] == "STOPPED" for task in answer["tasks"])
        spent = time.process_time() - began
    print(f"{TASKS} tasks, {TASKS * SWEEPS} views: {spent:.2f} s of CPU")
    assert cloud.ecs.launcher.made == TASKS
    assert views > TASKS
    assert spent < CPU_SECONDS
