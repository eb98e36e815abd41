"""The table of endings for tasks that ran: what ECS says, in our words, and who goes round again."""

from __future__ import annotations

import pytest

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome, Round, Wish, settle
from awsecs_async.model.sighting import Sighting
from tests.unit.model.outcome.sightings import (
    EXITED,
    HOST_GONE,
    SPOT,
    STOPPED_BY_HAND,
    never_started,
    other,
    stopped,
)

ESSENTIAL = "Essential container in task exited"
TERMINATED = "Host EC2 (instance i-0123456789abcdef0) terminated."
FORCED = "Container instance deregistration forced by user"
OOM = "OutOfMemoryError: Container killed due to memory usage"
NEVER = "CannotStartContainerError: dependency graph: container dependency never will be satisfied"


def ending(sighting: Sighting, wish: Wish | None = None, *, on_spot: bool = False) -> Outcome:
    """The outcome for the container ``main``."""
    return settle(sighting, result_from="main", wish=wish, on_spot=on_spot).outcome


@pytest.mark.parametrize(
    ("sighting", "cause", "state", "exit_code"),
    [
        (stopped(exit_code=0, stop_code=EXITED, said=ESSENTIAL), Cause.EXIT, State.SUCCEEDED, 0),
        (stopped(exit_code=3, stop_code=EXITED, said=ESSENTIAL), Cause.EXIT, State.FAILED, 3),
        (stopped(exit_code=139, stop_code=EXITED, said=ESSENTIAL), Cause.EXIT, State.FAILED, 139),
        (stopped(exit_code=143, stop_code=EXITED, said=ESSENTIAL), Cause.EXIT, State.FAILED, 143),
        (stopped(exit_code=0, stop_code="SomethingNew"), Cause.EXIT, State.SUCCEEDED, 0),
        (stopped(exit_code=7, stop_code="SomethingNew", said="?"), Cause.EXIT, State.FAILED, 7),
        (stopped(exit_code=137, stop_code=EXITED, reason=OOM), Cause.OUT_OF_MEMORY, State.FAILED, 137),
        (stopped(exit_code=137, stop_code=EXITED), Cause.OUT_OF_MEMORY, State.FAILED, 137),
        (
            stopped(exit_code=1, stop_code=EXITED, reason="container killed due to memory usage"),
            Cause.OUT_OF_MEMORY, State.FAILED, 1,
        ),
        (stopped(exit_code=137, stop_code=HOST_GONE, said=TERMINATED), Cause.HOST_LOST, State.LOST, 137),
        (stopped(exit_code=143, stop_code=EXITED, reason=NEVER), Cause.DEPENDENCY, State.FAILED, None),
        (never_started(NEVER, exit_code=143), Cause.DEPENDENCY, State.FAILED, None),
        (stopped(stop_code=SPOT, exit_code=137), Cause.SPOT, State.LOST, 137),
        (
            stopped(stop_code=HOST_GONE, said="Your Spot Task was interrupted."),
            Cause.SPOT, State.LOST, None,
        ),
        (never_started(said="Your Spot Task was interrupted.", stop_code=SPOT), Cause.SPOT, State.LOST, None),
        (stopped(said=TERMINATED, stop_code=HOST_GONE), Cause.HOST_LOST, State.LOST, None),
        (stopped(said="Host EC2 (instance i-0) stopped."), Cause.HOST_LOST, State.LOST, None),
        (stopped(stop_code="InfrastructureHealth"), Cause.HOST_LOST, State.LOST, None),
        (stopped(said=FORCED, stop_code=HOST_GONE), Cause.LIFETIME, State.LOST, None),
        (stopped(said=FORCED, stop_code=STOPPED_BY_HAND, exit_code=137), Cause.LIFETIME, State.LOST, 137),
        (stopped(stop_code=STOPPED_BY_HAND, exit_code=137), Cause.STOPPED, State.CANCELLED, 137),
        (stopped(stop_code=STOPPED_BY_HAND, exit_code=0), Cause.STOPPED, State.CANCELLED, 0),
        (never_started(said="by Ann", stop_code=STOPPED_BY_HAND), Cause.STOPPED, State.CANCELLED, None),
        (
            stopped(reason="DockerTimeoutError: Could not transition to stopped; timed out"),
            Cause.RUNTIME, State.LOST, None,
        ),
        (stopped(stop_code=EXITED, said=ESSENTIAL), Cause.NO_EXIT_CODE, State.LOST, None),
        (stopped(), Cause.NO_EXIT_CODE, State.LOST, None),
        (stopped(stop_code="New", said="The moon was full"), Cause.UNKNOWN, State.UNKNOWN, None),
    ],
)  # fmt: skip
def test_what_ecs_says_in_our_words(
    sighting: Sighting, cause: Cause, state: State, exit_code: int | None
) -> None:
    """ECS's documented words, row by row: the cause, the ending, and the exit code as ECS gave it."""
    found = ending(sighting)
    assert (found.cause, found.state, found.exit_code) == (cause, state, exit_code)


@pytest.mark.parametrize(
    ("sighting", "on_spot", "account"),
    [
        (stopped(stop_code=SPOT), False, Round.SPOT),
        (stopped(stop_code=HOST_GONE, said=TERMINATED), True, Round.SPOT),
        (stopped(stop_code=HOST_GONE, said=TERMINATED), False, Round.HOST),
        (stopped(stop_code=HOST_GONE, said=FORCED), True, None),
        (stopped(stop_code=HOST_GONE, said=FORCED), False, None),
        (stopped(stop_code=EXITED, exit_code=1), True, None),
        (stopped(stop_code=EXITED), True, None),
        (stopped(stop_code=SPOT, exit_code=0), True, None),
        (stopped(stop_code=EXITED, exit_code=1, said="RESOURCE:CPU, capacity is unavailable"), False, None),
        (stopped(stop_code=STOPPED_BY_HAND, said="Your Spot Task was interrupted."), True, None),
        (stopped(stop_code="New", said="The moon was full"), True, None),
    ],
)
def test_who_goes_round(sighting: Sighting, on_spot: bool, account: Round | None) -> None:  # noqa: FBT001
    """A host lost on spot is spot's account, else the host's; old age, exits and people's words are none."""
    assert settle(sighting, result_from="main", on_spot=on_spot).round is account


def test_a_host_lost_on_spot_was_taken_by_spot() -> None:
    """Managed Instances tell of a spot interruption only by the instance's end."""
    assert ending(stopped(stop_code=HOST_GONE, said=TERMINATED), on_spot=True).cause is Cause.SPOT


def test_old_age_says_how_long_an_instance_lives() -> None:
    """Whoever lost a long task to its instance's age learns the limit, and that it does not run again."""
    hint = ending(stopped(said=FORCED)).hint
    assert all(words in hint for words in ("14 days", "7 days later", "AWS:", "never goes round"))


def test_only_the_result_container_counts() -> None:
    """The task's exit code is that of the named container, whoever else failed: the reason tells of them."""
    done = ending(stopped(exit_code=0, stop_code=EXITED, others=(other(1, "told to go"),)))
    failed = ending(stopped(exit_code=1, stop_code=EXITED, others=(other(143, NEVER),)))
    killed = ending(stopped(exit_code=1, stop_code=EXITED, others=(other(137, OOM),)))
    assert (done.state, done.exit_code) == (State.SUCCEEDED, 0)
    assert "proxy: told to go" in done.reason
    assert (failed.cause, failed.exit_code, failed.started) == (Cause.EXIT, 1, True)
    assert (killed.cause, killed.exit_code) == (Cause.EXIT, 1)


@pytest.mark.parametrize("exit_code", [137, 143])
@pytest.mark.parametrize("culprit", [other(1), other(137, OOM)])
def test_what_fell_with_another_container_did_not_run_out_of_memory(exit_code: int, culprit: object) -> None:
    """ECS kills all containers when an essential one ends; that is no sign of this one's memory."""
    found = ending(stopped(exit_code=exit_code, stop_code=EXITED, others=(culprit,)))  # type: ignore[arg-type]
    assert (found.cause, found.state) == (Cause.EXIT, State.FAILED)
    assert "Another container" in found.hint


@pytest.mark.parametrize("fallen", [other(0), other(143), other(137), other()])
def test_what_was_killed_first_probably_ran_out_of_memory(fallen: object) -> None:
    """137 with nobody to blame is most often the memory limit, and is called probable."""
    found = ending(stopped(exit_code=137, stop_code=EXITED, others=(fallen,)))  # type: ignore[arg-type]
    assert (found.cause, "probably" in found.hint) == (Cause.OUT_OF_MEMORY, True)


@pytest.mark.parametrize(
    ("exit_code", "word"), [(126, "126"), (127, "not found"), (174, "S3"), (175, "Fusion")]
)
def test_exit_codes_with_a_custom_meaning_are_explained(exit_code: int, word: str) -> None:
    """What shells and Fusion mean by a code is said, and the code stays the task's own."""
    found = ending(stopped(exit_code=exit_code, stop_code=EXITED))
    assert (found.cause, found.exit_code, word in found.hint) == (Cause.EXIT, exit_code, True)


@pytest.mark.parametrize("code", [0, 126, 127, 128, 143])
def test_what_never_started_has_no_exit_code(code: int) -> None:
    """An exit code beside a reason that says "never started" is the agent's or Docker's invention."""
    found = ending(never_started("CannotStartContainerError: x", exit_code=code))
    assert (found.exit_code, found.started, found.state) == (None, False, State.FAILED)


# --- our own stops ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("wish", "state"), [(Wish.CANCEL, State.CANCELLED), (Wish.TIMEOUT, State.TIMED_OUT)])
def test_our_stop_is_told_by_its_wish(wish: Wish, state: State) -> None:
    """A stop that we asked for is ours, and the exit code is still said."""
    found = ending(stopped(stop_code=STOPPED_BY_HAND, exit_code=143), wish)
    assert (found.state, found.exit_code) == (state, 143)


@pytest.mark.parametrize("wish", Wish)
def test_what_exited_by_itself_before_our_stop_tells_its_own_ending(wish: Wish) -> None:
    """A stop that came too late does not turn a success into something else."""
    found = settle(stopped(stop_code=EXITED, exit_code=0), result_from="main", wish=wish)
    assert (found.outcome.state, found.round) == (State.SUCCEEDED, None)


@pytest.mark.parametrize(("wish", "state"), [(Wish.CANCEL, State.CANCELLED), (Wish.TIMEOUT, State.TIMED_OUT)])
@pytest.mark.parametrize("stop_code", [SPOT, HOST_GONE])
def test_what_was_to_be_stopped_is_not_lost(wish: Wish, state: State, stop_code: str) -> None:
    """A cancelled task that spot or its host took first is cancelled, and goes round on no account."""
    found = settle(stopped(stop_code=stop_code, said="gone"), result_from="main", wish=wish)
    assert (found.outcome.state, found.outcome.reason, found.round) == (state, "gone", None)


@pytest.mark.parametrize(("instance", "waited_for"), [("i", "image"), (None, "capacity")])
def test_what_did_not_start_in_time_moves_on(instance: str | None, waited_for: str) -> None:
    """A start timeout goes round to the next provider, and tells what it waited for, ECS's words included."""
    late = never_started(
        "pulling", "startTimeout of 5m reached", stop_code=STOPPED_BY_HAND, instance_arn=instance
    )
    found = settle(late, result_from="main", wish=Wish.START)
    assert (found.outcome.cause, found.outcome.state) == (Cause.START_TIMEOUT, State.TIMED_OUT)
    assert found.round is Round.START
    assert waited_for in found.outcome.hint
    assert found.outcome.reason == "startTimeout of 5m reached; main: pulling"


def test_what_started_while_we_stopped_it_is_not_run_twice() -> None:
    """The stop for being late and the start may cross; what has begun is not begun again for that."""
    found = settle(stopped(stop_code=STOPPED_BY_HAND, exit_code=143), result_from="main", wish=Wish.START)
    assert (found.outcome.cause, found.round) == (Cause.START_TIMEOUT, None)


def test_a_wish_to_move_on_leaves_other_rounds_alone() -> None:
    """Spot or a missing machine that came before our stop go round on their own account."""
    spot = settle(stopped(stop_code=SPOT), result_from="main", wish=Wish.START)
    short = settle(never_started(said="RESOURCE:CPU"), result_from="main", wish=Wish.START)
    assert (spot.round, short.round) == (Round.SPOT, Round.CAPACITY)
