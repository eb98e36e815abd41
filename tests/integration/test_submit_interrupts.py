"""The command, interrupted, killed, left by its reader or by its cloud: nothing stays behind."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.submitting import LIMIT_SECONDS, Submit, wait_until_gone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_once(submit: Submit, number: signal.Signals) -> None:
    """The task is stopped and has its time to end; its last words are shown."""
    script = "trap 'echo cleaning; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    process = submit.begin("--", "sh", "-c", script)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 130
    assert out.endswith("cleaning\n")  # sh may have told before that it lost its sleep
    assert "the task was stopped" in err


def test_interrupted_twice(submit: Submit, tmp_path: Path) -> None:
    """The second time it leaves at once, and even so nothing of the local cloud stays behind."""
    script = "trap '' TERM; echo $$; while :; do sleep 0.05; done"
    process = submit.begin("--", "sh", "-c", script)
    assert process.stdout is not None
    assert process.stderr is not None
    pid = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    while "stopping the task" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert "left at once" in err
    assert wait_until_gone(pid)


def test_a_killed_run_leaves_no_process(submit: Submit) -> None:
    """The local cloud and its tasks end with the command, however it ends."""
    process = submit.begin("--", "sh", "-c", "echo $$; while :; do sleep 0.05; done")
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    assert wait_until_gone(pid)


def test_a_reader_that_goes_away_stops_the_task(submit: Submit) -> None:
    """``submit ... | head`` ends, quietly, and so does the task."""
    process = submit.begin("--", "sh", "-c", "echo $$; while :; do echo more; sleep 0.01; done")
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.stdout.close()
    assert process.wait(timeout=LIMIT_SECONDS) == 141
    assert wait_until_gone(pid)


def child_of(process: subprocess.Popen[str]) -> int:
    """The process id of its local cloud."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found through /proc")
def test_a_cloud_that_dies_is_the_end_of_it(submit: Submit) -> None:
    """Nothing can be known any more: it says so and leaves, instead of waiting for ever."""
    process = submit.begin("--", "sh", "-c", "echo begun; sleep 1000")
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    os.kill(child_of(process), signal.SIGKILL)
    _, err = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 127
    assert "the local cloud has ended" in err
