"""Faults on demand: each does what it says, and repeatably."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.faults import FaultPlan, Faults, Rule
from awsecs_async.local.wire import AnswerDropped, WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


def broken(cloud: Cloud, rule: Rule) -> None:
    """Put one rule in force, about RunTask alone."""
    cloud.set_faults(Faults(rules=(replace(rule, operation="RunTask"),)))


async def made(ask: Ask) -> int:
    """How many tasks there are."""
    return len((await ask("ListTasks"))["taskArns"])


@pytest.mark.parametrize(
    ("kind", "code", "status", "launched"),
    [
        ("throttle", "ThrottlingException", 400, 0),
        ("error-before", "ServerException", 500, 0),
        ("error-after", "ServerException", 500, 1),
        ("expired-credentials", "ExpiredTokenException", 400, 0),
        ("access-denied", "AccessDeniedException", 400, 0),
        ("cluster-deleted", "ClusterNotFoundException", 400, 0),
    ],
)
async def test_error_answers(
    cloud: Cloud, ask: Ask, registered: str, kind: str, code: str, status: int, launched: int
) -> None:
    """Each comes once, with its code, before or after the effect; then all is well again."""
    broken(cloud, Rule(kind=kind, times=1))
    with pytest.raises(WireError) as refusal:
        await ask("RunTask")
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert await made(ask) == launched
    await ask("RunTask")
    assert await made(ask) == launched + 1


@pytest.mark.parametrize(("kind", "launched"), [("drop-before", 0), ("drop-after", 1)])
async def test_dropped_answers(cloud: Cloud, ask: Ask, registered: str, kind: str, launched: int) -> None:
    """The caller cannot know whether it was done; both cases can be had."""
    broken(cloud, Rule(kind=kind, times=1))
    with pytest.raises(AnswerDropped):
        await ask("RunTask")
    assert await made(ask) == launched


async def test_a_replay_after_a_dropped_answer_finds_the_tasks(
    cloud: Cloud, ask: Ask, registered: str
) -> None:
    """The fault and the token together are the case a dispatcher must get right."""
    broken(cloud, Rule(kind="drop-after", times=1))
    with pytest.raises(AnswerDropped):
        await ask("RunTask", clientToken="t")
    assert len((await ask("RunTask", clientToken="t"))["tasks"]) == 1
    assert await made(ask) == 1


async def test_latency_delays_before_the_effect(cloud: Cloud, ask: Ask) -> None:
    """Time passes on the loop, exactly as much as was said, rule by rule."""
    slow = Rule(kind="slow", operation="ecs:List*", latency_seconds=0.5)
    cloud.set_faults(Faults(latency_seconds=0.06, rules=(slow,)))
    loop = asyncio.get_running_loop()
    start = loop.time()
    await ask("DescribeClusters")
    assert loop.time() - start == pytest.approx(0.06)
    await ask("ListClusters")
    assert loop.time() - start == pytest.approx(0.62)


async def test_missing_capacity_is_told_in_failures(cloud: Cloud, ask: Ask, registered: str) -> None:
    """Per task, with the reason that was asked for; the rest of the call goes through."""
    broken(cloud, Rule(kind="no-capacity", times=2, message="Capacity is unavailable at this time"))
    answer = await ask("RunTask", count=5)
    assert len(answer["tasks"]) == 3
    assert {failure["reason"] for failure in answer["failures"]} == {"Capacity is unavailable at this time"}


async def test_any_refusal_can_be_had(cloud: Cloud, ask: Ask, registered: str) -> None:
    """Code, message and status as they are given."""
    broken(cloud, Rule(kind="refuse", code="BlockedException", message="no"))
    with pytest.raises(WireError, match="BlockedException: no"):
        await ask("RunTask")


async def test_an_unpullable_image_fails_the_task(cloud: Cloud, ask: Ask, registered: str) -> None:
    """TaskFailedToStart with ECS's words, the container's reason, and no exit code."""
    cloud.set_faults(Faults(unpullable_images=("busy*",)))
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    await asyncio.sleep(1)
    task = (await ask("DescribeTasks", tasks=[arn]))["tasks"][0]
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["containers"][0]["reason"].startswith("CannotPullContainerError")
    assert "exitCode" not in task["containers"][0]


async def test_spot_is_interrupted(cloud: Cloud, ask: Ask, registered: str) -> None:
    """A task of a Spot provider ends by SpotInterruption, one of another is left alone."""
    cloud.set_faults(Faults(spot_after_seconds=0.3, spot_providers=("local-*",)))
    arn = (await ask("RunTask"))["tasks"][0]["taskArn"]
    other = (await ask("RunTask", cluster="default"))["tasks"][0]["taskArn"]
    await asyncio.sleep(2)
    task = (await ask("DescribeTasks", tasks=[arn]))["tasks"][0]
    assert (task["stopCode"], task["stoppedReason"]) == (
        "SpotInterruption",
        "Your Spot Task was interrupted.",
    )
    left = (await ask("DescribeTasks", cluster="default", tasks=[other]))["tasks"][0]
    assert left["stopCode"] == "EssentialContainerExited"


async def test_events_come_late_twice_and_out_of_order(cloud: Cloud, ask: Ask, registered: str) -> None:
    """At least once and in no order, but with the version that sorts it out."""
    cloud.set_faults(Faults(event_delay_seconds=60, event_duplicate_probability=0.5, seed=3))
    events: list[Params] = []
    cloud.listen(events.append)
    await ask("RunTask")
    await asyncio.sleep(120)
    versions = [event["detail"]["version"] for event in events]
    assert versions != sorted(versions)
    assert max(Counter(versions).values()) == 2
    assert set(versions) == set(range(1, max(versions) + 1))


async def test_the_same_seed_meets_the_same_faults(ask: Ask, cloud: Cloud) -> None:
    """A failing test can be run again and fails the same way."""

    async def storm() -> list[bool]:
        rule = Rule(kind="throttle", operation="ListAccountSettings", probability=0.5)
        cloud.set_faults(Faults(rules=(rule,), seed=11))
        passed = []
        for _ in range(40):
            try:
                await ask("ListAccountSettings")
                passed.append(True)
            except WireError:
                passed.append(False)
        return passed

    first = await storm()
    await asyncio.sleep(60)
    assert await storm() == first
    assert 5 < sum(first) < 35


@pytest.mark.parametrize(
    "raw", [{"rule": []}, {"rules": [{"kind": "earthquake"}]}, {"rules": [{"sort": "x"}]}]
)
def test_unknown_faults_are_refused(raw: Params) -> None:
    """A misspelt fault would otherwise make a test pass for the wrong reason."""
    with pytest.raises(ValueError, match=r"no such fault|not a rule"):
        Faults.from_json(raw)


def test_faults_survive_json() -> None:
    """What is set over HTTP is what is meant in Python."""
    faults = Faults(rules=(Rule(kind="throttle", times=3),), unpullable_images=("x",))
    assert Faults.from_json(faults.to_json()) == faults


def test_purchases_are_denied_by_provider_and_count() -> None:
    """JSON says whose purchases fail, how often and in which of EC2's words; no call does."""
    rule = {"kind": "deny-purchase", "provider": "mi-*", "code": "MaxSpotInstanceCountExceeded", "times": 1}
    plan = FaultPlan(Faults.from_json({"rules": [rule, {"kind": "never-buy", "provider": "asg"}]}))
    assert plan.judge("ecs", "RunTask").before is None
    assert plan.purchase_refusal("other") is None
    assert (
        plan.purchase_refusal("mi-spot") == "MaxSpotInstanceCountExceeded: Max spot instance count exceeded"
    )
    assert plan.purchase_refusal("mi-spot") is None
    assert (plan.never_buys("asg"), plan.never_buys("mi-spot")) == (True, False)
    assert Faults.from_json(plan.faults.to_json()) == plan.faults
