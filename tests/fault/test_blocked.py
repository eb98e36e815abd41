"""Expired credentials, a cluster that is gone: the account is at fault, so no task fails. Launching halts,
one probe at a time tries again, and everything runs after the cure.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from awsecs_async import State
from awsecs_async.local.faults import CLUSTER_DELETED, DENIED, ERROR_BEFORE, EXPIRED, THROTTLE, Faults, Rule
from tests.fault.disk import CrashingJournal, Disk
from tests.fault.scene import (
    Scene,
    assert_at_rest,
    assert_nothing_twice,
    assert_right,
    assert_told_once,
    results_of,
    scene,
    submit,
)

pytestmark = pytest.mark.virtual_time

TASKS = range(1000)
HOUR_SECONDS = 3600.0
CALL_SECONDS = 0.06
MOST_PROBES = HOUR_SECONDS / (30 * 0.8) + 8  # the backoff's ceiling with its jitter, and its first steps
FINE = Faults(latency_seconds=0.03)
CURES = {
    EXPIRED: ("RunTask", "DescribeTasks", "DescribeTaskDefinition", "RegisterTaskDefinition"),
    CLUSTER_DELETED: ("RunTask", "DescribeTasks"),
    DENIED: ("RunTask",),
}


def broken(kind: str) -> Faults:
    """A cloud with this fault wherever it would show."""
    rules = tuple(Rule(kind=kind, operation=operation) for operation in CURES[kind])
    return Faults(rules=rules, latency_seconds=0.03)


def assert_one_probe_at_a_time(s: Scene, operation: str, since: float, *, most: float = MOST_PROBES) -> None:
    """No two calls under way at once, and not many in all."""
    probes = [each.at for each in s.calls(operation) if each.at > since]
    assert 10 < len(probes) <= most
    assert all(later - earlier >= CALL_SECONDS for earlier, later in pairwise(probes))


@pytest.mark.parametrize("kind", CURES)
async def test_a_blocked_target_fails_nothing_and_runs_all_after_the_cure(kind: str) -> None:
    """A thousand tasks queued for an hour behind a fault of the account: none fails, all run afterwards."""
    async with scene() as s, s.open() as dispatcher:
        s.cloud.set_faults(broken(kind))
        tasks = await submit(dispatcher, TASKS)
        await asyncio.sleep(HOUR_SECONDS)
        assert {task.state for task in tasks} <= {State.QUEUED, State.LAUNCHING}
        assert dispatcher.blocked.keys() == {"default"}
        assert s.launches() == {}
        first = "DescribeTaskDefinition" if kind == EXPIRED else "RunTask"
        assert_one_probe_at_a_time(s, first, since=2.0)
        s.cloud.set_faults(FINE)
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert dispatcher.blocked == {}
        assert len(s.calls("RunTask")) <= len(TASKS) + MOST_PROBES + 64
        assert_at_rest(dispatcher)


async def test_credentials_that_expire_while_tasks_run_cost_no_ending() -> None:
    """Tasks that run and end while nobody may look are reported as they ended, once one may look again."""
    async with scene() as s, s.open() as dispatcher:
        tasks = await submit(dispatcher, TASKS)
        await asyncio.sleep(10)
        s.cloud.set_faults(broken(EXPIRED))
        await asyncio.sleep(600)
        states = [task.state for task in tasks]
        assert State.RUNNING in states
        assert State.QUEUED in states
        assert all(r.result is None or r.result.exit_code is not None for r in s.ledger(dispatcher).all())
        assert_one_probe_at_a_time(s, "RunTask", since=20.0)
        assert_one_probe_at_a_time(s, "DescribeTasks", since=20.0)
        s.cloud.set_faults(FINE)
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_at_rest(dispatcher)


async def test_what_is_queued_behind_a_block_can_be_cancelled() -> None:
    """Cancelling works while the target is blocked, costs no call, and what was cancelled never runs."""
    async with scene() as s, s.open() as dispatcher:
        s.cloud.set_faults(broken(EXPIRED))
        tasks = await submit(dispatcher, range(200))
        await asyncio.sleep(60)
        for task in tasks[:150]:
            await task.cancel("not needed")
        assert s.calls("StopTask") == []
        s.cloud.set_faults(FINE)
        results = await results_of(tasks)
        assert {result.state for result in results[:150]} == {State.CANCELLED}
        assert_right(range(150, 200), results[150:])
        assert s.launches().keys() == set(range(150, 200))
        assert_at_rest(dispatcher)


async def test_a_launch_cancelled_behind_a_block_never_runs() -> None:
    """What is blocked is queued again: cancelled there, it ends, and ECS never hears of it."""
    async with scene() as s, s.open() as dispatcher:
        s.cloud.set_faults(broken(DENIED))
        tasks = await submit(dispatcher, range(20))
        await asyncio.sleep(60)
        assert {task.state for task in tasks} <= {State.QUEUED, State.LAUNCHING}  # a probe may be out
        for task in tasks:
            await task.cancel("not needed")
        s.cloud.set_faults(FINE)
        results = await results_of(tasks)
        assert {result.state for result in results} == {State.CANCELLED}
        assert s.launches() == {}
        assert_right([20], await results_of(await submit(dispatcher, [20])))
        assert_at_rest(dispatcher)


async def test_an_account_that_may_not_stop_still_launches() -> None:
    """StopTask denied halts stopping alone; the wish is kept and carried out after the cure."""
    async with scene() as s, s.open() as dispatcher:
        s.cloud.set_faults(Faults(rules=(Rule(kind=DENIED, operation="StopTask"),), latency_seconds=0.03))
        (kept,) = await submit(dispatcher, [0])
        while kept.state is not State.RUNNING:
            await asyncio.sleep(0.1)
        await kept.cancel()
        tasks = await submit(dispatcher, range(1, 100))
        await asyncio.sleep(1.5)
        assert s.launches() == dict.fromkeys(range(100), 1)
        assert dispatcher.blocked["default"].startswith("stopping: AccessDenied")
        s.cloud.set_faults(FINE)
        results = await results_of(tasks)
        assert_right(range(1, 100), results)
        assert (await kept.result()).state is State.CANCELLED
        assert_at_rest(dispatcher)


async def test_a_block_that_outlasts_a_restart_loses_nothing() -> None:
    """Restarted behind a block, and cured hours later: what ECS never took is not given up as UNKNOWN."""
    disk = Disk()
    async with scene() as s:
        async with s.open(CrashingJournal(disk)) as dispatcher:
            s.cloud.set_faults(broken(CLUSTER_DELETED))
            tasks = await submit(dispatcher, range(100))
            await asyncio.sleep(60)
        s.cloud.set_faults(FINE)  # so that it opens
        async with s.open(CrashingJournal(disk)) as dispatcher:
            s.cloud.set_faults(broken(CLUSTER_DELETED))
            await asyncio.sleep(2 * HOUR_SECONDS)
            s.cloud.set_faults(FINE)
            await dispatcher.drain()
            results = [known.result for task in tasks if (known := await dispatcher.get(task.id))]
            assert_right(range(100), [await result() for result in results])


@pytest.mark.parametrize("kind", [THROTTLE, ERROR_BEFORE])
async def test_a_dispatcher_opens_though_the_first_answers_are_refused(kind: str) -> None:
    """Restarted amid a throttling storm it asks again, as it would for anything else."""
    busy = Faults(rules=(Rule(kind=kind, operation="Describe*", times=3),))
    async with scene(busy) as s, s.open() as dispatcher:
        assert_right([1], await results_of(await submit(dispatcher, [1])))
