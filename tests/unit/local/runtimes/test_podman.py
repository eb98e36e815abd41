"""What the container runtime makes of its engine's words."""

from __future__ import annotations

import pytest

from awsecs_async.local.runtimes.cli import Answer
from awsecs_async.local.runtimes.container import OUT_OF_MEMORY, State, Withheld
from awsecs_async.local.runtimes.podman import program_refusal
from awsecs_async.local.runtimes.port import Exit


def test_a_container_killed_for_its_memory_says_so() -> None:
    """137 alone may be a stop; the agent's reason tells the one from the other."""
    assert State(code=137, out_of_memory=True, started=True).exit() == Exit(code=137, reason=OUT_OF_MEMORY)
    assert State(code=137, out_of_memory=False, started=True).exit() == Exit(code=137)


def test_a_container_that_never_started_has_no_exit_code() -> None:
    """The engine's own exit code is not passed off as the program's."""
    exit_ = State(code=0, out_of_memory=False, started=False).exit()
    assert exit_.code is None
    assert (exit_.reason or "").startswith("CannotStartContainerError: ")


def test_lines_are_withheld_until_they_are_known_to_be_the_containers() -> None:
    """Early lines are neither lost nor out of order, and an engine's complaint is no output."""
    lines: list[str] = []
    words = Withheld(lines.append)
    words("one")
    words("two")
    assert lines == []
    words.release()
    words("three")
    assert lines == ["one", "two", "three"]
    silent = Withheld(lines.append)
    assert silent.complaint() == "the engine does not say why"
    silent("warning")
    silent("Error: no such thing")
    assert silent.complaint() == "no such thing"


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        (
            'unable to start: exec: "x": executable file not found in $PATH: OCI runtime attempted to invoke',
            'exec: "x": executable file not found in $PATH',
        ),
        (
            'Error response from daemon: OCI runtime create failed: exec: "/x": permission denied: unknown',
            'exec: "/x": permission denied',
        ),
        ("no such network", "no such network"),
    ],
)
def test_program_refusal(complaint: str, words: str) -> None:
    """Podman's and Docker's ways to say that a program is missing become the same sentence."""
    assert program_refusal(complaint) == words


def test_a_complaint_is_the_last_line() -> None:
    """Retries and warnings come before the error that counts."""
    answer = Answer(code=125, output="", errors="warning: retrying\nError: no such host\n\n")
    assert answer.complaint == "no such host"
    assert Answer(code=3, output="", errors="").complaint == "exit code 3"
