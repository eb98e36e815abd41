"""The ledger: what each piece of news does to a task."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from awsecs_async.engine.journal.port import Admitted, LiveTask
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.model import outcome
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Wish
from awsecs_async.model.sighting import Arn, Sighting
from tests.unit.engine.parts import PLACE, SPEC, Stage, stopped


async def test_an_older_answer_never_overwrites_a_newer_one() -> None:
    """Answers arrive out of order: the version decides, not the time of arrival."""
    stage = Stage()
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.seen(Sighting(arn=arn, version=5, last_status="RUNNING"))
    stage.ledger.seen(Sighting(arn=arn, version=4, last_status="PENDING"))
    stage.ledger.seen(stopped(arn, version=5))
    assert record.state is State.RUNNING


async def test_members_without_a_task_go_back_and_say_why() -> None:
    """Of three copies two were made: the third is queued again, under no launch, with ECS's reason."""
    stage = Stage()
    records = [stage.admit() for _ in range(3)]
    stage.ledger.launched(stage.launch(*records), [stage.made(), stage.made()], note="RESOURCE:CPU")
    assert [r.state for r in records] == [State.PROVISIONING, State.PROVISIONING, State.QUEUED]
    assert (records[2].note, records[2].live) == ("RESOURCE:CPU", None)


async def test_of_fewer_tasks_than_asked_none_goes_to_who_shall_be_stopped() -> None:
    """A member that was cancelled meanwhile gets a task only if there are enough."""
    stage = Stage()
    first, second = stage.admit(), stage.admit()
    launch = stage.launch(first, second)
    stage.ledger.wish(first.id, Wish.CANCEL, "no")
    stage.ledger.launched(launch, [stage.made()])
    assert (first.state, second.state) == (State.CANCELLED, State.PROVISIONING)


async def test_more_tasks_than_members_are_left_alone() -> None:
    """A surplus answer names no task twice and breaks nothing."""
    stage = Stage()
    record = stage.admit()
    stage.ledger.launched(stage.launch(record), [stage.made(), stage.made()])
    assert record.state is State.PROVISIONING
    assert len(stage.ledger._by_arn) == 1  # noqa: SLF001 (there is no public count)


async def test_a_settled_launch_is_settled() -> None:
    """A second answer to the same launch changes nothing."""
    stage = Stage()
    record = stage.admit()
    launch, made = stage.launch(record), stage.made()
    stage.ledger.launched(launch, [made])
    stage.ledger.launched(launch, [stage.made()])
    stage.ledger.returned(launch, "late")
    assert (record.state, record.arn) == (State.PROVISIONING, made.arn)


async def test_a_wish_during_the_launch_is_kept_until_there_is_an_arn() -> None:
    """Cancel is an intent: it ends nothing that ECS may be starting, and waits for the ARN."""
    stage = Stage()
    record = stage.admit()
    launch = stage.launch(record)
    assert stage.ledger.wish(record.id, Wish.CANCEL, "no")
    assert record.state is State.LAUNCHING
    assert stage.ledger.unwanted(launch)
    stage.ledger.launched(launch, [stage.made()])
    assert (record.state, record.wish) == (State.PROVISIONING, Wish.CANCEL)


async def test_the_first_wish_counts() -> None:
    """A timeout that strikes while a cancel is under way does not rename the ending."""
    stage = Stage()
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.wish(record.id, Wish.CANCEL, "mine")
    stage.ledger.wish(record.id, Wish.TIMEOUT, "late")
    stage.ledger.seen(stopped(arn, exit_code=143, stop_code="UserInitiated"))
    assert (record.state, record.wish_reason) == (State.CANCELLED, "mine")


async def test_what_ecs_does_not_know_yet_is_given_time() -> None:
    """MISSING counts from the first time it was said, and starts anew when ECS knew it in between."""
    stage = Stage()
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.missing(arn, 300)
    await asyncio.sleep(299)
    stage.ledger.missing(arn, 300)
    stage.ledger.found(arn)
    stage.ledger.missing(arn, 300)
    await asyncio.sleep(299)
    stage.ledger.missing(arn, 300)
    states = [record.state]
    await asyncio.sleep(1)
    stage.ledger.missing(arn, 300)
    assert [*states, record.state] == [State.PROVISIONING, State.UNKNOWN]


async def test_unknown_goes_round_only_where_that_was_asked_for() -> None:
    """Running a task again on a guess is the user's decision."""
    stage = Stage(policy=RoundPolicy(unknown_goes_round=True))
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.missing(arn, 0)
    stage.ledger.missing(arn, 0)
    assert record.state is State.QUEUED
    assert [a.outcome.cause for a in record.attempts] == [Cause.FORGOTTEN]


async def test_spot_goes_round_as_often_as_allowed() -> None:
    """With two interruptions allowed the third is final, and each has an attempt of its own."""
    stage = Stage(policy=RoundPolicy(max_spot_attempts=2))
    record = stage.admit()
    states = []
    for _ in range(3):
        stage.ledger.seen(stopped(stage.run(record), exit_code=None, stop_code="SpotInterruption"))
        states.append(record.state)
    assert states == [State.QUEUED, State.QUEUED, State.LOST]
    assert [a.number for a in record.attempts] == [1, 2, 3]


async def test_what_shall_be_stopped_does_not_go_round() -> None:
    """A cancelled task that spot interrupts first is over."""
    stage = Stage()
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.wish(record.id, Wish.CANCEL)
    stage.ledger.seen(stopped(arn, exit_code=None, stop_code="SpotInterruption"))
    assert record.state.is_ending


async def test_a_refusal_ends_every_member() -> None:
    """A request that ECS will never accept is the task's end, with ECS's words."""
    stage = Stage()
    records = [stage.admit() for _ in range(2)]
    stage.ledger.refused(stage.launch(*records), outcome.refused("InvalidParameterException: no"))
    assert {r.state for r in records} == {State.FAILED}
    assert all(r.result is not None and "InvalidParameter" in r.result.reason for r in records)
    assert len(stage.ledger) == 0


async def test_a_withdrawn_task_leaves_nothing() -> None:
    """An admission nobody was told of is undone: no task, no key, no ending told."""
    stage = Stage()
    record = stage.admit(key="k")
    stage.ledger.withdraw(record)
    assert stage.ledger.by_key("k") is None
    assert len(stage.ledger) == 0
    assert await stage.journal.find("k") is None


async def test_idle_is_when_nothing_lives() -> None:
    """``idle`` waits for the last task and returns at once without any."""
    stage = Stage()
    await stage.ledger.idle()
    arn = stage.run(stage.admit())
    waiting = asyncio.create_task(stage.ledger.idle())
    await asyncio.sleep(1)
    assert not waiting.done()
    stage.ledger.seen(stopped(arn))
    await waiting


async def test_a_start_in_the_last_moment_is_left_alone() -> None:
    """RUNNING before the stop was sent: the wish is dropped, on disk too. After it was sent it stands."""
    for sent in (False, True):
        stage = Stage()
        record = stage.admit()
        arn = stage.run(record)
        assert stage.ledger.wish(record.id, Wish.START, "late")
        if sent:
            stage.ledger.stopping(arn)
        stage.ledger.seen(Sighting(arn=arn, version=5, last_status="RUNNING"))
        assert record.wish is (Wish.START if sent else None)


async def test_a_start_that_is_being_stopped_already_is_not_left_alone() -> None:
    """ECS says RUNNING and wants it STOPPED: an earlier process had sent the stop."""
    stage = Stage()
    record = stage.admit()
    arn = stage.run(record)
    stage.ledger.wish(record.id, Wish.START)
    stage.ledger.seen(Sighting(arn=arn, version=5, last_status="RUNNING", desired_status="STOPPED"))
    assert record.wish is Wish.START


async def test_only_what_has_not_started_is_late() -> None:
    """A START wish means nothing for what is queued, being launched, or running."""
    stage = Stage()
    queued, launching, running = (stage.admit() for _ in range(3))
    stage.launch(launching)
    stage.ledger.seen(Sighting(arn=stage.run(running), version=5, last_status="RUNNING"))
    for record in (queued, launching, running):
        assert stage.ledger.wish(record.id, Wish.START)
        assert record.wish is None


async def test_any_other_wish_goes_before_a_late_start() -> None:
    """CANCEL and TIMEOUT replace START; nothing replaces them."""
    for wish in (Wish.CANCEL, Wish.TIMEOUT):
        stage = Stage()
        record = stage.admit()
        stage.run(record)
        for each in (Wish.START, wish, Wish.START):
            stage.ledger.wish(record.id, each)
        assert record.wish is wish


async def test_a_round_forgets_the_wish_that_ended_the_attempt() -> None:
    """Stopped for its late start it goes on elsewhere, and nothing stops it there."""
    other = replace(PLACE, provider=replace(PLACE.provider, name="other"))
    stage = Stage()
    record = stage.ledger.admit(SPEC, (PLACE, other))
    arn = stage.run(record)
    stage.ledger.wish(record.id, Wish.START, "late")
    stage.ledger.seen(late(arn))
    assert (record.state, record.wish, record.route) == (State.QUEUED, None, (other,))
    assert record.note == "mi: late; now at other"
    stage.ledger.seen(late(stage.run(record)))
    assert record.state.is_ending


async def test_on_spot_a_lost_host_was_taken_back() -> None:
    """By the place that it was launched at, after a restart too."""
    spot = replace(PLACE, provider=replace(PLACE.provider, name="spot", is_spot=True))
    for place, cause in ((spot, Cause.SPOT), (PLACE, Cause.HOST_LOST)):
        stage = Stage()
        first = stage.ledger.admit(SPEC, (PLACE, spot))
        launch = stage.launch(first, at=place)
        task = LiveTask(
            admitted=Admitted(id=first.id, spec=SPEC, submitted_at=0.0), launch=launch, arn=Arn("arn:x")
        )
        fresh = Stage()
        fresh.journal.write([task.admitted])
        record = fresh.ledger.restore(task, (PLACE, spot))
        assert record.placement is place
        fresh.ledger.seen(stopped(Arn("arn:x"), exit_code=None, stop_code="TerminationNotice"))
        assert record.attempts[0].outcome.cause is cause
        assert record.attempts[0].is_spot is place.provider.is_spot


def late(arn: Arn) -> Sighting:
    """It was stopped by us before it had a machine."""
    return Sighting(
        arn=arn, version=99, last_status="STOPPED", stop_code="UserInitiated", stopped_reason="late",
        stopped_at=2.0,
    )  # fmt: skip
