"""A command that was carried by variables, made again by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.bootstrap import PART_CHARACTERS, SHELL, WORD_MAX_BYTES, parts

SHELLS = [
    pytest.param([found, *more], id=name)
    for name, *more in (("sh",), ("dash",), ("bash",), ("bash", "--posix"), ("busybox", "sh"), ("mksh",))
    if (found := shutil.which(name))
]  # fmt: skip
TELL = [
    sys.executable,
    "-IS",
    "-c",
    "import os, sys; os.write(1, b'\\0'.join(map(os.fsencode, sys.argv[1:])))",
]
"""Writes its words as they arrived, byte for byte."""

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
any_bytes = st.binary(max_size=12).map(lambda raw: raw.replace(b"\0", b"").decode(errors="surrogateescape"))
nasty = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "\n\n",
        "\\",
        "\\n",
        "\\c",
        "'",
        '"',
        "$HOME",
        "`id`",
        "$(id)",
        "%s",
        "-n",
        "*",
        "a=b",
        "\r",
    ]
)
words = st.lists(texts | any_bytes | nasty, max_size=6)


def arrived(shell: list[str], carried: list[str]) -> list[bytes]:
    """The words with which the command was run, by this shell."""
    environment = dict(line.split("=", 1) for line in carried) | {"PATH": os.environ["PATH"]}
    found = subprocess.run([*shell, *SHELL[1:]], env=environment, capture_output=True, check=False)
    assert (found.stderr, found.returncode) == (b"", 0)
    return found.stdout.split(b"\0")


@pytest.mark.parametrize("shell", SHELLS)
@given(words)
@settings(max_examples=20, deadline=None)
@example(["x" * (3 * PART_CHARACTERS), " ", "\n" * PART_CHARACTERS])
@example([bytes(range(1, 256)).decode(errors="surrogateescape")])
def test_every_word_arrives_byte_for_byte(shell: list[str], said: list[str]) -> None:
    """Quotes, newlines, empty words, what is no text: nothing of a command may change on its way."""
    assert arrived(shell, parts([*TELL, "", *said])) == [b"", *map(os.fsencode, said)]


@given(words)
def test_lines_are_safe_for_every_reader(said: list[str]) -> None:
    """Printable ASCII, no second =, nothing empty, no blank at an end, and never too long."""
    for number, line in enumerate(parts(["a", *said]), 1):
        name, _, value = line.partition("=")
        assert name == f"AWSECS_SPILL_{number}"
        assert value.isascii()
        assert value.isprintable()
        assert value == value.strip() != ""
        assert "=" not in value
        assert len(line) < PART_CHARACTERS + 40


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_of_ours_is_left_in_the_environment(shell: list[str]) -> None:
    """The command sees the variables that it was given, and none that brought it."""
    tell = [
        sys.executable,
        "-IS",
        "-c",
        "import os; print(*sorted(n for n in os.environ if 'AWSECS' in n.upper()))",
    ]
    assert arrived(shell, parts([*tell, "x" * 40_000])) == [b"\n"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_exit_code_is_the_commands(shell: list[str]) -> None:
    """The shell becomes the command: its exit code and its signals are the command's."""
    environment = dict(line.split("=", 1) for line in parts(["sh", "-c", "exit 7"])) | {
        "PATH": os.environ["PATH"]
    }
    assert subprocess.run([*shell, *SHELL[1:]], env=environment, check=False).returncode == 7


def test_the_longest_word_that_linux_takes_is_carried() -> None:
    """Up to the kernel's own limit; beyond it no process could be started, and that is said at submit."""
    at_most = "x" * WORD_MAX_BYTES
    assert arrived(["sh"], parts([*TELL, at_most])) == [at_most.encode()]
    with pytest.raises(InvalidTask, match=f"{WORD_MAX_BYTES + 1:,} bytes; Linux"):
        parts([at_most + "x"])


def test_half_a_character_is_refused() -> None:
    """A lone surrogate that stands for no byte has no bytes to arrive as."""
    with pytest.raises(InvalidTask, match="surrogates"):
        parts(["\ud800"])
