"""The table of endings: what ECS says, in our words, and who goes round again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.lifecycle import ENDINGS, State
from awsecs_async.model.outcome import Cause, Round, Wish, forgotten, settle
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting

EXITED = "EssentialContainerExited"
FAILED_TO_START = "TaskFailedToStart"


def stopped(
    *,
    exit_code: int | None = None,
    reason: str | None = None,
    said: str | None = None,
    **fields: Any,  # noqa: ANN401
) -> Sighting:
    """A stopped task with one container, which started unless ECS says otherwise."""
    main = ContainerSighting(name="main", last_status="STOPPED", exit_code=exit_code, reason=reason)
    members: dict[str, Any] = {"stopped_reason": said, "started_at": 1.0, "containers": (main,)} | fields
    return Sighting(arn=Arn("a"), version=9, last_status="STOPPED", **members)


@pytest.mark.parametrize(
    ("sighting", "cause", "state", "exit_code"),
    [
        (stopped(exit_code=0, stop_code=EXITED), Cause.EXIT, State.SUCCEEDED, 0),
        (stopped(exit_code=3, stop_code=EXITED), Cause.EXIT, State.FAILED, 3),
        (stopped(exit_code=137, stop_code=EXITED), Cause.OUT_OF_MEMORY, State.FAILED, 137),
        (
            stopped(exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage"),
            Cause.OUT_OF_MEMORY, State.FAILED, 137,
        ),
        (
            stopped(stop_code=FAILED_TO_START, started_at=None, reason="CannotPullContainerError: none such"),
            Cause.IMAGE, State.FAILED, None,
        ),
        (
            stopped(stop_code=FAILED_TO_START, started_at=None, reason="ResourceInitializationError: x"),
            Cause.SETUP, State.FAILED, None,
        ),
        (
            stopped(exit_code=143, reason="dependency graph: container dependency never will be satisfied"),
            Cause.DEPENDENCY, State.FAILED, None,
        ),
        (stopped(stop_code="SpotInterruption", exit_code=137), Cause.SPOT, State.LOST, 137),
        (
            stopped(said="Host EC2 (instance i-0) terminated.", stop_code="TerminationNotice"),
            Cause.HOST_LOST, State.LOST, None,
        ),
        (stopped(stop_code="UserInitiated", exit_code=137), Cause.STOPPED, State.CANCELLED, 137),
        (stopped(stop_code=EXITED), Cause.NO_EXIT_CODE, State.LOST, None),
        (stopped(stop_code="SomethingNew", exit_code=0), Cause.EXIT, State.SUCCEEDED, 0),
        (
            stopped(started_at=None, said="Unable to launch instance(s): InsufficientInstanceCapacity"),
            Cause.CAPACITY, State.FAILED, None,
        ),
    ],
)  # fmt: skip
def test_what_ecs_says_in_our_words(
    sighting: Sighting, cause: Cause, state: State, exit_code: int | None
) -> None:
    """One example for each rule: its cause, its ending, and the exit code as ECS gave it."""
    found = settle(sighting, result_from="main").outcome
    assert (found.cause, found.state, found.exit_code) == (cause, state, exit_code)


@pytest.mark.parametrize(("wish", "state"), [(Wish.CANCEL, State.CANCELLED), (Wish.TIMEOUT, State.TIMED_OUT)])
def test_our_stop_is_told_by_its_wish(wish: Wish, state: State) -> None:
    """A stop that we asked for is ours, and the exit code is still said."""
    sighting = stopped(stop_code="UserInitiated", exit_code=143)
    assert settle(sighting, result_from="main", wish=wish).outcome.state is state


@pytest.mark.parametrize("wish", Wish)
def test_what_exited_by_itself_before_our_stop_tells_its_own_ending(wish: Wish) -> None:
    """A cancel that came too late does not turn a success into a cancellation."""
    sighting = stopped(stop_code=EXITED, exit_code=0)
    assert settle(sighting, result_from="main", wish=wish).outcome.state is State.SUCCEEDED


def test_only_the_result_container_counts() -> None:
    """The task's exit code is that of the named container, wherever it stands and whoever else is there."""
    containers = (
        ContainerSighting(name="aws-guardduty-agent", exit_code=1),
        ContainerSighting(name="main", exit_code=0),
        ContainerSighting(name="proxy", exit_code=143, reason="told to go"),
    )
    found = settle(stopped(stop_code=EXITED, containers=containers), result_from="main").outcome
    assert (found.state, found.exit_code) == (State.SUCCEEDED, 0)
    assert "proxy: told to go" in found.reason


def test_who_goes_round() -> None:
    """Spot and capacity, on accounts of their own; nothing else."""
    spot = settle(stopped(stop_code="SpotInterruption"), result_from="main")
    capacity = settle(stopped(started_at=None, said="RESOURCE:CPU"), result_from="main")
    exited = settle(stopped(stop_code=EXITED, exit_code=1), result_from="main")
    assert (spot.round, capacity.round, exited.round) == (Round.SPOT, Round.CAPACITY, None)


def test_what_started_never_goes_round_for_capacity() -> None:
    """Words about capacity in the reason of a task that ran do not run it a second time."""
    ran = stopped(stop_code=EXITED, exit_code=1, said="RESOURCE: capacity is unavailable")
    assert settle(ran, result_from="main").round is None


@given(
    st.sampled_from(["", EXITED, FAILED_TO_START, "UserInitiated", "SpotInterruption", "New"]),
    st.none() | st.integers(0, 255),
    st.none() | st.text(max_size=10),
    st.none() | st.just(1.0),
    st.none() | st.sampled_from(Wish),
)
def test_every_ending_is_some_ending(
    stop_code: str, exit_code: int | None, reason: str | None, started_at: float | None, wish: Wish | None
) -> None:
    """There is always a verdict; no exit code is made up, and success needs a zero that is there."""
    sighting = stopped(stop_code=stop_code, exit_code=exit_code, reason=reason, started_at=started_at)
    found = settle(sighting, result_from="main", wish=wish).outcome
    assert found.state in ENDINGS
    assert found.exit_code in {None, exit_code}
    assert (found.state is State.SUCCEEDED) <= (exit_code == 0)


def test_what_nobody_can_tell_is_called_unknown() -> None:
    """An ending that ECS has forgotten is admitted as such, with where else to look."""
    found = forgotten("gone")
    assert (found.state, found.cause, found.exit_code) == (State.UNKNOWN, Cause.FORGOTTEN, None)
    assert "CloudWatch" in found.hint


def with_sidecar(main: int | None, sidecar: str, **fields: Any) -> Sighting:  # noqa: ANN401
    """A stopped task whose other container ended badly."""
    containers = (
        ContainerSighting(name="main", last_status="STOPPED", exit_code=main),
        ContainerSighting(name="sidecar", last_status="STOPPED", exit_code=137, reason=sidecar),
    )
    return stopped(containers=containers, stop_code=EXITED, **fields)


def test_only_its_own_container_decides() -> None:
    """What became of a sidecar is no ending of the command, and its reason is kept all the same."""
    done = settle(with_sidecar(0, "OutOfMemoryError: killed"), result_from="main").outcome
    failed = settle(
        with_sidecar(1, "CannotStartContainerError: dependency graph: x"), result_from="main"
    ).outcome
    assert (done.state, done.exit_code) == (State.SUCCEEDED, 0)
    assert (failed.cause, failed.exit_code, failed.started) == (Cause.EXIT, 1, True)
    assert "OutOfMemoryError" in done.reason


def test_what_is_done_is_not_done_again() -> None:
    """A command that exited with 0 before spot took its host has succeeded."""
    found = settle(stopped(stop_code="SpotInterruption", exit_code=0), result_from="main")
    assert (found.outcome.state, found.round) == (State.SUCCEEDED, None)


@pytest.mark.parametrize(("wish", "state"), [(Wish.CANCEL, State.CANCELLED), (Wish.TIMEOUT, State.TIMED_OUT)])
def test_what_was_to_be_stopped_is_not_lost_to_spot(wish: Wish, state: State) -> None:
    """A cancelled task that spot took first is cancelled, with ECS's reason."""
    found = settle(stopped(stop_code="SpotInterruption", said="interrupted"), result_from="main", wish=wish)
    assert (found.outcome.state, found.outcome.reason) == (state, "interrupted")
