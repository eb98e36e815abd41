"""Cancels a coroutine at a chosen await: the one at which it is suspended for the n-th time.

There are two moments at which that can happen, and they are different: while it waits, and after what it
waits for has come but before it could run. ``Moment.WAKING`` is the second, where turns, tokens and answers
get lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Moment(Enum):
    """When, at an await, the cancellation comes."""

    WAITING = "while it waits"
    WAKING = "as it wakes"


@dataclass(slots=True)
class Cut(Generic[T]):
    """To be awaited in place of ``coroutine``, whose task is cancelled at its suspension number ``at``."""

    coroutine: Coroutine[Any, Any, T]
    at: int
    moment: Moment
    suspensions: int = 0
    made: bool = False

    def __await__(self) -> Generator[Any, Any, T]:
        step: Callable[[], Any] = partial(self.coroutine.send, None)
        while True:
            try:
                awaited = step()
            except StopIteration as end:
                result: T = end.value
                return result
            self.suspensions += 1
            if self.suspensions == self.at:
                self._cancel_at(awaited)
            try:
                yield awaited
            except BaseException as error:  # noqa: BLE001 -- handed to the coroutine, which it is meant for
                step = partial(self.coroutine.throw, error)
            else:
                step = partial(self.coroutine.send, None)

    def _cancel_at(self, awaited: object) -> None:
        self.made = True
        task = asyncio.current_task()
        assert task is not None
        if self.moment is Moment.WAKING and isinstance(awaited, asyncio.Future):
            awaited.add_done_callback(lambda _: task.cancel())
        else:
            asyncio.get_running_loop().call_soon(task.cancel)

    async def run(self) -> T:
        """As a coroutine, for what wants one."""
        return await self
