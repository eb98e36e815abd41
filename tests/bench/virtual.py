"""Ten thousand tasks on virtual time: the engine's own speed, and what a simulation of it costs.

Nothing here is a network or a wait: the cloud is in this process and the loop's clock jumps. What is left
is the work of the dispatcher, of the simulated cloud, and of the loop between them.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.engine.registry import Registry
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import Faults
from awsecs_async.model.settings import Settings, Target
from awsecs_async.testing.transport import InProcessTransport
from tests.bench.figures import Figure, share
from tests.bench.scene import LATENCY_SECONDS

TASK_SECONDS = 30.0
LIMIT_SECONDS = 5.0


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """The figures of one run; to be awaited on a virtual-time loop."""
    count: int = arguments.virtual_tasks
    scripts = every_container(Script(duration_seconds=TASK_SECONDS))
    async with Cloud(scripts=scripts, faults=Faults(latency_seconds=LATENCY_SECONDS)) as cloud:
        took, used, simulated = await _run(cloud, count)
    return [
        Figure(
            measure=f"{count:,} tasks on virtual time", value=took, unit="s",
            against=LIMIT_SECONDS, what="limit",
        ),
        Figure(measure="CPU per task, the simulated cloud included", value=1000 * used / count, unit="ms"),
        Figure(measure="simulated", value=simulated, unit="s"),
        share("calls throttled", cloud.throttles.total(), cloud.calls.total(), 0.5),
    ]  # fmt: skip


async def _run(cloud: Cloud, count: int) -> tuple[float, float, float]:
    """Seconds that it took, of processor time, and simulated."""

    @asynccontextmanager
    async def to_cloud(_: Target) -> AsyncIterator[InProcessTransport]:
        yield InProcessTransport(cloud)

    settings = Settings(targets=(Target(cluster="local", runs_processes=True),))
    loop = asyncio.get_running_loop()
    began, used, simulated = time.perf_counter(), time.process_time(), loop.time()
    async with Dispatcher(settings, registry=Registry(to_cloud)) as dispatcher:
        tasks = [await dispatcher.submit(command=("job", str(number))) for number in range(count)]
        ended = [await task.result() for task in tasks]
    assert all(ended)
    return time.perf_counter() - began, time.process_time() - used, loop.time() - simulated
