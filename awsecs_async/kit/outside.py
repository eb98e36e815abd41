"""Say that something outside the event loop is at work for it.

A loop with a time of its own jumps to the next timer when all its tasks wait, and cannot know that a
thread of ours is about to answer. Wrapped in `outside()`, the wait for such a thread makes the clock
stand still on a loop that offers `hold()` and `release()`; on every other loop it does nothing. Jobs of
`run_in_executor` need none of this.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator


@runtime_checkable
class Holdable(Protocol):
    """A loop whose clock can be made to stand still."""

    def hold(self) -> None:
        """Let time stand still."""

    def release(self) -> None:
        """Let it go on."""


@contextmanager
def outside() -> Iterator[None]:
    """While this is entered, the running loop's time waits for work in another thread or process."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, Holdable):
        yield
        return
    loop.hold()
    try:
        yield
    finally:
        loop.release()
