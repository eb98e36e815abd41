"""What holds of every ending, whatever ECS says: checked over words known and unknown."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.lifecycle import ENDINGS, State
from awsecs_async.model.outcome import Cause, Round, Wish, settle
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting
from tests.unit.model.outcome.sightings import EXITED, FAILED_TO_START, HOST_GONE, SPOT, STOPPED_BY_HAND
from tests.unit.model.outcome.test_setup import CAPACITY, ROWS

ACCOUNTS = {
    Cause.SPOT: Round.SPOT,
    Cause.HOST_LOST: Round.HOST,
    Cause.CAPACITY: Round.CAPACITY,
    Cause.START_TIMEOUT: Round.START,
}

known_words = st.sampled_from(
    [words for words, _, _ in ROWS]
    + CAPACITY
    + [
        "Essential container in task exited",
        "Host EC2 (instance i-0) terminated.",
        "Container instance deregistration forced by user",
        "Your Spot Task was interrupted.",
        "OutOfMemoryError: Container killed due to memory usage",
        "CannotStartContainerError: dependency graph: x",
    ]
)
words = st.none() | known_words | st.text(max_size=30)
exit_codes = st.none() | st.sampled_from([0, 1, 126, 137, 143]) | st.integers()
stop_codes = (
    st.none()
    | st.sampled_from(["", EXITED, FAILED_TO_START, STOPPED_BY_HAND, SPOT, HOST_GONE])
    | st.text(max_size=9)
)
containers = st.builds(ContainerSighting, name=st.text(max_size=9), exit_code=exit_codes, reason=words)
sightings = st.builds(
    Sighting,
    arn=st.just(Arn("a")),
    version=st.just(9),
    last_status=st.just("STOPPED"),
    stop_code=stop_codes,
    stopped_reason=words,
    started_at=st.none() | st.just(1.0),
    instance_arn=st.none() | st.just("i"),
    containers=st.lists(
        containers | st.builds(ContainerSighting, name=st.just("main"), exit_code=exit_codes, reason=words),
        max_size=4,
        unique_by=lambda c: c.name,
    ).map(tuple),
)
wishes = st.none() | st.sampled_from(Wish)
aws_sidecars = st.builds(
    ContainerSighting,
    name=st.sampled_from(["aws-guardduty-agent-x1Y2", "ecs-service-connect-Ab9"]),
    exit_code=exit_codes,
    reason=words,
)


@given(sightings, wishes, st.booleans())
def test_every_ending_is_some_ending(sighting: Sighting, wish: Wish | None, on_spot: bool) -> None:  # noqa: FBT001
    """There is always a verdict, and it is an ending with a hint where one is needed."""
    found = settle(sighting, result_from="main", wish=wish, on_spot=on_spot).outcome
    assert found.state in ENDINGS
    assert found.hint or found.cause in {Cause.EXIT, Cause.CANCELLED}


@given(sightings, wishes, st.booleans())
def test_no_exit_code_is_made_up(sighting: Sighting, wish: Wish | None, on_spot: bool) -> None:  # noqa: FBT001
    """The exit code is the result container's or none; success is its 0 and nothing else."""
    found = settle(sighting, result_from="main", wish=wish, on_spot=on_spot).outcome
    main = sighting.container("main")
    assert found.exit_code in {None, main.exit_code if main else None}
    assert (found.state is State.SUCCEEDED) <= (found.exit_code == 0)


@given(sightings, wishes, st.booleans())
def test_nothing_that_ecs_says_is_lost(sighting: Sighting, wish: Wish | None, on_spot: bool) -> None:  # noqa: FBT001
    """The reason holds ECS's words for the task and for each container, letter for letter."""
    found = settle(sighting, result_from="main", wish=wish, on_spot=on_spot).outcome
    said = [sighting.stopped_reason, *(container.reason for container in sighting.containers)]
    assert [text for text in said if text and text not in found.reason] == []


@given(sightings, wishes, st.booleans())
def test_each_account_has_its_one_cause(sighting: Sighting, wish: Wish | None, on_spot: bool) -> None:  # noqa: FBT001
    """A task goes round only for spot, its host, a missing machine or a late start, and never if unwanted."""
    verdict = settle(sighting, result_from="main", wish=wish, on_spot=on_spot)
    assert verdict.round in {None, ACCOUNTS.get(verdict.outcome.cause)}
    assert (verdict.round is not None) <= (wish in {None, Wish.START})


@given(sightings, wishes, st.booleans())
def test_only_a_lost_machine_runs_a_command_twice(
    sighting: Sighting, wish: Wish | None, on_spot: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """What was seen to start goes round for spot or its host, and for nothing else."""
    verdict = settle(sighting, result_from="main", wish=wish, on_spot=on_spot)
    if verdict.outcome.started:
        assert verdict.round in {None, Round.SPOT, Round.HOST}


@given(sightings, wishes, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_containers_never_matters(
    sighting: Sighting, wish: Wish | None, on_spot: bool, chance: random.Random  # noqa: FBT001
) -> None:  # fmt: skip
    """ECS gives a task's containers in any order; the verdict is the same to the letter."""
    shuffled = list(sighting.containers)
    chance.shuffle(shuffled)
    other = Sighting(**{**_members(sighting), "containers": tuple(shuffled)})  # type: ignore[arg-type]
    assert settle(other, result_from="main", wish=wish, on_spot=on_spot) == settle(
        sighting, result_from="main", wish=wish, on_spot=on_spot
    )


@given(sightings, wishes, st.booleans(), aws_sidecars)
def test_what_aws_adds_never_matters(
    sighting: Sighting, wish: Wish | None, on_spot: bool, sidecar: ContainerSighting  # noqa: FBT001
) -> None:  # fmt: skip
    """A sidecar that AWS puts into the task neither decides nor spoils the reason, wherever it stands."""
    with_it = Sighting(**{**_members(sighting), "containers": (sidecar, *sighting.containers)})  # type: ignore[arg-type]
    assert settle(with_it, result_from="main", wish=wish, on_spot=on_spot) == settle(
        sighting, result_from="main", wish=wish, on_spot=on_spot
    )


def _members(sighting: Sighting) -> dict[str, object]:
    return {name: getattr(sighting, name) for name in Sighting.__slots__}
