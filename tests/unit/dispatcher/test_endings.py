"""How tasks end: timeouts, spot, what ECS forgot, refusals; and the dispatcher's own end, which is loud."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.engine.deadlines import Deadlines
from awsecs_async.engine.roll import Transition
from awsecs_async.errors import DispatcherClosed, InvalidTask, Refused
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import REFUSE, Faults, Rule
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskId, TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

LONG = Script(duration_seconds=1000)


async def test_a_timeout_counts_from_the_start_and_stops_it() -> None:
    """ECS has no timeouts: ours stops it after its time, and the result says so."""
    async with TappedCloud(duration_seconds=1000) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"], timeout="1m")
        result = await task.result()
        (stop,) = cloud.of("StopTask")
        assert (result.state, result.cause) == (State.TIMED_OUT, Cause.TIMEOUT)
        assert 60 <= stop.at < 62
        assert "1m" in stop.params["reason"]


async def test_a_timeout_does_not_touch_what_ends_before() -> None:
    """The timeout of a task that has ended stops nothing."""
    async with TappedCloud(duration_seconds=5) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        assert await (await dispatcher.submit(command=["a"], timeout=60)).result()
        await asyncio.sleep(100)
        assert cloud.of("StopTask") == []


async def test_spot_goes_round_and_every_attempt_is_told() -> None:
    """Interrupted as often as allowed, it ends LOST with one attempt for each launch."""
    async with rehearsal(script=LONG, max_spot_attempts=2) as (dispatcher, cloud):
        task = await dispatcher.submit(command=["a"])
        for _ in range(3):
            while task.state is not State.RUNNING:
                await asyncio.sleep(0.5)
            assert task.arn is not None
            assert cloud.interrupt(task.arn)
            while task.state is State.RUNNING:
                await asyncio.sleep(0.5)
        result = await task.result()
        assert (result.state, result.cause) == (State.LOST, Cause.SPOT)
        assert [a.number for a in result.attempts] == [1, 2, 3]
        assert len({a.arn for a in result.attempts}) == 3
        assert cloud.calls["ecs:RunTask"] == 3


async def test_an_exit_code_that_nobody_learned_is_lost_not_made_up() -> None:
    """A task that started and has no exit code is LOST, with none."""
    async with rehearsal(script=Script(duration_seconds=1, exit_code=None)) as (dispatcher, _):
        result = await (await dispatcher.submit(command=["a"])).result()
        assert (result.state, result.exit_code) == (State.LOST, None)


async def test_what_ecs_has_forgotten_ends_unknown_and_never_runs_again() -> None:
    """Not seen for as long as the grace: nobody can tell, so nobody guesses."""
    cloud = Cloud(scripts=every_container(LONG), faults=Faults(visibility_delay_seconds=10_000))
    async with cloud, rehearsal(cloud=cloud, missing_grace=30) as (dispatcher, _):
        result = await (await dispatcher.submit(command=["a"])).result()
        assert (result.state, result.cause) == (State.UNKNOWN, Cause.FORGOTTEN)
        assert cloud.calls["ecs:RunTask"] == 1


async def test_a_refused_launch_fails_that_task_alone() -> None:
    """ECS's own words are the reason, and the next task runs."""
    rule = Rule(kind=REFUSE, operation="RunTask", times=1, code="InvalidParameterException", message="Wrong.")
    cloud = Cloud(scripts=every_container(Script()), faults=Faults(rules=(rule,)))
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        bad = await (await dispatcher.submit(command=["a"])).result()
        good = await (await dispatcher.submit(command=["b"])).result()
        assert (bad.state, bad.cause, bad.exit_code) == (State.FAILED, Cause.REFUSED, None)
        assert "Wrong." in bad.reason
        assert good


@pytest.mark.parametrize(
    ("target", "spec", "error", "says"),
    [
        (Target(cluster="local"), TaskSpec(command=["a"]), Refused, "--container"),
        (Target(cluster="local"), TaskSpec(container="b", accelerator="9 t4"), Refused, "accelerator: 9"),
        (Target(cluster="local"), TaskSpec(container="b", disk="1 TB"), Refused, "infrastructureRole"),
        (Target(cluster="local"), TaskSpec(container="b", network="bridge"), Refused, "network: Managed"),
        (Target(cluster="local"), TaskSpec(container="b", command=["x" * 9000]), InvalidTask, "workBucket"),
    ],
)
async def test_what_can_never_run_is_refused_at_submit(
    target: Target, spec: TaskSpec, error: type[Exception], says: str
) -> None:
    """In words that name what to change, before it has a place in the queue."""
    async with rehearsal(targets=(target,)) as (dispatcher, _):
        with pytest.raises(error, match=says):
            await dispatcher.submit(spec)
        assert dispatcher.tasks() == []


async def test_a_coroutine_that_ends_ends_the_dispatcher_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits gets DispatcherClosed, so does the next submit, and leaving raises it with its cause."""
    failing = asyncio.Event()

    async def wait_and_return(_: Deadlines) -> None:
        await failing.wait()

    monkeypatch.setattr(Deadlines, "run", wait_and_return)
    with pytest.raises(DispatcherClosed, match="should never") as caught:  # noqa: PT012 (it is tested)
        async with rehearsal(script=LONG) as (dispatcher, _):
            waiting = asyncio.create_task((await dispatcher.submit(command=["a"])).result())
            draining = asyncio.create_task(dispatcher.drain())
            await asyncio.sleep(5)
            failing.set()
            for each in (waiting, draining):
                with pytest.raises(DispatcherClosed):
                    await each
            with pytest.raises(DispatcherClosed, match="should never"):
                await dispatcher.submit(command=["b"])
    assert isinstance(caught.value.__cause__, ExceptionGroup)


async def test_changes_tell_every_transition_in_order() -> None:
    """A follower hears each state of each task once, its result with the last."""
    async with rehearsal(script=Script(duration_seconds=5)) as (dispatcher, _):
        heard = []
        with dispatcher.changes() as changes:
            task = await dispatcher.submit(command=["a"])
            async for change in changes:
                assert isinstance(change, Transition)
                heard.append(change)
                if change.new.is_ending:
                    break
        states = [change.new for change in heard]
        assert states[:2] == [State.QUEUED, State.LAUNCHING]
        assert State.RUNNING in states
        assert [c.old for c in heard] == [None, *states[:-1]]
        assert {c.id for c in heard} == {task.id}
        assert heard[-1].result == await task.result()


async def test_a_map_gives_every_result_once_and_keeps_to_its_bound() -> None:
    """As many results as specs, with no more than ``ahead`` live at any time."""
    async with rehearsal(script=Script(duration_seconds=2)) as (dispatcher, _):
        specs = [TaskSpec(command=[str(n)]) for n in range(40)]
        titles = []
        async for result in dispatcher.map(specs, ahead=7):
            titles.append(result.title)
            assert len(dispatcher.tasks()) <= 7
        assert sorted(titles) == sorted(spec.title for spec in specs)


async def test_a_task_is_found_by_its_id() -> None:
    """Live or ended, ``get`` gives it; an unknown id gives None."""
    async with rehearsal() as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        live = await dispatcher.get(task.id)
        result = await task.result()
        ended = await dispatcher.get(task.id)
        assert live is not None
        assert ended is not None
        assert await live.result() == await ended.result() == result
        assert await dispatcher.get(TaskId("0" * 32)) is None
