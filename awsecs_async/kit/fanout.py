"""One publisher, many readers, and nobody waits for the slowest.

`publish` never blocks and never fails for a reader's sake. Each follower has a bounded buffer of its own;
one that falls behind loses its oldest items, and finds in their place how many those were. So memory is
bounded, the others are undisturbed, and a gap is never silent.

A follower is an asynchronous iterator for one reader. It takes an item only when it hands it over, so a
reader that is cancelled while it waits has lost nothing and may go on later. One that nobody refers to
any more is forgotten.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dropped:
    """Here `count` items are missing: this reader was too slow for them."""

    count: int


class Fanout(Generic[T]):
    """Gives each published item to every follower; `capacity` is the number of items a follower buffers.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    __slots__ = ("_closed", "_followers", "capacity")

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a follower must buffer at least one item, not {capacity}")
        self.capacity = capacity
        self._closed = False
        self._followers: weakref.WeakSet[Follower[T]] = weakref.WeakSet()

    @property
    def closed(self) -> bool:
        """Whether nothing more will be published."""
        return self._closed

    def __len__(self) -> int:
        return len(self._followers)

    def follow(self) -> Follower[T]:
        """A stream of what is published from now on; of a closed fan-out, an empty one."""
        follower: Follower[T] = Follower(self.capacity)
        if self._closed:
            follower.end()
        else:
            self._followers.add(follower)
        return follower

    def publish(self, item: T) -> None:
        """Give an item to every follower, without waiting.

        Raises:
            RuntimeError: the fan-out is closed.
        """
        if self._closed:
            raise RuntimeError("publish() after close(): the followers were told that nothing more comes")
        for follower in self._followers:
            follower.put(item)

    def close(self) -> None:
        """Nothing more comes: each stream ends after what it has buffered. May be called again."""
        self._closed = True
        for follower in self._followers:
            follower.end()
        self._followers.clear()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"<Fanout {state}, {len(self._followers)} followers of {self.capacity} items>"


class Follower(Generic[T]):
    """One reader's stream of items, with `Dropped` where some are missing. As a context manager it ends."""

    __slots__ = ("__weakref__", "_buffer", "_capacity", "_dropped", "_ended", "_wake")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._buffer: deque[T] = deque()
        self._dropped = 0  # always older than all that is buffered
        self._ended = False
        self._wake: asyncio.Future[None] | None = None

    def put(self, item: T) -> None:
        """Buffer an item, at the price of the oldest if there is no room; once ended, take no more."""
        if self._ended:
            return
        if len(self._buffer) == self._capacity:
            self._buffer.popleft()
            self._dropped += 1
        self._buffer.append(item)
        self._call()

    def end(self) -> None:
        """End the stream after what is buffered."""
        self._ended = True
        self._call()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T | Dropped:
        while not (self._dropped or self._buffer or self._ended):
            await self._called()
        if self._dropped:
            count, self._dropped = self._dropped, 0
            return Dropped(count)
        if self._buffer:
            return self._buffer.popleft()
        raise StopAsyncIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self._buffer.clear()
        self._dropped = 0

    def __repr__(self) -> str:
        state = "ended" if self._ended else "open"
        return f"<Follower {state}, {len(self._buffer)}/{self._capacity} buffered, {self._dropped} dropped>"

    def _call(self) -> None:
        if self._wake and not self._wake.done():
            self._wake.set_result(None)

    async def _called(self) -> None:
        if self._wake:
            raise RuntimeError("a follower serves one reader at a time; let the other one follow for itself")
        self._wake = asyncio.get_running_loop().create_future()
        try:
            await self._wake
        finally:
            self._wake = None
