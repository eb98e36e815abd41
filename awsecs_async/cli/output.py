"""The task's output on its way to standard output.

Readers of logs put lines in; one writer takes all that has come meanwhile and writes it with one call, in a
thread, so that lines appear as they come and a thousand of them cost little more than one. If standard
output is slower than the tasks, the readers wait here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_BYTES: Final = 16 * 1024 * 1024  # how much may wait to be written


class Output:
    """A bounded buffer and its writer; an async context manager that ends when all is written.

    Its state is what waits to be written, and whether anybody still reads it.

    Args:
        write: Writes all of it or raises OSError; is called in a thread.
        lost: Is called once, when nobody reads the output any more.
    """

    def __init__(self, write: Callable[[bytes], None], *, lost: Callable[[OSError], None]) -> None:
        self._write = write
        self._lost = lost
        self._waiting: list[bytes] = []
        self._size = 0
        self.is_lost = False
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._nothing = asyncio.Event()
        self._room.set()
        self._nothing.set()
        self._writer: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Output {self._size} bytes wait{', nobody reads' if self.is_lost else ''}>"

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_forever(), name="standard output")
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.flush()
        finally:
            if self._writer is not None:
                self._writer.cancel()
                await asyncio.wait([self._writer])

    def add(self, data: bytes) -> None:
        """Have it written, in order. What is added when nobody reads is lost."""
        if self.is_lost or not data:
            return
        self._waiting.append(data)
        self._size += len(data)
        self._something.set()
        self._nothing.clear()
        if self._size > LIMIT_BYTES:
            self._room.clear()

    async def put(self, data: bytes) -> None:
        """As ``add``; then wait while too much waits to be written."""
        self.add(data)
        await self._room.wait()

    async def flush(self) -> None:
        """Return when all is written."""
        await self._nothing.wait()

    async def _write_forever(self) -> None:
        while not self.is_lost:
            await self._something.wait()
            self._something.clear()
            data, self._waiting = b"".join(self._waiting), []
            try:
                await asyncio.to_thread(self._write, data)
            except OSError as error:
                self._waiting, self.is_lost = [], True
                self._lost(error)
            self._size -= len(data)
            if self.is_lost or self._size <= LIMIT_BYTES:
                self._room.set()
            if self.is_lost or not self._size:
                self._nothing.set()
