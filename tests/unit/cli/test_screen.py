"""Output and status line on one terminal, or on two streams that know nothing of each other."""

import io
import os
import re
import select
from collections.abc import Iterator

import pytest
from rich.console import Console

from awsecs_async.cli.screen import Screen

ERASE = "\r\x1b[2K"


END = b"\x00"  # which nothing else writes


class Terminal:
    """A terminal of so many columns, read from its other end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, columns: int = 40) -> None:
        monkeypatch.setenv("TERM", "xterm")
        self._end, self.descriptor = os.openpty()
        self._stream = io.TextIOWrapper(io.FileIO(self.descriptor, "w", closefd=False), write_through=True)
        monkeypatch.setattr("sys.stderr", self._stream)
        console = Console(file=self._stream, force_terminal=True, width=columns, color_system=None)
        self.screen = Screen(console, stdout=self.descriptor)

    def seen(self) -> str:
        """What was written since the last look: all of it, however many reads the terminal makes of it."""
        os.write(self.descriptor, END)
        found = b""
        while not found.endswith(END):
            assert select.select([self._end], [], [], 5)[0], "the terminal gives back less than was written"
            found += os.read(self._end, 100_000)
        return found.removesuffix(END).decode()

    def close(self) -> None:
        """Give the descriptors back."""
        self._stream.close()
        os.close(self._end)
        os.close(self.descriptor)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Both streams lead to one terminal."""
    found = Terminal(monkeypatch)
    yield found
    found.close()


def test_the_status_line_makes_way_for_output(terminal: Terminal) -> None:
    """Neither tears the other: away with it, the output, and there it is again."""
    terminal.screen.show("working")
    assert terminal.seen() == f"{ERASE}working"
    terminal.screen.write(b"out\n")
    assert terminal.seen() == f"{ERASE}out\r\n{ERASE}working"
    terminal.screen.line("said")
    assert terminal.seen() == f"{ERASE}said\r\nworking"
    terminal.screen.close()
    assert terminal.seen().endswith(ERASE)


def test_the_status_is_one_line_however_narrow_the_terminal(terminal: Terminal) -> None:
    """A second line could never be erased."""
    terminal.screen.show("word " * 30)
    shown = terminal.seen().removeprefix(ERASE)
    assert "\n" not in shown
    assert len(shown) < 40


def test_lines_break_between_words(terminal: Terminal) -> None:
    """A terminal breaks where it ends, in the midst of names that somebody should read."""
    terminal.screen.line("mi-spot may launch no instance with a t4 (g4dn) at all")
    assert "mi-spot may launch no instance with a t4\r\n(g4dn) at all\r\n" in terminal.seen()
    terminal.screen.line("refused:\n  mi-spot: memory: 300 GB is more than it could give")
    assert "refused:\r\n  mi-spot: memory: 300 GB is more than\r\n  it could give\r\n" in terminal.seen()


def test_commands_to_copy_stay_whole(terminal: Terminal) -> None:
    """What is pasted with a line break in it runs as two commands."""
    command = "    aws ecs list-tasks --started-by somebody --cluster science"
    terminal.screen.line(f"awsecs: to find them:\n{command}")
    assert f"{command}\r\n" in terminal.seen()


def test_lines_keep_what_looks_like_markup(terminal: Terminal) -> None:
    """Reasons of AWS's are full of brackets."""
    terminal.screen.line("RESOURCE:[cpu] :smile: 12")
    assert "RESOURCE:[cpu] :smile: 12" in terminal.seen()


def test_without_a_terminal_there_are_plain_lines_and_no_status(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A log file holds no control characters, and long lines are not broken."""
    screen = Screen()
    screen.show("working")
    screen.line("a " * 200, "red")
    screen.write("ünï\n".encode())
    screen.close()
    out, err = capfd.readouterr()
    assert out == "ünï\n"
    assert err == "a " * 200 + "\n"
    assert not re.search("[\x1b\r]", err)


def test_a_standard_error_that_is_gone_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """``2>&1 | head`` closes both; the output's end is what decides."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(io.FileIO(writing, "w"), write_through=True)
    monkeypatch.setattr("sys.stderr", stream)
    screen = Screen(Console(file=stream))
    screen.line("said to nobody")
    screen.close()
    stream.detach().close()
