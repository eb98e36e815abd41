"""Two streams on one terminal: the task's output and a status line that never tears it.

The status line is the last line of standard error. Whatever else is written there, or to standard output
where that is the same terminal, first takes the line away and afterwards puts it back. A write to standard
output may block for as long as its reader likes; it happens in a thread, and the event loop never waits for
it: what it has to say meanwhile is said when the stream is free.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

STDOUT: Final = 1
COMMAND: Final = " " * 4  # what a command to copy begins with
_ERASE: Final = "\r\x1b[2K"  # to the line's beginning, and clear it
_ECHO: Final = 3  # columns left free for the ^C that terminals echo: what wraps is not erased whole


class Screen:
    """Standard output and standard error, in turn.

    Its state is the status line shown, the lines that wait to be said, and the lock of whoever writes.
    """

    def __init__(self, console: Console | None = None, *, stdout: int = STDOUT) -> None:
        self._console = console or Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._stdout = stdout
        self.is_live = self._console.is_terminal and not self._console.is_dumb_terminal
        self._shared = self.is_live and os.isatty(stdout)
        self.speaks_unicode = self._console.encoding.lower().startswith("utf")
        self._lock = threading.Lock()
        self._waiting: deque[str] = deque()
        self._status = ""
        self._deaf = False

    def __repr__(self) -> str:
        return f"<Screen {'live' if self.is_live else 'plain'}, {len(self._waiting)} lines wait>"

    def line(self, text: str, style: str = "") -> None:
        """Say a line on standard error; at once, unless standard output is being written.

        A terminal has it broken between words. What four spaces begin is a command to copy, and stays whole.
        """
        for part in text.split("\n"):
            is_whole = not self.is_live or part.startswith(COMMAND)
            for line in [part] if is_whole else self._broken(part):
                self._waiting.append(self._rendered(Text(line, style=style)) + "\n")
        self._say_if_free()

    def show(self, status: RenderableType | None) -> None:
        """Put the status line there, or take it away; without effect where there is no terminal."""
        if not self.is_live:
            return
        self._status = "" if status is None else self._rendered(status, width=self._console.width - _ECHO)
        self._say_if_free(redraw=True)

    def write(self, data: bytes) -> None:
        """Write to standard output; blocks as long as that does.

        Raises:
            OSError: if it cannot be written; BrokenPipeError if nobody reads it any more.
        """
        if not self._shared:
            _write_all(self._stdout, data)
            return
        with self._lock:
            self._err(_ERASE)
            try:
                _write_all(self._stdout, data)
            finally:
                self._say_waiting()
        self._say_if_free()

    def close(self) -> None:
        """Say what waits, and leave no status line behind."""
        self.show(None)
        if self._lock.acquire(timeout=1):  # a stuck terminal does not keep us
            try:
                self._say_waiting()
            finally:
                self._lock.release()

    def _say_if_free(self, *, redraw: bool = False) -> None:
        if (self._waiting or redraw) and self._lock.acquire(blocking=False):
            try:
                self._say_waiting()
            finally:
                self._lock.release()

    def _say_waiting(self) -> None:
        said = ""
        while self._waiting:
            said += self._waiting.popleft()
        self._err((_ERASE if self.is_live else "") + said + self._status)

    def _broken(self, text: str) -> list[str]:
        """Lines that fit; those of an indented text are as far in as it is."""
        words = text.lstrip(" ")
        indent = text[: len(text) - len(words)]
        width = max(self._console.width - len(indent), 1)
        return [indent + line.plain.rstrip() for line in Text(words).wrap(self._console, width)] or [""]

    def _rendered(self, what: RenderableType, *, width: int | None = None) -> str:
        with self._console.capture() as captured:
            if width is None:
                self._console.print(what, end="", soft_wrap=True)
            else:
                self._console.print(what, end="", width=width, no_wrap=True, overflow="ellipsis", crop=True)
        return captured.get().removesuffix("\n")

    def _err(self, text: str) -> None:
        if self._deaf or not text:
            return
        try:
            self._console.file.write(text)
            self._console.file.flush()
        except OSError:  # nobody listens any more; that is no reason to fail
            self._deaf = True


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # somebody made the terminal non-blocking
            select.select([], [descriptor], [])
