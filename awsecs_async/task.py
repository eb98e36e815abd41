"""A Task as its submitter holds it: to wait for, to read, to cancel.

Waiting never changes a task: a waiter that is cancelled stops waiting, and the task goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from awsecs_async.model.outcome import Wish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.logs import LogLine, LogReader
    from awsecs_async.engine.record import Record
    from awsecs_async.kit.fanout import Dropped
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.result import Result
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskId, TaskSpec


class Task:
    """One submitted task. Made by a Dispatcher, never by hand; equal where the task is the same."""

    __slots__ = ("_ledger", "_logs", "_record")

    def __init__(self, record: Record, ledger: Ledger, logs: LogReader) -> None:
        self._record = record
        self._ledger = ledger
        self._logs = logs

    def __repr__(self) -> str:
        return f"<Task {self.id} {self.state.value} {self.spec.title!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def id(self) -> TaskId:
        """Ours, unique; not ECS's."""
        return self._record.id

    @property
    def spec(self) -> TaskSpec:
        """What was asked for."""
        return self._record.spec

    @property
    def key(self) -> str | None:
        """The idempotency key it was submitted with."""
        return self._record.key

    @property
    def index(self) -> int | None:
        """Its place in its array, from 0; None outside arrays."""
        return self._record.index

    @property
    def state(self) -> State:
        """Where it is in its life, as far as that is on disk."""
        return self._record.told

    @property
    def note(self) -> str:
        """Why it waits, or what moved it on from its first place; empty where there is nothing to say."""
        return self._record.note

    @property
    def arn(self) -> Arn | None:
        """Its current ECS task, or its last; None while ECS has none, as far as that is on disk."""
        record = self._record
        if record.told.is_on_ecs:
            return record.arn
        return record.attempts[-1].arn if record.told.is_ending and record.attempts else None

    @property
    def placement(self) -> Placement:
        """Where it runs, or was tried last; until it is first tried, the first of its places."""
        return self._record.placement

    @property
    def remarks(self) -> tuple[str, ...]:
        """What of its request was rounded or raised to fit there, for people."""
        return self._record.placement.remarks

    async def result(self) -> Result:
        """How it ended, once it has; a failed task is a result, not an exception.

        Raises:
            DispatcherClosed: if the dispatcher stops before the task does.
        """
        ended = self._end()
        if ended is not None:
            return await asyncio.shield(ended)
        assert self._record.result is not None  # noqa: S101 (what is told to have ended has one)
        return self._record.result

    def _end(self) -> asyncio.Future[Result] | None:
        """What will be set when it ends, made for the first who asks; None if it has ended."""
        record = self._record
        if record.told.is_ending:
            return None
        if self._ledger.closed is not None:
            raise self._ledger.closed
        if record.ended is None:
            record.ended = asyncio.get_running_loop().create_future()
        return record.ended

    def logs(self) -> AsyncIterator[LogLine | Dropped]:
        """Its output from the beginning, every attempt's, as CloudWatch has it, until all is read.

        A reader too slow for what comes is told with a ``Dropped`` how many lines it missed.
        """
        return self._logs.follow(self._record)

    def on_end(self, callback: Callable[[Task], None]) -> None:
        """Have ``callback(task)`` called on the loop when it has ended; soon, if it has already.

        It is called, too, when the dispatcher ends before the task does.
        """
        loop, ended = asyncio.get_running_loop(), self._end()
        if ended is None:
            loop.call_soon(callback, self)
        else:
            ended.add_done_callback(lambda _: callback(self))

    async def cancel(self, reason: str = "") -> None:
        """Have it stopped; returns when the wish is on disk. What has ended stays as it is.

        Raises:
            DispatcherClosed: if the dispatcher has stopped before the task did.
        """
        if self._ledger.closed is not None and not self._record.told.is_ending:
            raise self._ledger.closed
        self._ledger.wish(self.id, Wish.CANCEL, reason or "cancelled")
        await self._ledger.written()
