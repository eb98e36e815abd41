"""The record of a run: there while it runs, gone after a clean end, found after any other."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from awsecs_async.cli.runs import RunRecord, directory, left_behind, recorded, warning

RECORD = RunRecord(
    started_by="awsecs-1", cluster="c", region="eu-north-1", profile=None, pid=4711, began_at=1.0
)


def test_a_running_run_is_not_left_behind_and_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    """Nobody is warned of what is in order."""
    with recorded(RECORD, in_doubt=lambda: False, where=tmp_path / "runs"):
        assert left_behind(tmp_path / "runs") == []
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize(("in_doubt", "left"), [(True, [RECORD]), (False, [])])
def test_only_an_end_with_tasks_leaves_the_record(
    in_doubt: bool,  # noqa: FBT001
    left: list[RunRecord],
    tmp_path: Path,
) -> None:
    """A run that failed with tasks on ECS is found; one that was refused leaves no warning behind."""
    with pytest.raises(ZeroDivisionError), recorded(RECORD, in_doubt=lambda: in_doubt, where=tmp_path):
        raise ZeroDivisionError
    assert [record for _, record in left_behind(tmp_path)] == left


def test_a_killed_run_is_found(tmp_path: Path) -> None:
    """The kernel lets go of its lock, whatever the process was doing."""
    script = (
        "import sys, pathlib, os\n"
        "from awsecs_async.cli.runs import RunRecord, recorded\n"
        "record = RunRecord(started_by='s', cluster='c', region=None, profile=None, pid=1, began_at=1.0)\n"
        "with recorded(record, in_doubt=lambda: False, where=pathlib.Path(sys.argv[1])):\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert left_behind(tmp_path) == []
        process.kill()
    assert [record.started_by for _, record in left_behind(tmp_path)] == ["s"]


def test_only_its_user_can_read_it(tmp_path: Path) -> None:
    """It names a cluster and a profile."""
    with recorded(RECORD, in_doubt=lambda: False, where=tmp_path / "runs"):
        (path,) = (tmp_path / "runs").iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    """A file of somebody else's, or of another version, harms nobody."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").write_text("not json")
    assert left_behind(tmp_path) == []
    assert left_behind(tmp_path / "nowhere") == []


def test_the_warning_says_how_to_find_the_tasks(tmp_path: Path) -> None:
    """It can be pasted."""
    said = warning(tmp_path / "x.json", RECORD)
    assert "aws ecs list-tasks --started-by awsecs-1 --cluster c --region eu-north-1" in said
    assert str(tmp_path / "x.json") in said


def test_it_is_kept_with_the_users_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where such things belong, and where the user may have said so."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert directory() == tmp_path / "awsecs" / "runs"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert directory() == Path.home() / ".local" / "state" / "awsecs" / "runs"
