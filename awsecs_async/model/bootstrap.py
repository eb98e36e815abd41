"""A command carried by variables, and the constant script that becomes it.

The words stand in the variables as one line of shell, in parts, in printable ASCII: whatever reads variables
from a file takes these as they are meant. ``SCRIPT`` puts the parts together, lets ``printf %b`` undo the
escapes, and becomes the command; every word arrives byte for byte. It asks nothing of an image but a POSIX
shell, whose ``printf`` is built in.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from awsecs_async.errors import InvalidTask

PART: Final = "AWSECS_SPILL_"
"""The variables that carry a command: this and a number, from 1."""

PART_CHARACTERS: Final = 16_384  # of a line; the ECS agent takes 65,535
WORD_MAX_BYTES: Final = 128 * 1024 - 1  # Linux: MAX_ARG_STRLEN, of one word or NAME=value, less its end

SCRIPT: Final = (
    "awsecs_n=1 awsecs_all=; "
    f'while eval "awsecs_part=\\${{{PART}$awsecs_n-}}"; [ -n "$awsecs_part" ]; do '
    f"awsecs_all=$awsecs_all$awsecs_part; unset {PART}$awsecs_n; awsecs_n=$((awsecs_n+1)); done; "
    'eval "$(printf %b "$awsecs_all")"; unset awsecs_n awsecs_all awsecs_part; exec "$@"'
)
SHELL: Final = ("/bin/sh", "-c", SCRIPT)

_ESCAPED: Final = re.compile(rb"[^ -<>-\[\]-~]")  # all bytes but printable ASCII, and of that = and backslash
_BLANK_END: Final = re.compile("^ | $")  # of a line: might get lost on the way


def parts(words: Sequence[str]) -> list[str]:
    """The lines ``NAME=value`` from which the script makes these words its own.

    Raises:
        InvalidTask: if Linux would not take one of them.
    """
    try:
        longest = max(len(word.encode(errors="surrogateescape")) for word in words)
    except UnicodeEncodeError:
        raise InvalidTask("command", "it has characters that are half of one (surrogates)") from None
    if longest > WORD_MAX_BYTES:
        raise InvalidTask(
            "command",
            f"one word or variable has {longest:,} bytes; Linux gives a process {WORD_MAX_BYTES:,} at most",
        )
    raw = f"set -- {shlex.join(words)}".encode(errors="surrogateescape")
    text = _ESCAPED.sub(lambda found: b"\\0%03o" % found[0][0], raw).decode("ascii")
    cut = [text[start : start + PART_CHARACTERS] for start in range(0, len(text), PART_CHARACTERS)]
    safe = [_BLANK_END.sub(r"\\0040", part) for part in cut]
    return [f"{PART}{number}={part}" for number, part in enumerate(safe, 1)]
