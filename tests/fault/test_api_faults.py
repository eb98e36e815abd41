"""An API that throttles, fails before and after the effect, answers late, and has no room: nothing is lost,
nothing runs twice, and the calls stay bounded.
"""

from __future__ import annotations

import asyncio
import random
from itertools import count

import pytest

from awsecs_async import Cause, State
from awsecs_async.local.faults import (
    DROP_AFTER,
    ERROR_AFTER,
    ERROR_BEFORE,
    NO_CAPACITY,
    REFUSE,
    THROTTLE,
    Faults,
    Rule,
)
from awsecs_async.model.task import TaskSpec
from tests.fault.scene import (
    assert_at_rest,
    assert_nothing_twice,
    assert_right,
    assert_told_once,
    command_of,
    exit_code_of,
    results_of,
    scene,
    submit,
)

pytestmark = pytest.mark.virtual_time

TASKS = range(200)


async def story(faults: Faults, *, most_run_task: float, **settings: object) -> dict[str, int]:
    """All tasks come to their own end under these faults; returns the calls that it took."""
    async with scene() as s, s.open(**settings) as dispatcher:
        s.cloud.set_faults(faults)
        tasks = await submit(dispatcher, TASKS)
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert set(s.launches().values()) == {1}
        assert len(s.calls("RunTask")) <= most_run_task
        assert_at_rest(dispatcher)
        assert s.cloud.faults.met, "the fault was never met"
        return dict(s.cloud.calls)


async def test_a_throttling_storm_slows_and_loses_nothing() -> None:
    """Half of all calls throttled: every task ends right, and a task costs few calls more than its own."""
    storm = Rule(kind=THROTTLE, probability=0.5)
    calls = await story(Faults(rules=(storm,), latency_seconds=0.03), most_run_task=3 * len(TASKS))
    assert calls["ecs:RegisterTaskDefinition"] <= 10


async def test_answers_lost_after_the_effect_start_nothing_twice() -> None:
    """With 30 % of RunTask's answers lost after the tasks were made, the same requests find them again."""
    lost = Rule(kind=DROP_AFTER, operation="RunTask", probability=0.3)
    await story(Faults(rules=(lost,), latency_seconds=0.03), most_run_task=2 * len(TASKS))


@pytest.mark.parametrize("kind", [ERROR_BEFORE, ERROR_AFTER])
@pytest.mark.parametrize("operation", ["RunTask", "*"])
async def test_server_errors_are_sent_again_word_for_word(kind: str, operation: str) -> None:
    """500s before or after the effect, on RunTask or on everything: each launch keeps its one request."""
    rule = Rule(kind=kind, operation=operation, probability=0.3)
    await story(Faults(rules=(rule,), latency_seconds=0.03, seed=3), most_run_task=2 * len(TASKS))


async def test_a_lost_answer_is_asked_for_with_the_same_bytes() -> None:
    """What is sent again for a launch is the recorded text, to the byte, and carries the same token."""
    lost = Rule(kind=DROP_AFTER, operation="RunTask", probability=0.5)
    async with scene(Faults(rules=(lost,), latency_seconds=0.03)) as s, s.open() as dispatcher:
        await results_of(await submit(dispatcher, range(40)))
        bodies = [each.body for each in s.calls("RunTask")]
        assert len(bodies) > 40
        assert len(set(bodies)) == 40, "a launch was rendered anew"


async def test_merged_copies_keep_their_number_when_answers_are_lost() -> None:
    """Copies that share a RunTask call are as many ECS tasks as were asked for, whatever was lost."""
    rules = (Rule(kind=DROP_AFTER, operation="RunTask", probability=0.5),)
    async with scene(Faults(rules=rules, latency_seconds=0.03)) as s, s.open() as dispatcher:
        tasks = await dispatcher.submit_copies(TaskSpec(command=command_of(5)), 95)
        results = await results_of(tasks)
        assert_right([5] * 95, results)
        assert s.launches() == {5: 95}
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert len({each.body for each in s.calls("RunTask")}) == 10


async def test_no_room_in_part_of_a_launch_starts_only_the_rest_again() -> None:
    """Of merged copies some get failures[] RESOURCE: those alone are launched again, none too many."""
    rules = (Rule(kind=NO_CAPACITY, probability=0.4, times=60),)
    async with scene(Faults(rules=rules, latency_seconds=0.03)) as s, s.open() as dispatcher:
        tasks = await dispatcher.submit_copies(TaskSpec(command=command_of(4)), 60)
        single = await submit(dispatcher, range(20))
        results = await results_of([*tasks, *single])
        assert_right([4] * 60 + list(range(20)), results)
        assert s.launches() == {number: 1 + 60 * (number == 4) for number in range(20)}
        assert_nothing_twice(s, results)
        assert s.cloud.faults.met[NO_CAPACITY] > 5
        assert_at_rest(dispatcher)


async def test_no_room_at_all_waits_with_few_calls_and_then_runs() -> None:
    """Ten minutes without any capacity cost one probe at a time; nothing fails, and all run afterwards."""
    none = Rule(kind=NO_CAPACITY)
    async with scene(Faults(rules=(none,), latency_seconds=0.03)) as s, s.open() as dispatcher:
        tasks = await submit(dispatcher, TASKS)
        await asyncio.sleep(600)
        assert {task.state for task in tasks} <= {State.QUEUED, State.LAUNCHING}
        first = [each.at for each in s.calls("RunTask")]
        assert len(first) <= 64 + 20, "those under way, then a probe a minute"
        assert len([at for at in first if at > 10]) <= 16
        s.cloud.set_faults(Faults(latency_seconds=0.03))
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_at_rest(dispatcher)


async def test_a_client_exception_for_want_of_capacity_is_no_refusal() -> None:
    """ClientException "Tasks provisioning capacity limit exceeded." waits; it fails no task."""
    limit = Rule(
        kind=REFUSE,
        operation="RunTask",
        code="ClientException",
        message="Tasks provisioning capacity limit exceeded.",
        probability=0.5,
        times=30,
    )
    async with scene(Faults(rules=(limit,), latency_seconds=0.03)) as s, s.open() as dispatcher:
        tasks = await submit(dispatcher, range(60))
        results = await results_of(tasks)
        assert_right(range(60), results)
        assert_nothing_twice(s, results)
        assert s.cloud.faults.met == {REFUSE: 30}


async def test_tasks_that_ecs_shows_late_are_waited_for() -> None:
    """DescribeTasks says MISSING for 40 s after a launch: nobody is given up, none is launched again."""
    faults = Faults(latency_seconds=0.03, visibility_delay_seconds=40)
    async with scene(faults) as s, s.open() as dispatcher:
        tasks = await submit(dispatcher, TASKS)
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)


async def test_a_stop_of_a_task_that_ecs_does_not_show_yet_is_not_lost() -> None:
    """Cancelled right after its launch, while ECS says it knows no such task: it is stopped all the same."""
    faults = Faults(latency_seconds=0.03, visibility_delay_seconds=2)
    async with scene(faults) as s, s.open(poll_ceiling=2.0) as dispatcher:
        (task,) = await submit(dispatcher, [3])
        while task.arn is None:
            await asyncio.sleep(0.01)
        await task.cancel()
        result = await task.result()
        assert result.state is State.CANCELLED, result
        assert result.cause is Cause.CANCELLED


async def test_old_answers_never_overwrite_newer_ones() -> None:
    """DescribeTasks answers that arrive up to 20 s late and out of order change nothing that is newer."""
    chance = random.Random(7)
    late = {"DescribeTasks": lambda: chance.choice((0.0, 0.5, 4.0, 20.0))}
    changes: dict[str, list[int]] = {}
    order = {state: place for place, state in enumerate(State)}
    async with (
        scene(answer_seconds=lambda operation: late.get(operation, lambda: 0.03)()) as s,
        s.open(poll_floor=0.25, poll_ceiling=1.0) as dispatcher,
    ):
        s.ledger(dispatcher).tell(lambda t: changes.setdefault(t.id, []).append(order[t.new]))
        tasks = await submit(dispatcher, TASKS)
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert all(seen == sorted(seen) for seen in changes.values()), "a state came back"


async def test_a_spot_storm_ends_with_as_many_attempts_as_interruptions() -> None:
    """Half of what runs is interrupted, three times over: all end right, one ECS task for each attempt."""
    chance, waves = random.Random(5), count()
    async with scene() as s, s.open() as dispatcher:
        tasks = await submit(dispatcher, TASKS)
        for _ in range(3):
            next(waves)
            await asyncio.sleep(3)
            running = [task for task in dispatcher.tasks() if task.state is State.RUNNING and task.arn]
            for task in chance.sample(running, len(running) // 2):
                assert s.cloud.interrupt(str(task.arn))
        results = await results_of(tasks)
        assert_right(TASKS, results)
        assert_nothing_twice(s, results)
        assert_told_once(s, tasks)
        assert s.launches() == {n: len(r.attempts) for n, r in zip(TASKS, results, strict=True)}
        assert sum(len(r.attempts) for r in results) > len(TASKS) + 50
        for result in results:
            *lost, last = [attempt.outcome for attempt in result.attempts]
            assert all(outcome.cause is Cause.SPOT for outcome in lost)
            assert last.exit_code == result.exit_code
            assert [a.number for a in result.attempts] == list(range(1, len(result.attempts) + 1))


async def test_spot_more_often_than_allowed_ends_lost() -> None:
    """A task whose every attempt is interrupted ends LOST after maxSpotAttempts more, and not later."""
    faults = Faults(latency_seconds=0.03, spot_after_seconds=1.0, spot_providers=("*",))
    async with scene(faults) as s, s.open(max_spot_attempts=3) as dispatcher:
        results = await results_of(await submit(dispatcher, range(5)))
        assert {(r.state, r.cause, len(r.attempts)) for r in results} == {(State.LOST, Cause.SPOT, 4)}
        assert s.launches() == dict.fromkeys(range(5), 4)


def test_the_numbers_tell_results_apart() -> None:
    """Neighbouring tasks exit differently, so that a mix-up shows."""
    assert all(exit_code_of(n) != exit_code_of(n + 1) for n in range(100))
