"""Which exit status a result makes, and what is said with it."""

import pytest

from awsecs_async.cli.endings import Status, ending_of, ending_of_all
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome, forgotten, refused
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId


def result(outcome: Outcome, index: int | None = None) -> Result:
    """A result that ended so, 90 seconds after its start."""
    started = 1000.0 if outcome.started else None
    return Result(
        id=TaskId("t"),
        title="t",
        outcome=outcome,
        index=index,
        submitted_at=990,
        started_at=started,
        ended_at=1090,
    )


def exited(code: int, index: int | None = None) -> Result:
    """A command that ended by itself."""
    state = State.FAILED if code else State.SUCCEEDED
    said = "Essential container in task exited"
    outcome = Outcome(state=state, cause=Cause.EXIT, exit_code=code, reason=said, started=True)
    return result(outcome, index)


def other(state: State, cause: Cause, *, started: bool = True, exit_code: int | None = None) -> Result:
    """An ending that was not the command's own."""
    outcome = Outcome(
        state=state, cause=cause, exit_code=exit_code, reason="why", hint="What to do.", started=started
    )
    return result(outcome)


@pytest.mark.parametrize("code", [*range(0, 256, 15), 1, 124, 125, 126, 127, 130])
def test_an_exit_code_is_handed_on(code: int) -> None:
    """Whatever it is, it is the task's own."""
    ending = ending_of(exited(code))
    assert (ending.status, ending.is_tasks) == (code, True)


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (other(State.TIMED_OUT, Cause.TIMEOUT, exit_code=143), Status.TIMED_OUT),
        (other(State.CANCELLED, Cause.CANCELLED, exit_code=143), Status.INTERRUPTED),
        (other(State.CANCELLED, Cause.STOPPED), Status.INTERRUPTED),
        (other(State.LOST, Cause.SPOT), Status.LOST),
        (other(State.LOST, Cause.NO_EXIT_CODE), Status.LOST),
        (other(State.FAILED, Cause.OUT_OF_MEMORY), Status.LOST),
        (other(State.FAILED, Cause.IMAGE, started=False), Status.NEVER_STARTED),
        (other(State.FAILED, Cause.SETUP, started=False), Status.NEVER_STARTED),
        (result(refused("RunTask: no")), Status.NEVER_STARTED),
        (result(forgotten("gone")), Status.LOST),
    ],
)
def test_other_endings_have_statuses_of_their_own(ended: Result, status: Status) -> None:
    """What the command did not decide is never shown as its exit code."""
    ending = ending_of(ended)
    assert (ending.status, ending.is_tasks) == (status, False)
    assert f"(exit status {status.value})" in ending.message


def test_out_of_memory_with_an_exit_code_is_that_code() -> None:
    """ECS told it, so it is handed on."""
    assert ending_of(other(State.FAILED, Cause.OUT_OF_MEMORY, exit_code=137)).status == 137


def test_a_failure_never_becomes_a_success() -> None:
    """Exit code 0 beside a failed sidecar, or one that a shell would cut to 0, is not 0."""
    for code in (0, 256):
        assert ending_of(other(State.FAILED, Cause.OUT_OF_MEMORY, exit_code=code)).status == 1


def test_the_message_says_how_long_why_and_what_to_do() -> None:
    """One line answers what a person asks then."""
    said = ending_of(other(State.FAILED, Cause.OUT_OF_MEMORY, exit_code=137)).message
    assert said == "exited with 137 after 1m 30s: why. What to do"
    assert ending_of(exited(0)).message == "succeeded after 1m 30s"
    assert ending_of(exited(3)).message == "exited with 3 after 1m 30s"


def test_somebody_elses_stop_is_told_from_ours() -> None:
    """Who interrupted it is not guessed."""
    assert "not by this command" in ending_of(other(State.CANCELLED, Cause.STOPPED)).message


def test_several_tasks_end_as_the_first_that_did_not_succeed() -> None:
    """By index, not by time, so that the same tasks always make the same status."""
    ending = ending_of_all([exited(0, 0), exited(9, 1), exited(7, 2)])
    assert (ending.status, ending.is_tasks) == (9, True)
    assert ending.message.startswith("2 of 3 tasks did not succeed; the first is number 1: exited with 9")
    assert ending_of_all([exited(0, 0), exited(0, 1)]).message == "all 2 tasks succeeded"
    assert ending_of_all([exited(4)]) == ending_of(exited(4))
