"""Bytes in, log events out: the cutting that Docker and its awslogs driver do between them.

Output is cut at newlines; a line longer than one event may be is cut again, at 262,118 bytes, never
inside a UTF-8 character. What is not UTF-8 is shown as the replacement character rather than lost. A
last line without a newline is an event too. Carriage returns are kept: they belong to the line, as they
do in CloudWatch.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

MAX_EVENT_BYTES = 262_118  # Docker's awslogs driver: 256 KiB less PutLogEvents' 26 bytes of overhead
UTF8_TAIL_MASK, UTF8_TAIL = 0xC0, 0x80  # bytes 10xxxxxx continue a character
UTF8_MAX_TAILS = 3


class LineCutter:
    """Cuts a byte stream into the texts of log events."""

    __slots__ = ("_max_bytes", "_rest")

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()  # the only state: what has come since the last newline

    def __repr__(self) -> str:
        return f"<LineCutter {len(self._rest)} bytes of an unfinished line>"

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes and return the events they complete."""
        *complete, tail = data.split(b"\n")
        events = [event for line in complete for event in self._line(line)]
        self._rest += tail
        while len(self._rest) > self._max_bytes:
            events.append(self._cut())
        return events

    def finish(self) -> list[str]:
        """The stream has ended: return what was left without a newline."""
        return list(self._line(b"")) if self._rest else []

    def _line(self, ending: bytes) -> Iterator[str]:
        self._rest += ending
        while len(self._rest) > self._max_bytes:
            yield self._cut()
        yield self._rest.decode("utf-8", "replace")
        self._rest.clear()

    def _cut(self) -> str:
        end = self._max_bytes
        while end > self._max_bytes - UTF8_MAX_TAILS and self._rest[end] & UTF8_TAIL_MASK == UTF8_TAIL:
            end -= 1
        event = self._rest[:end].decode("utf-8", "replace")
        del self._rest[:end]
        return event


class Lines(asyncio.Protocol):
    """The reading end of one container's output: a pipe, cut into events for a callback."""

    def __init__(self, output: Callable[[str], None]) -> None:
        self._output = output
        self._cutter = LineCutter()
        self._ended = asyncio.Event()
        self._pipe: asyncio.BaseTransport | None = None

    def __repr__(self) -> str:
        return f"<Lines {'ended' if self._ended.is_set() else 'open'}, {self._cutter!r}>"

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[int]:
        """The writing end, to be inherited by a process that is started meanwhile, and closed here after."""
        reading, writing = os.pipe()
        try:
            stream = os.fdopen(reading, "rb", 0)
            self._pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: self, stream)
            yield writing
        finally:
            os.close(writing)

    async def drain(self, seconds: float) -> None:
        """Read to the end of the output, or for so long, then give away what has no newline yet."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        if self._pipe is not None:
            self._pipe.close()
        for event in self._cutter.finish():
            self._output(event)

    def data_received(self, data: bytes) -> None:
        """Asyncio's word for: the pipe had something."""
        for event in self._cutter.feed(data):
            self._output(event)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Asyncio's word for: the pipe has ended."""
        self._ended.set()
