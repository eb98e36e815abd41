"""Lanes and targets: what has no capacity, or is blocked, delays nobody else."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.faults import EXPIRED, NO_CAPACITY, Faults, Rule
from awsecs_async.local.settings import Capacity, CloudSettings
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import TARGET, rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

SECOND = Target(name="second", cluster="second", capacity_providers=("EC2",), runs_processes=True)
ONE_VCPU = CloudSettings(capacity=Capacity(cpu_units=1024, memory_mib=8192))


def with_second_cluster(cloud: Cloud) -> Cloud:
    """Another cluster, without providers of its own."""
    cloud.perform("ecs", "CreateCluster", {"clusterName": "second"})
    return cloud


async def test_tasks_run_where_they_say() -> None:
    """Two targets: each task is launched in its own cluster, and the first target is the default."""
    async with TappedCloud() as cloud:
        with_second_cluster(cloud)
        async with rehearsal(cloud=cloud, targets=(TARGET, SECOND)) as (dispatcher, _):
            tasks = [await dispatcher.submit(command=["a"], target=t) for t in (None, "second", "default")]
            await dispatcher.drain()
            assert [t.placement.cluster for t in tasks] == ["local", "second", "local"]
            assert sorted(a.params["cluster"] for a in cloud.of("RunTask")) == ["local", "local", "second"]


async def test_a_lane_without_capacity_delays_no_other() -> None:
    """While the first cluster is full, the second one's task goes at once; then the lane goes on."""
    async with TappedCloud(settings=ONE_VCPU, duration_seconds=100) as cloud:
        with_second_cluster(cloud)
        async with rehearsal(cloud=cloud, targets=(TARGET, SECOND)) as (dispatcher, _):
            first = [await dispatcher.submit(command=["a"]) for _ in range(2)]
            await asyncio.sleep(10)
            since = asyncio.get_running_loop().time()
            other = await dispatcher.submit(command=["b"], target="second")
            await asyncio.sleep(2)
            assert other.state is State.RUNNING
            assert first[1].state is State.QUEUED
            assert "RESOURCE" in first[1].note
            assert dispatcher.blocked == {}, "a full cluster is not a blocked target"
            assert all([await task.result() for task in (*first, other)])
            assert asyncio.get_running_loop().time() - since < 300


async def test_tasks_too_large_for_the_room_there_is_keep_no_small_ones_waiting() -> None:
    """Of two large sizes, first in line and without room for ever: small ones run between their probes."""
    async with TappedCloud(settings=ONE_VCPU, duration_seconds=10) as cloud:
        with_second_cluster(cloud)
        async with rehearsal(cloud=cloud, targets=(SECOND,)) as (dispatcher, _):
            large = [await dispatcher.submit(command=["x"], cpus=2 + n % 2) for n in range(20)]
            await asyncio.sleep(600)
            small = [await dispatcher.submit(command=["y"], cpus=0.25) for _ in range(20)]
            async with asyncio.timeout(600):
                assert all([await task.result() for task in small])
            assert {task.state for task in large} == {State.QUEUED}
            sizes = {a.params["overrides"]["cpu"] for a in cloud.of("RunTask") if a.at > 700}
            assert sizes >= {"2048", "3072"}, "each large size is tried now and then"


async def test_capacity_backoff_is_one_probe_at_a_time() -> None:
    """A hundred tasks without room cost a probe after each longer pause, not a call each."""
    full = Faults(rules=(Rule(kind=NO_CAPACITY),))
    async with TappedCloud(faults=full) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        for number in range(100):
            await dispatcher.submit(command=[str(number)])
        await asyncio.sleep(600)
        probes = [a.at for a in cloud.of("RunTask") if a.at > 1]
        assert 8 < len(probes) < 30
        assert all(later - earlier > 1 for earlier, later in pairwise(probes))
        cloud.set_faults(Faults())
        await dispatcher.drain()
        assert cloud.ecs.launcher.made == 100


async def test_a_blocked_target_fails_nothing_and_names_the_cure() -> None:
    """Expired credentials: everything waits, one probe at a time tries, and all run after the cure."""
    rules = tuple(Rule(kind=EXPIRED, operation=o) for o in ("RunTask", "*TaskDefinition"))
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        cloud.set_faults(Faults(rules=rules, latency_seconds=0.05))
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(50)]
        await asyncio.sleep(300)
        assert {task.state for task in tasks} == {State.QUEUED}
        (said,) = dispatcher.blocked.values()
        assert "Expired" in said
        assert "credentials" in said
        probes = [a.at for a in cloud.of("DescribeTaskDefinition") if a.at > 1]
        assert 5 < len(probes) < 30
        assert all(later - earlier > 0.5 for earlier, later in pairwise(probes))
        cloud.set_faults(Faults())
        await dispatcher.drain()
        assert {task.state for task in tasks} == {State.SUCCEEDED}
        assert dispatcher.blocked == {}


async def test_fair_turns_reach_ecs() -> None:
    """One group's hundreds do not make another group's one task wait for them all."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        for number in range(400):
            await dispatcher.submit(command=["many", str(number)], group="many")
        await dispatcher.submit(command=["one"], group="one")
        await dispatcher.submit(command=["first"], group="many", priority=5)
        await dispatcher.drain()
        order = [command[0] for command in cloud.commands()]
        assert order.index("first") <= order.index("one") <= 180, (
            "what the burst let through, and 64 under way"
        )


async def test_copies_share_calls_and_arrays_do_not() -> None:
    """25 copies take 3 calls; 25 members of an array take 25, each with its index."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        await dispatcher.submit_copies(TaskSpec(command=["copy"]), 25)
        await dispatcher.drain()
        counts = [a.params["count"] for a in cloud.of("RunTask")]
        assert sum(counts) == 25
        assert len(counts) <= 4
        before = len(counts)
        await dispatcher.submit_array(TaskSpec(command=["member"]), 25)
        await dispatcher.drain()
        members = cloud.of("RunTask")[before:]
        environments = [a.params["overrides"]["containerOverrides"][0]["environment"] for a in members]
        assert sorted(int(e[0]["value"]) for e in environments) == list(range(25))


async def test_a_full_queue_makes_submitters_wait() -> None:
    """With room for ten, two hundred submits at once all get through, and the bound holds."""
    async with TappedCloud() as cloud, rehearsal(cloud=cloud, queue_limit=10) as (dispatcher, _):
        done: list[int] = []

        async def submit(number: int) -> None:
            await dispatcher.submit(command=[str(number)])
            done.append(number)
            assert len(dispatcher._engine.submissions) <= 10  # noqa: SLF001 (the bound itself)

        await asyncio.gather(*(submit(n) for n in range(200)))
        assert sorted(done) == list(range(200))
        await dispatcher.drain()
        assert cloud.ecs.launcher.made == 200
