"""The policy of going round: which places are left of a route is told by the attempts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.model.launch import LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome, Round, Verdict
from awsecs_async.model.placement import Placement, Route
from awsecs_async.model.result import Attempt
from awsecs_async.model.task import TaskSpec
from tests.unit.engine.parts import PLACE, SPEC


def place(name: str) -> Placement:
    """A place, on spot if it says so."""
    provider = replace(PLACE.provider, name=name, is_spot="spot" in name)
    return replace(PLACE, provider=provider)


SPOT, DEMAND, SPOT2, LAST = (place(name) for name in ("spot", "demand", "spot-2", "last"))
ROUTE: Route = (SPOT, DEMAND, SPOT2, LAST)
LATE, INTERRUPTED = Cause.START_TIMEOUT, Cause.SPOT


def attempts(*ended: tuple[Placement, Cause]) -> list[Attempt]:
    """Attempts at these places that ended so."""
    return [
        Attempt(
            number=number, launch_id=LaunchId("l"), arn=None, target=at.target, provider=at.provider.name,
            outcome=Outcome(state=State.LOST, cause=cause),
        )
        for number, (at, cause) in enumerate(ended, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "ended", "left"),
    [
        (RoundPolicy(), [], ROUTE),
        (RoundPolicy(), [(SPOT, INTERRUPTED)], ROUTE),
        (RoundPolicy(max_spot_attempts=0), [(SPOT, INTERRUPTED)], (DEMAND, LAST)),
        (RoundPolicy(max_spot_attempts=1), [(SPOT, INTERRUPTED)] * 2, (DEMAND, LAST)),
        (RoundPolicy(max_spot_attempts=1), [(SPOT, INTERRUPTED), (SPOT2, INTERRUPTED)], (LAST,)),
        (RoundPolicy(), [(SPOT, LATE)], (DEMAND, SPOT2, LAST)),
        (RoundPolicy(), [(SPOT, LATE), (DEMAND, LATE)], (SPOT2, LAST)),
        (RoundPolicy(), [(LAST, LATE)], ()),
        (RoundPolicy(max_spot_attempts=0), [(DEMAND, LATE), (SPOT2, INTERRUPTED)], (LAST,)),
        (RoundPolicy(move_on=("capacity",)), [(SPOT, LATE)], ()),
        (RoundPolicy(move_on=("start",), max_spot_attempts=0), [(SPOT, INTERRUPTED)], ()),
    ],
)
def test_which_places_are_left(
    policy: RoundPolicy, ended: list[tuple[Placement, Cause]], left: Route
) -> None:
    """A late start leaves the places after it; spent spot attempts leave those after it that are not spot."""
    assert policy.left(SPEC, ROUTE, attempts(*ended)) == left


@given(
    st.lists(st.tuples(st.sampled_from(ROUTE), st.sampled_from([LATE, INTERRUPTED, Cause.HOST_LOST]))),
    st.integers(0, 3),
)
def test_what_is_left_stays_left(ended: list[tuple[Placement, Cause]], most: int) -> None:
    """Asked of what was left before, or of the whole route after a restart, the answer is the same."""
    policy, route = RoundPolicy(max_spot_attempts=most), ROUTE
    for number in range(1, len(ended) + 1):
        if ended[number - 1][0] not in route:
            return  # a task is not tried where it may not run
        over = attempts(*ended[:number])
        route = policy.left(SPEC, route, over)
        assert route == policy.left(SPEC, ROUTE, over)
        if not route:
            return


@pytest.mark.parametrize(
    ("goes", "cause", "before", "spec"),
    [
        (Round.HOST, Cause.HOST_LOST, 0, TaskSpec(command=["a"])),
        (Round.HOST, Cause.HOST_LOST, 2, TaskSpec(command=["a"], max_host_attempts=2)),
        (Round.SPOT, Cause.SPOT, 5, TaskSpec(command=["a"])),
        (Round.SPOT, Cause.SPOT, 1, TaskSpec(command=["a"], max_spot_attempts=1)),
        (Round.SPOT, Cause.SPOT, 0, TaskSpec(command=["a"], max_spot_attempts=0)),
    ],
)
def test_each_account_has_its_own_limit(goes: Round, cause: Cause, before: int, spec: TaskSpec) -> None:
    """The task's number counts before the settings'; one more than that is one too many."""
    policy, only = RoundPolicy(), (SPOT,)
    verdict = Verdict(outcome=Outcome(state=State.LOST, cause=cause), round=goes)
    over = [(SPOT, cause)] * before
    if before:
        assert policy.goes_round(spec, verdict, only, attempts(*over))
    assert not policy.goes_round(spec, verdict, only, attempts(*over, (SPOT, cause)))


def test_no_round_is_the_end_and_capacity_never_is() -> None:
    """What is the task's own doing ends it; what never had a machine costs nothing."""
    policy = RoundPolicy()
    for goes, expected in ((None, False), (Round.CAPACITY, True)):
        verdict = Verdict(outcome=Outcome(state=State.FAILED, cause=Cause.CAPACITY), round=goes)
        assert policy.goes_round(SPEC, verdict, (SPOT,), attempts((SPOT, Cause.CAPACITY))) is expected
