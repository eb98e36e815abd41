"""The counts of several tasks."""

from awsecs_async.cli.progress import Progress
from awsecs_async.model.lifecycle import State


def test_it_counts_what_matters_and_leaves_out_what_is_nothing() -> None:
    """One line, short at the beginning and at the end."""
    states = [State.SUCCEEDED] * 3 + [State.FAILED, State.LOST, State.RUNNING, State.STARTING, State.QUEUED]
    progress = Progress(states)
    assert str(progress) == "5 of 8 done, 2 not succeeded, 1 running, 1 starting, 1 queued"
    assert (progress.total, progress.ended, progress.failed) == (8, 5, 2)
    assert str(Progress([State.QUEUED] * 2)) == "0 of 2 done, 2 queued"
    assert str(Progress([State.SUCCEEDED] * 2)) == "2 of 2 done"


def test_every_state_is_counted_somewhere() -> None:
    """The parts add up to the whole."""
    for state in State:
        assert any(character.isdigit() and character != "0" for character in str(Progress([state]))[5:]) or (
            Progress([state]).ended
        )
