"""Resident memory per live task, and which lines hold it.

Each task is unlike all others: a command of 200 characters and 5 variables, spec and handle included. Ten
thousand live in the local cloud, over HTTP. A hundred thousand would be minutes of HTTP, so they live in a
`Void` in this process, which answers as ECS does and keeps nothing; the same ten thousand are measured there
too, which shows how far the one stands for the other. What holds the memory is told by tracemalloc, from a
smaller run, because tracing costs memory and time itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import resource
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.engine.registry import Registry
from awsecs_async.errors import TargetBlocked
from awsecs_async.model.settings import Settings, Target
from awsecs_async.task import Task
from tests.bench.figures import Figure
from tests.bench.lag import LagProbe
from tests.bench.scene import LIFTED, cloud, full_task, settings, settle_in, until_launched

LIMIT_BYTES = 6 * 1024
FIRST_TASKS = 200  # launched before the count begins: connections, definition, code that is read once
TRACED_TASKS = 2_000
TOP = 14  # lines of the breakdown
LAG_SECONDS = 10.0  # one poll ceiling: every task is looked at once more


async def over_http(arguments: argparse.Namespace) -> list[Figure]:
    """Live tasks in the local cloud, and the loop's lag with so many."""
    async with (
        cloud(quotas=False) as place,
        Dispatcher(settings(place, LIFTED), leaving="leave") as dispatcher,
    ):
        settle_in()
        with LagProbe() as launching:
            held, tasks = await _held(dispatcher, arguments.live)
        with LagProbe() as polling:
            await asyncio.sleep(LAG_SECONDS)
        assert all(task.arn for task in tasks)
        return [
            _per_task(arguments.live, held, "over HTTP"),
            *launching.figures("launching as fast as it can: "),
            *polling.figures("polling all of them: "),
        ]


async def in_void(arguments: argparse.Namespace) -> list[Figure]:
    """As many live tasks, and many more, in a cloud that keeps nothing."""
    async with Dispatcher(
        _nowhere(arguments.many), registry=Registry(_to_void), leaving="leave"
    ) as dispatcher:
        few, tasks = await _held(dispatcher, arguments.live)
        more, more_tasks = await _held(dispatcher, arguments.many - arguments.live)
        del tasks, more_tasks
        return [
            _per_task(arguments.live, few, "void"),
            _per_task(arguments.many, few + more, "void"),
        ]


async def breakdown(_: argparse.Namespace) -> list[Figure]:
    """Bytes per live task by the file that asked for them; no verdict."""
    async with Dispatcher(_nowhere(TRACED_TASKS), registry=Registry(_to_void), leaving="leave") as dispatcher:
        await until_launched([await dispatcher.submit(full_task(-1 - n)) for n in range(FIRST_TASKS)])
        tracemalloc.start()
        tasks = [await dispatcher.submit(full_task(number)) for number in range(TRACED_TASKS)]
        await until_launched(tasks)
        gc.collect()
        held = tracemalloc.take_snapshot().filter_traces(
            (tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__),)
        )
        tracemalloc.stop()
    sizes: Counter[str] = Counter()
    for each in held.statistics("filename"):
        sizes[_short(Path(each.traceback[0].filename))] += each.size
    total = sum(sizes.values())
    lines = [*sizes.most_common(TOP), ("all files", total)]
    return [Figure(measure=name, value=size / TRACED_TASKS, unit="bytes a task") for name, size in lines]


async def _held(dispatcher: Dispatcher, count: int) -> tuple[int, list[Task]]:
    """Bytes that so many more live tasks take, and the tasks."""
    await until_launched([await dispatcher.submit(full_task(-1 - n)) for n in range(FIRST_TASKS)])
    before = _resident()
    tasks = [await dispatcher.submit(full_task(number)) for number in range(count)]
    await until_launched(tasks)
    return _resident() - before, tasks


def _short(file: Path) -> str:
    """A file's name within this checkout, else its last parts."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else "/".join(file.parts[-3:])


def _per_task(count: int, held: int, where: str) -> Figure:
    return Figure(
        measure=f"memory per live task, {count:,} live ({where})", value=held / count, unit="bytes",
        against=LIMIT_BYTES,
    )  # fmt: skip


def _resident() -> int:
    """Bytes of this process in memory, without garbage; where the system does not tell, the most ever."""
    gc.collect()
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _nowhere(queued: int) -> Settings:
    target = Target(cluster="void", network_mode="host", runs_processes=True)
    return Settings(targets=(target,), quotas=LIFTED, queue_limit=max(queued, 1))


@asynccontextmanager
async def _to_void(_: Target) -> AsyncIterator[Void]:
    yield Void()


class Void:
    """``ports.Transport`` to where every task runs for ever. Its only state is a count."""

    region = "us-east-1"

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def __repr__(self) -> str:
        return "<Void>"

    async def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What ECS would say, of the operations that a launch needs."""
        if operation == "DescribeTasks":
            return {"tasks": [_running(arn) for arn in params["tasks"]], "failures": []}
        if operation == "RunTask":
            arn = f"arn:aws:ecs:us-east-1:000000000000:task/void/{next(self._numbers):032x}"
            return {"tasks": [_running(arn) | {"lastStatus": "PROVISIONING", "version": 1}], "failures": []}
        if operation == "DescribeContainerInstances":
            return {"containerInstances": [_instance(arn) for arn in params["containerInstances"]]}
        answer: dict[str, Any] = _ANSWERS[operation]
        return answer

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As ``call``, with the request's JSON text."""
        return await self.call(service, operation, json.loads(body))

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """There is nothing beside ECS."""
        raise TargetBlocked("UnknownOperationException", "the void has no other service", operation=operation)


def _running(arn: str) -> dict[str, Any]:
    return {
        "taskArn": arn,
        "version": 4,
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "containers": [{"name": "main", "lastStatus": "RUNNING"}],
        "startedAt": time.time(),
        "capacityProviderName": "managed",
        "containerInstanceArn": f"arn:aws:ecs:us-east-1:000000000000:container-instance/void/{arn[-32:]}",
        "availabilityZone": "us-east-1a",
    }


def _instance(arn: str) -> dict[str, Any]:
    return {
        "containerInstanceArn": arn,
        "ec2InstanceId": f"i-{arn[-17:]}",
        "attributes": [{"name": "ecs.instance-type", "value": "m7g.2xlarge"}],
    }


_ANSWERS: Mapping[str, Any] = {
    "DescribeClusters": {
        "clusters": [
            {
                "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/void",
                "clusterName": "void",
                "status": "ACTIVE",
                "capacityProviders": ["managed"],
                "defaultCapacityProviderStrategy": [{"capacityProvider": "managed", "weight": 1}],
            }
        ]
    },
    "DescribeCapacityProviders": {"capacityProviders": [{"name": "managed", "type": "MANAGED_INSTANCES"}]},
    "DescribeTaskDefinition": {"taskDefinition": {"taskDefinitionArn": "x:1", "status": "INACTIVE"}},
    "RegisterTaskDefinition": {
        "taskDefinition": {
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/job:1",
            "status": "ACTIVE",
        }
    },
}
