"""Many callers, one call: what is wanted by several at the same time is fetched once.

The first caller for a key starts a flight, a task of its own; all who come meanwhile wait for the same
one. A waiter that is cancelled leaves without disturbing the flight; when nobody waits any more, the
flight is cancelled too. A success is kept, among the `capacity` most recently used; a failure is told to
everyone who waited and not kept, so the next caller tries again.

`forget` and `put` say that something newer is known: a flight then under way still answers those who wait
for it, but what it brings is not kept, and newcomers do not join it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Once(Generic[K, V]):
    """A cache of at most `capacity` values that is filled by single flights.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    __slots__ = ("_flights", "_values", "capacity")

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"Once needs room for at least one value, not {capacity}")
        self.capacity = capacity
        self._values: OrderedDict[K, V] = OrderedDict()  # the least recently used first
        self._flights: dict[K, _Flight[V]] = {}

    async def __call__(self, key: K, factory: Callable[[], Coroutine[object, object, V]]) -> V:
        """The value for this key: kept, or from the flight under way, or from `factory`.

        Raises:
            Exception: whatever `factory` raised, the same object for all who waited.
        """
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        flight = self._flights.get(key) or self._start(key, factory)
        flight.waiters += 1
        try:
            await asyncio.wait([flight.task])  # unlike `await task`, cancelling this does not cancel the task
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._detach(key, flight)
                flight.task.cancel()
        return flight.task.result()

    def get(self, key: K) -> V | None:
        """The kept value, or None; starts nothing."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value that was learned otherwise."""
        self._flights.pop(key, None)
        self._keep(key, value)

    def forget(self, key: K) -> None:
        """The value is not true any more; the next caller fetches it anew."""
        self._flights.pop(key, None)
        self._values.pop(key, None)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Once {len(self._values)}/{self.capacity} kept, {len(self._flights)} in flight>"

    def _start(self, key: K, factory: Callable[[], Coroutine[object, object, V]]) -> _Flight[V]:
        flight = _Flight(asyncio.create_task(factory(), name=f"once {key!s:.80}"))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    def _landed(self, key: K, flight: _Flight[V]) -> None:
        current = self._flights.get(key) is flight
        self._detach(key, flight)
        # Asking for the exception marks it as seen: those who waited have it, or nobody is left to have it.
        if not flight.task.cancelled() and flight.task.exception() is None and current:
            self._keep(key, flight.task.result())

    def _detach(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    def _keep(self, key: K, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self.capacity:
            self._values.popitem(last=False)


class _Flight(Generic[V]):
    """One call under way and how many wait for it."""

    __slots__ = ("task", "waiters")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiters = 0
