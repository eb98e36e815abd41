"""Launch rate, detection latency and processor time: a thousand distinct tasks under AWS's documented quotas.

RunTask holds 100 tokens and gets 40 a second, so a thousand launches take 22.5 s at best, and the makespan
is held against that. A completion is seen as late as the poller looks: the time from the cloud's
`stoppedAt` to the moment when the waiter woke is told in poll intervals, each the one that applied to a task
of that age. Processor time is this process's alone, from the first submit to the last result, less what the
lag probe takes for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.engine.poller import AGE_PART
from awsecs_async.model.quotas import CLUSTER_RESOURCE_MODIFY, CLUSTER_RESOURCE_READ, ECS_BUCKETS
from awsecs_async.model.result import Result
from awsecs_async.model.settings import Quotas, Settings
from awsecs_async.task import Task
from tests.bench.figures import Figure, percentile, share
from tests.bench.lag import LagProbe, probing_costs
from tests.bench.scene import (
    Counts,
    cloud,
    counts,
    settings,
    settle_in,
    short_task,
    submit_all,
    until_launched,
)

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 12.0
MAKESPAN_WANTED = 1.03  # of the limit
THROTTLED_PERCENT = 0.5
CALLS_PER_TASK = 1.1
INTERVALS = 2.0
CPU_MS = 2.0


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """The figures of one run."""
    count: int = arguments.tasks
    spread = (LONGEST_SECONDS - SHORTEST_SECONDS) / count
    specs = [short_task(number, SHORTEST_SECONDS + spread * (7 * number % count)) for number in range(count)]
    async with cloud(quotas=True) as place:
        chosen = settings(place, Quotas())
        async with Dispatcher(chosen) as dispatcher:
            settle_in()
            with LagProbe() as probe:
                began, used = time.perf_counter(), time.process_time()
                tasks = await submit_all(dispatcher, specs)
                waiting = [asyncio.create_task(_seen(task)) for task in tasks]
                await until_launched(tasks)
                makespan = time.perf_counter() - began
                seen = await asyncio.gather(*waiting)
                took, used = time.perf_counter() - began, time.process_time() - used
        counted = await counts(place)
    used -= took * await probing_costs()
    failed = [result for result, _ in seen if not result]
    assert not failed, failed[0]
    return [
        *_rate(count, makespan),
        *_calls(count, counted, took, chosen.quotas),
        *_detection([_lateness(result, when, chosen) for result, when in seen]),
        Figure(
            measure="dispatcher CPU per task, end to end",
            value=1000 * used / count,
            unit="ms",
            against=CPU_MS,
        ),
        *probe.figures(),
    ]


def _rate(count: int, makespan: float) -> list[Figure]:
    quota = ECS_BUCKETS[CLUSTER_RESOURCE_MODIFY]
    limit = max(0.0, count - quota.burst) / quota.rate_per_second
    measure = f"{count:,} distinct tasks launched"
    return [
        Figure(measure=measure, value=makespan, unit="s", against=limit, what="limit", wanted=MAKESPAN_WANTED)
    ]


def _calls(count: int, counted: Counts, seconds: float, asked: Quotas) -> list[Figure]:
    quota = ECS_BUCKETS[CLUSTER_RESOURCE_READ]
    could = quota.burst + quota.rate_per_second * seconds
    total = counted.besides_polling + counted.polls
    return [
        share("calls throttled", sum(counted.throttles.values()), total, THROTTLED_PERCENT),
        Figure(
            measure="AWS calls per task besides polling", value=counted.besides_polling / count, unit="",
            against=CALLS_PER_TASK, what="limit",
        ),
        share("polling's share of its bucket", counted.polls, could, 100 * asked.poll_share),
    ]  # fmt: skip


async def _seen(task: Task) -> tuple[Result, float]:
    """Its result, and the wall-clock time at which it was told."""
    result = await task.result()
    return result, time.time()


def _lateness(result: Result, seen_at: float, chosen: Settings) -> tuple[float, float]:
    """How late that was, in seconds and in poll intervals."""
    attempt = result.attempts[-1]
    assert attempt.stopped_at is not None
    assert attempt.started_at is not None
    late = seen_at - attempt.stopped_at
    age = attempt.stopped_at - attempt.started_at
    return late, late / min(max(age * AGE_PART, chosen.poll_floor), chosen.poll_ceiling)


def _detection(late: list[tuple[float, float]]) -> list[Figure]:
    return [
        Figure(
            measure="completion seen after, p99", value=percentile([each for _, each in late], 0.99),
            unit="intervals", against=INTERVALS, what="limit",
        ),
        Figure(
            measure="completion seen after, median",
            value=percentile([each for each, _ in late], 0.5),
            unit="s",
        ),
    ]  # fmt: skip
