"""Launches per second with all quotas lifted, against a bare aiobotocore loop that does nothing but RunTask.

The bare loop is the least that a Python program on this machine must do: as many coroutines as the
dispatcher has launches in flight, stock botocore, one request after the other. The dispatcher keeps a queue,
a ledger, a journal and a poller besides, and reads its answers more cheaply. Both send the same commands
to a cloud of the same kind, started afresh for each. On two cores the cloud takes part in both.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.child import LocalCloud
from awsecs_async.model.settings import Settings
from tests.bench.figures import Figure
from tests.bench.scene import LIFTED, cloud, full_task, settings, submit_all, until_launched

PART = 0.8  # of the bare loop's rate
MEASURED = 2  # rounds; the better one of each counts, since neighbours only ever slow


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Both, in turn."""
    rounds: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for _ in range(MEASURED):
        async with cloud(quotas=False) as place:
            bare = await _bare(place, arguments.launches)
        async with cloud(quotas=False) as place:
            rounds.append((bare, await _dispatched(place, arguments.launches)))
    (bare_seconds, bare_cpu), (seconds, cpu) = (
        tuple(min(values) for values in zip(*side, strict=True)) for side in zip(*rounds, strict=True)
    )
    count: int = arguments.launches
    return [
        Figure(measure=f"bare aiobotocore, {count:,} RunTask", value=count / bare_seconds, unit="/s"),
        Figure(
            measure=f"dispatcher, {count:,} tasks launched", value=count / seconds, unit="/s",
            against=count / bare_seconds, what="bare", wanted=PART, at_most=False,
        ),
        Figure(measure="bare aiobotocore, CPU per call", value=1000 * bare_cpu / count, unit="ms"),
        Figure(
            measure="dispatcher, CPU per launch (submit and polling included)", value=1000 * cpu / count,
            unit="ms", against=1000 * bare_cpu / count, what="bare", wanted=1 / PART,
        ),
    ]  # fmt: skip


async def _dispatched(place: LocalCloud, count: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, from the first submit to the last ARN."""
    async with Dispatcher(settings(place, LIFTED), leaving="leave") as dispatcher:
        await until_launched(await submit_all(dispatcher, [full_task(-1)]))  # clients and definition are made
        specs = [full_task(number) for number in range(count)]
        began, used = time.perf_counter(), time.process_time()
        await until_launched(await submit_all(dispatcher, specs))
        return time.perf_counter() - began, time.process_time() - used


async def _bare(place: LocalCloud, count: int) -> tuple[float, float]:
    """The same of a bare loop."""
    in_flight = Settings(targets=(place.target(),)).launches_in_flight
    config = AioConfig(max_pool_connections=in_flight, retries={"total_max_attempts": 1})
    async with get_session().create_client(
        "ecs", region_name=place.region, endpoint_url=place.endpoint_url, config=config,
        aws_access_key_id="local", aws_secret_access_key="local",
    ) as ecs:  # fmt: skip
        await ecs.register_task_definition(
            family="bare", networkMode="host", requiresCompatibilities=["MANAGED_INSTANCES"],
            containerDefinitions=[{"name": "main", "image": "busybox", "memory": 512}],
        )  # fmt: skip
        requests = [_request(number) for number in range(count)]
        await ecs.run_task(**_request(-1))
        left = iter(requests)
        began, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(_send(ecs, left) for _ in range(in_flight)))
        return time.perf_counter() - began, time.process_time() - used


async def _send(ecs: Any, left: Iterator[dict[str, Any]]) -> None:  # noqa: ANN401 (botocore has no types)
    for request in left:
        answer = await ecs.run_task(**request)
        assert answer["tasks"]


def _request(number: int) -> dict[str, Any]:
    spec = full_task(number)
    override = {
        "name": "main",
        "command": list(spec.command),
        "environment": [{"name": name, "value": value} for name, value in dict(spec.environment).items()],
        "cpu": 1024,
        "memory": 2048,
    }
    return {
        "cluster": "local",
        "taskDefinition": "bare",
        "clientToken": f"bare-{number}",
        "startedBy": "bare",
        "overrides": {"containerOverrides": [override]},
    }
