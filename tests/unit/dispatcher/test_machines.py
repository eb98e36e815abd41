"""The machine under an attempt is known, at hardly any cost, and never at the cost of the task."""

from __future__ import annotations

from awsecs_async.local.faults import DENIED, DROP_AFTER, Faults, Rule
from tests.unit.dispatcher.market import DEMAND, at_market

MANY = 300


async def test_attempts_know_their_instance_and_size() -> None:
    """Id, type, zone, size and times; and vCPU-seconds follow from them."""
    async with at_market(DEMAND, duration_seconds=60) as (dispatcher, market):
        result = await (await dispatcher.submit(command=["a"], cpus=2, memory="4 GB")).result()
        (attempt,) = result.attempts
        instances = market.ecs.clusters.clusters["local"].instances.values()
        assert (attempt.instance_arn, attempt.instance_id) in {(i.arn, i.ec2_id) for i in instances}
        assert attempt.instance_type is not None
        assert attempt.zone is not None
        assert (attempt.cpu_units, attempt.memory_mib, attempt.is_spot) == (2048, 4096, False)
        assert attempt.launched_at is not None
        assert attempt.started_at is not None
        assert attempt.launched_at <= attempt.started_at
        assert 119 < result.vcpu_seconds < 125
        assert 239 < result.gb_seconds < 250


async def test_instances_cost_hardly_any_calls() -> None:
    """Three hundred tasks: each instance is asked about once, and calls but polling stay at 1.1 a task."""
    async with at_market(DEMAND, duration_seconds=60) as (dispatcher, market):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(MANY)]
        results = [await task.result() for task in tasks]
        assert all(a.instance_type for r in results for a in r.attempts)
        asked = [
            arn for a in market.of("DescribeContainerInstances") for arn in a.params["containerInstances"]
        ]
        assert len(asked) == len(set(asked))
        others = [a for a in market.asked if a.operation not in {"DescribeTasks", "CreateCapacityProvider"}]
        assert len(others) <= 1.1 * MANY


async def test_who_may_not_ask_goes_without() -> None:
    """Denied once, it is not asked again, nothing is blocked, and tasks end as ever."""
    rules = (Rule(kind=DENIED, operation="DescribeContainerInstances"),)
    async with at_market(DEMAND, duration_seconds=20) as (dispatcher, market):
        market.set_faults(Faults(rules=rules))
        for number in range(3):
            result = await (await dispatcher.submit(command=[str(number)])).result()
            assert result
            assert result.attempts[0].instance_type is None
            assert result.attempts[0].instance_arn is not None
        assert len(market.of("DescribeContainerInstances")) == 1
        assert dispatcher.blocked == {}


async def test_a_lost_answer_delays_no_ending() -> None:
    """The task ends when it ends; whoever still runs is told at the next try."""
    rules = (Rule(kind=DROP_AFTER, operation="DescribeContainerInstances", times=1),)
    async with at_market(DEMAND, duration_seconds=20) as (dispatcher, market):
        market.set_faults(Faults(rules=rules))
        first = await (await dispatcher.submit(command=["a"])).result()
        second = await (await dispatcher.submit(command=["b"])).result()
        assert first.attempts[0].seconds < 25
        assert first.attempts[0].instance_type is None
        assert second.attempts[0].instance_type is not None
