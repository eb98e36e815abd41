"""One run in the foreground, from the request to the exit status.

Whatever happens on the way is told and ends in an exit status. An interruption stops the tasks on ECS and
waits until they have stopped; only a second one leaves at once, and says what it leaves behind.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Final, Literal, NoReturn

from awsecs_async.cli import runs
from awsecs_async.cli.asked import option_of
from awsecs_async.cli.endings import Ending, Status, ending_of, ending_of_all
from awsecs_async.cli.following import Following
from awsecs_async.cli.interrupts import Interrupted, Interruption, Interrupts
from awsecs_async.cli.narration import ecs_id
from awsecs_async.cli.output import Output
from awsecs_async.cli.recorder import Recorder
from awsecs_async.cli.reporter import Narrator, Reporter
from awsecs_async.cli.surroundings import Surroundings, surroundings
from awsecs_async.errors import AwsecsError, AwsFault, InvalidTask, KeyConflict, Refused
from awsecs_async.local.child import LocalCloudFailed
from awsecs_async.model.lifecycle import State

if TYPE_CHECKING:
    from awsecs_async.cli.request import Request
    from awsecs_async.cli.screen import Screen
    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.model.result import Result

TICK_SECONDS: Final = 0.1  # the status line's
LEFT_NAMED: Final = 3  # tasks that are named when they are left running


async def run(request: Request, screen: Screen) -> int:
    """Carry the request out; the exit status."""
    the_run = Run(request, screen)
    with Interrupts(the_run.leave) as interrupts:

        def lost(error: OSError) -> None:
            closed = error.errno == errno.EPIPE
            name = "closed standard output" if closed else f"standard output ({error.strerror})"
            status = Status.OUTPUT_CLOSED if closed else Status.DISPATCHER
            interrupts.happen(Interruption(name=name, status=status))

        async with Output(screen.write, lost=lost) as output:
            return await the_run.carry_out(output, interrupts)


class Run:
    """One run. Its state is what there is to leave behind: the dispatcher and the record on disk."""

    def __init__(self, request: Request, screen: Screen) -> None:
        self._request = request
        self._screen = screen
        self._dispatcher: Dispatcher | None = None
        self._where: Surroundings | None = None
        self._record: runs.RunRecord | None = None

    def __repr__(self) -> str:
        return f"<Run of {self._request!r} by {self._dispatcher!r}>"

    async def carry_out(self, output: Output, interrupts: Interrupts) -> int:
        """Run it, tell how it ended, and return the exit status."""
        reporter: Reporter = Narrator(self._screen, quiet=self._request.quiet)
        if self._request.json:
            reporter = Recorder(self._screen, output.add)
        ticking = asyncio.create_task(self._tick(reporter), name="status line")
        results: Sequence[Result] = ()
        try:
            results = await self._results(reporter, output, interrupts)
            ending = _ending(results, interrupts.first)
        except Interrupted:
            ending = _ending((), interrupts.first)
        except InvalidTask as error:
            told = f"never started: {option_of(error.field)}: {error.problem}"
            ending = _ours(Status.NEVER_STARTED, told)
        except (Refused, KeyConflict) as error:
            ending = _ours(Status.NEVER_STARTED, f"never started: {error}")
        except (AwsecsError, LocalCloudFailed) as error:
            ending = _ours(Status.DISPATCHER, _told(error))
        finally:
            ticking.cancel()
            await asyncio.wait([ticking])
        reporter.end(results, ending)
        await output.flush()
        return int(ending.status)

    def leave(self, signal_name: str) -> NoReturn:
        """Leave at once, and say what may be left behind."""
        self._screen.show(None)
        self._screen.line(f"awsecs: {signal_name} again: left at once. {self._left()}", "red")
        self._screen.close()
        os._exit(Status.INTERRUPTED)

    async def _results(self, reporter: Reporter, output: Output, interrupts: Interrupts) -> Sequence[Result]:
        async with AsyncExitStack() as stack:
            entering = stack.enter_async_context(surroundings(self._request))
            self._where = where = await interrupts.unless(entering)
            if not where.is_local:
                _tell_of_others(reporter)
            from awsecs_async.dispatcher import Dispatcher

            # With a journal, it may hold the tasks of other runs; ours are stopped one by one.
            leaving: Literal["leave", "cancel"] = "leave" if where.settings.journal else "cancel"
            opening = stack.enter_async_context(Dispatcher(where.settings, leaving=leaving))
            self._dispatcher = dispatcher = await interrupts.unless(opening)
            gc.freeze()  # what was loaded so far lives as long as we do: no collection need walk it again
            self._record = self._keep_record(dispatcher, where, reporter, stack)
            stack.enter_context(self._watching(where))
            following = Following(dispatcher, reporter, output, interrupts)
            return await following.results(self._request, where.notices)

    @contextmanager
    def _watching(self, where: Surroundings) -> Iterator[None]:
        """Leave when the ground goes: without its cloud, a task's end can neither come nor be waited for."""

        async def watch() -> None:
            await where.gone()
            self._screen.show(None)
            self._screen.line(
                "awsecs: the local cloud has ended, and the task with it: what became of it is not known "
                f"(exit status {Status.LOST:d})",
                "red",
            )
            self._screen.close()
            os._exit(Status.LOST)

        watching = asyncio.create_task(watch(), name="local cloud")
        try:
            yield
        finally:
            watching.cancel()

    def _keep_record(
        self, dispatcher: Dispatcher, where: Surroundings, reporter: Reporter, stack: AsyncExitStack
    ) -> runs.RunRecord:
        target = where.settings.target(self._request.spec.target)
        record = runs.RunRecord(
            started_by=dispatcher.dispatcher_id,
            cluster=target.cluster,
            region=target.region,
            profile=target.profile,
            pid=os.getpid(),
            began_at=time.time(),
        )
        if not where.is_local and where.settings.journal is None:
            try:
                stack.enter_context(runs.recorded(record, in_doubt=lambda: bool(dispatcher.tasks())))
            except OSError as error:
                reporter.warn(f"should this run be killed, nothing tells where its tasks are: {error}")
        return record

    async def _tick(self, reporter: Reporter) -> None:
        while True:
            reporter.tick({} if self._dispatcher is None else self._dispatcher.blocked)
            await asyncio.sleep(TICK_SECONDS)

    def _left(self) -> str:
        if self._where is not None and self._where.is_local:
            return "Nothing stays behind: the local cloud ends with this command"
        if self._dispatcher is None or self._record is None:
            return "Nothing was submitted yet"
        on_ecs = [task for task in self._dispatcher.tasks() if task.arn is not None]
        under_way = sum(task.state is State.LAUNCHING for task in self._dispatcher.tasks())
        if not on_ecs and not under_way:
            return "No task was on ECS"
        stops = [
            f"aws ecs stop-task --task {ecs_id(t.arn)} {self._record.arguments}" for t in on_ecs if t.arn
        ]
        count = len(on_ecs) + under_way
        said = f"{count} task{'s' if count > 1 else ''} may be left running on ECS."
        if stops and len(stops) <= LEFT_NAMED:
            said = "\n    ".join((f"{said} To stop them:", *stops))
            return f"{said}\nTo find all:\n    {self._record.find_command}"
        return f"{said} To find them:\n    {self._record.find_command}"


def _tell_of_others(reporter: Reporter) -> None:
    for path, record in runs.left_behind():
        reporter.warn(runs.warning(path, record))


def _ending(results: Sequence[Result], interruption: Interruption | None) -> Ending:
    if interruption is None:
        return ending_of_all(results)
    stopped = sum(result.state is State.CANCELLED for result in results)
    if not results:
        what = "nothing was submitted"
    elif len(results) > 1:
        what = f"{stopped} of {len(results)} tasks were stopped, the others had ended"
    elif stopped:
        code = results[0].exit_code
        how = "before it was launched" if not results[0].attempts else "as ECS confirms"
        what = f"the task was stopped, {how if code is None else f'and exited with {code}'}"
    else:
        what = f"the task had ended by then: it {ending_of(results[0]).message}"
    return _ours(interruption.status, f"interrupted by {interruption.name}: {what}")


def _ours(status: Status, message: str) -> Ending:
    return Ending(status=status, is_tasks=False, message=message)


def _told(error: Exception) -> str:
    if not isinstance(error, AwsFault):
        return str(error)
    from awsecs_async.aws.faults import cure

    return f"{error}. What to do: {cure(error)}"
