"""The tasks of one run, from submitting them to their results.

The order matters. The changes are listened to before anything is submitted, so that none is missed; and the
output of the tasks is written to its end before anybody hears how they ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from awsecs_async.cli.endings import Status
from awsecs_async.cli.interrupts import Interrupted
from awsecs_async.errors import LogsUnavailable
from awsecs_async.kit.fanout import Dropped
from awsecs_async.model.lifecycle import State

if TYPE_CHECKING:
    from awsecs_async.cli.interrupts import Interruption, Interrupts
    from awsecs_async.cli.output import Output
    from awsecs_async.cli.reporter import Reporter
    from awsecs_async.cli.request import Request
    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.engine.roll import Transition
    from awsecs_async.kit.fanout import Follower
    from awsecs_async.model.result import Result
    from awsecs_async.task import Task

STOP_REASON: Final = "its submitter was interrupted"
_NOTICED_WHEN: Final = {State.RUNNING, State.STOPPING, State.SUCCEEDED, State.FAILED}

Notices = Callable[[], Awaitable[Sequence[str]]]


class Following:
    """Follows the tasks of one request. Its state is the tasks, and the notices told."""

    def __init__(
        self, dispatcher: Dispatcher, reporter: Reporter, output: Output, interrupts: Interrupts
    ) -> None:
        self._dispatcher = dispatcher
        self._reporter = reporter
        self._output = output
        self._interrupts = interrupts
        self._tasks: Sequence[Task] = ()
        self._noticed: set[str] = set()

    def __repr__(self) -> str:
        return f"<Following {len(self._tasks)} tasks>"

    async def results(self, request: Request, notices: Notices) -> list[Result]:
        """Submit, follow to the end, and return how each task ended, in order.

        Raises:
            InvalidTask, Refused, KeyConflict: if the task is not taken in.
            DispatcherClosed: if the dispatcher fails.
        """
        with self._dispatcher.changes() as changes:
            self._tasks = await self._submit(request)
            self._reporter.begin(self._tasks)
            beside = [asyncio.create_task(self._tell(changes, notices), name="changes")]
            if request.follow:
                beside += [asyncio.create_task(self._write(task), name="output") for task in self._tasks]
            try:
                results = await self._all_results()
                changes.end()
                await self._to_the_end(beside)
            finally:
                for each in beside:
                    each.cancel()
                await asyncio.wait(beside)
        await self._tell_notices(notices)
        return results

    async def _to_the_end(self, beside: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the rest of the output, unless nobody reads it, or the user does not want to wait."""
        together = asyncio.create_task(_all(beside))
        if self._interrupts.first is None:
            await self._interrupts.first_of(together)
        elif not self._output.is_lost:
            await asyncio.wait([together])
        if together.done():
            together.result()
        else:
            together.cancel()

    async def _submit(self, request: Request) -> Sequence[Task]:
        """The tasks; if interrupted, those that were taken in before."""
        others = {task.id for task in self._dispatcher.tasks()}
        try:
            return await self._interrupts.unless(_submit(self._dispatcher, request))
        except Interrupted:
            return [task for task in self._dispatcher.tasks() if task.id not in others]

    async def _all_results(self) -> list[Result]:
        waiting = asyncio.gather(*(task.result() for task in self._tasks))
        await self._interrupts.first_of(waiting)
        if self._interrupts.first is not None and not waiting.done():
            self._tell_of_stopping(self._interrupts.first)
            await asyncio.gather(*(task.cancel(STOP_REASON) for task in self._tasks))
        return await waiting

    def _tell_of_stopping(self, interruption: Interruption) -> None:
        if interruption.status is Status.INTERRUPTED:
            what = "the task" if len(self._tasks) == 1 else f"{len(self._tasks)} tasks"
            self._reporter.warn(
                f"{interruption.name}: stopping {what}, and waiting for it; again to leave at once"
            )

    async def _tell(self, changes: Follower[Transition], notices: Notices) -> None:
        ours = {task.id: task for task in self._tasks}
        async for transition in changes:
            if isinstance(transition, Dropped) or transition.id not in ours:
                continue
            if transition.old is transition.new:  # it shall be stopped; no new state yet
                continue
            self._reporter.moved(ours[transition.id], transition)
            if transition.new in _NOTICED_WHEN and not self._noticed:
                await self._tell_notices(notices)

    async def _tell_notices(self, notices: Notices) -> None:
        for text in await notices():
            if text not in self._noticed:
                self._noticed.add(text)
                self._reporter.warn(text)

    async def _write(self, task: Task) -> None:
        try:
            async for line in task.logs():
                if isinstance(line, Dropped):
                    self._reporter.dropped(task, line.count)
                else:
                    await self._output.put(self._reporter.render(task, line))
        except LogsUnavailable as error:
            self._reporter.warn(f"the output cannot be shown, which does not affect the task: {error}")


async def _all(working: Sequence[asyncio.Task[None]]) -> None:
    for each in working:
        await each


async def _submit(dispatcher: Dispatcher, request: Request) -> list[Task]:
    if request.array is not None:
        return await dispatcher.submit_array(request.spec, request.array, key=request.key)
    if request.copies is not None:
        return await dispatcher.submit_copies(request.spec, request.copies)
    return [await dispatcher.submit(request.spec, key=request.key)]
