"""A Result: truthy where it succeeded, and a sentence for whoever reads it."""

from __future__ import annotations

import pytest

from awsecs_async.errors import TaskFailed
from awsecs_async.model.launch import LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.task import TaskId


def result(outcome: Outcome, *attempts: Attempt) -> Result:
    """A result with that outcome."""
    return Result(
        id=TaskId("1"), title="train", outcome=outcome, attempts=attempts, submitted_at=1.0, ended_at=2.0
    )


def attempt(number: int, cause: Cause, *, started_at: float | None = None) -> Attempt:
    """An attempt of 2 vCPUs and 4 GiB that ended at 100."""
    return Attempt(
        number=number, launch_id=LaunchId("l"), arn=None, target="default", cpu_units=2048, memory_mib=4096,
        started_at=started_at, stopped_at=100.0, outcome=Outcome(state=State.LOST, cause=cause),
    )  # fmt: skip


def test_success_is_true_and_checks() -> None:
    """``if result`` and ``result.check()`` let a success pass."""
    good = result(Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0))
    assert good
    assert good.check() is good
    assert str(good) == "train: SUCCEEDED with exit code 0"


def test_failure_raises_with_all_there_is_to_say() -> None:
    """The exception's text has state, exit code, ECS's reason and the hint."""
    bad = result(
        Outcome(state=State.FAILED, cause=Cause.OUT_OF_MEMORY, exit_code=137, reason="Killed.", hint="More.")
    )
    assert not bad
    with pytest.raises(TaskFailed, match=r"^train: FAILED with exit code 137\. Killed\. More$"):
        bad.check()


def test_a_missing_exit_code_is_not_said() -> None:
    """What ECS did not give is left out, never made up."""
    lost = result(Outcome(state=State.LOST, cause=Cause.NO_EXIT_CODE))
    assert (str(lost), lost.exit_code) == ("train: LOST", None)


def test_usage_is_counted_over_all_attempts() -> None:
    """What was reserved is counted from start to stop of every attempt that started."""
    spent = result(
        Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0),
        attempt(1, Cause.SPOT, started_at=90.0),
        attempt(2, Cause.IMAGE),
        attempt(3, Cause.EXIT, started_at=40.0),
    )
    assert (spent.vcpu_seconds, spent.gb_seconds, spent.spot_interruptions) == (140.0, 280.0, 1)
