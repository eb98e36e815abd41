"""The command and its three standard streams, when one of them is not what it should be."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.submitting import COMMAND, LIMIT_SECONDS


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_led_to_nowhere(closed: str, environment: dict[str, str]) -> None:
    """As supervisors start programs: no pipe of ours takes their numbers."""
    command = f"exec {' '.join(COMMAND)} --local -- sh -c 'exit 3' {closed}"
    ended = subprocess.run(["sh", "-c", command], env=environment, timeout=LIMIT_SECONDS, check=False)
    assert ended.returncode == 3


def test_a_full_disk_is_no_closed_pipe(environment: dict[str, str]) -> None:
    """What kept the output from being written is told, as a failure of ours."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, "--local", "--", "echo", "hi"], stdin=subprocess.DEVNULL, stdout=full,
            stderr=subprocess.PIPE, text=True, env=environment, timeout=LIMIT_SECONDS, check=False,
        )  # fmt: skip
    assert ended.returncode == 125
    assert "No space left on device" in ended.stderr
