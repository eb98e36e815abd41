"""Who tells the user: in sentences on standard error, or (see ``recorder``) in events on standard output.

On a terminal one task has a status line that follows it, several have a progress bar with counts; what is
worth keeping (why a target is blocked, which task of an array failed, how it all ended) is said as a line
that stays. Where standard error is no terminal there are plain lines only: every change of one task, for
several the counts now and then.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, Protocol

from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from awsecs_async.cli.endings import Ending, ending_of
from awsecs_async.cli.narration import is_return, sentence, where
from awsecs_async.cli.progress import Progress
from awsecs_async.model.lifecycle import State
from awsecs_async.model.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsecs_async.cli.screen import Screen
    from awsecs_async.engine.logs import LogLine
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.result import Result
    from awsecs_async.task import Task

PREFIX: Final = "awsecs: "  # whose line it is, where the task writes to the same terminal or file
COUNTS_SECONDS: Final = 5.0  # between two plain lines with counts
FAILURES_TOLD: Final = 10  # tasks of an array that have a line of their own; the rest is in the counts
BAR_WIDTH: Final = 24

_WITH_MACHINE: Final = {State.STARTING, State.RUNNING}
_WITHOUT_MACHINE: Final = {State.LAUNCHING, State.PROVISIONING, State.STOPPING}


class Reporter(Protocol):
    """Hears all that happens in one run."""

    def begin(self, tasks: Sequence[Task]) -> None:
        """These tasks were taken in."""

    def moved(self, task: Task, transition: Transition) -> None:
        """One of them changed."""

    def tick(self, blocked: Mapping[str, str]) -> None:
        """Time has passed; these targets are blocked now, and why."""

    def render(self, task: Task, line: LogLine) -> bytes:
        """The line as it belongs on standard output."""

    def dropped(self, task: Task, count: int) -> None:
        """So many lines of it came too fast for us."""

    def say(self, text: str) -> None:
        """What is good to know."""

    def warn(self, text: str) -> None:
        """What should be known."""

    def end(self, results: Sequence[Result], ending: Ending) -> None:
        """It is over; ``results`` may be empty."""


class Narrator:
    """Tells in sentences. Its state is what it has told last.

    Args:
        quiet: Whether only errors and warnings are told.
    """

    def __init__(self, screen: Screen, *, quiet: bool = False) -> None:
        self._screen = screen
        self._quiet = quiet
        self._tasks: Sequence[Task] = ()
        self._began = time.monotonic()
        self._now = "submitting"
        self._spinner = Spinner("dots" if screen.speaks_unicode else "line", style="cyan")
        self._blocked: dict[str, str] = {}
        self._told: Progress | None = None
        self._told_at = self._began
        self._failures = 0
        self._attempt = 1  # launches that got no machine are none
        self._has_machine = False
        self._place = ""  # of the launch under way
        self._in_vain: set[str] = set()  # where no machine came, and why, as far as that was told

    def __repr__(self) -> str:
        return f"<Narrator of {len(self._tasks)} tasks: {self._now}>"

    def begin(self, tasks: Sequence[Task]) -> None:
        """These tasks were taken in."""
        self._tasks = tasks
        if len(tasks) > 1:
            self.say(f"submitted {len(tasks)} tasks")
        for remark in dict.fromkeys(each for task in tasks for each in task.placement.remarks):
            self.say(f"note: {remark}")

    def moved(self, task: Task, transition: Transition) -> None:
        """One of them changed."""
        if len(self._tasks) == 1:
            is_news = self._is_news(transition, where(task.placement))
            self._now = sentence(
                transition, task.placement, attempt=self._attempt, brief=self._screen.is_live
            )
            stays = not self._screen.is_live or is_return(transition)  # why it waits is worth keeping
            if is_news and stays and not transition.new.is_ending:
                self.say(self._now)
        elif transition.result is not None and not transition.result:
            self._failed(transition.result)

    def tick(self, blocked: Mapping[str, str]) -> None:
        """Draw the status line anew, or tell the counts if it is time."""
        for target, why in blocked.items():
            if self._blocked.get(target) != why:
                self.warn(f"nothing can be launched now, and nothing fails: {why}")
        if self._blocked and not blocked:
            self.say("launching goes on")
        self._blocked = dict(blocked)
        if self._quiet:
            return
        if self._screen.is_live:
            self._screen.show(self._status())
        elif len(self._tasks) > 1 and time.monotonic() - self._told_at >= COUNTS_SECONDS:
            self._tell_counts()

    def render(self, task: Task, line: LogLine) -> bytes:
        """The line as the task wrote it; tasks of an array have ``[index]`` in front."""
        prefix = f"[{task.index}] " if task.index is not None else ""
        return f"{prefix}{line.message}\n".encode(errors="replace")

    def dropped(self, task: Task, count: int) -> None:
        """So many lines are missing in what was written."""
        of = f" of number {task.index}" if task.index is not None else ""
        self.warn(
            f"{count} lines{of} came faster than they could be written and are missing; CloudWatch has them"
        )

    def say(self, text: str) -> None:
        """What is good to know; not when quiet."""
        if not self._quiet:
            self._screen.line(PREFIX + text, "dim")

    def warn(self, text: str) -> None:
        """What should be known."""
        self._screen.line(PREFIX + text, "yellow")

    def end(self, results: Sequence[Result], ending: Ending) -> None:  # noqa: ARG002 (the ending says it)
        """Say how it ended; when quiet, only what the exit status alone does not tell."""
        self._screen.show(None)
        if ending.status == 0:
            self.say(ending.message)
        elif not (self._quiet and ending.is_tasks):
            for line in re.split(r"\n(?! )", ending.message):  # several settings are missing, say
                self._screen.line(PREFIX + line, "red")

    def _is_news(self, transition: Transition, place: str) -> bool:
        """Whether this is more than another try for a machine, at a place that had none for that reason."""
        new = transition.new
        if new is State.LAUNCHING:
            self._place = place
        if new in _WITH_MACHINE:
            self._has_machine = True
            self._in_vain.clear()
        if not is_return(transition):
            return not (self._place in self._in_vain and new in _WITHOUT_MACHINE)
        is_news = transition.note not in self._in_vain
        if not self._has_machine:
            self._in_vain |= {self._place, transition.note}
        self._attempt += self._has_machine
        self._has_machine = False
        return is_news

    def _failed(self, result: Result) -> None:
        self._failures += 1
        if self._failures <= FAILURES_TOLD:
            self.say(
                f"number {result.index} {ending_of(result).message}"
                if result.index is not None
                else str(result)
            )
        elif self._failures == FAILURES_TOLD + 1:
            self.say("more tasks did not succeed; from here on they are only counted")

    def _tell_counts(self) -> None:
        self._told_at = time.monotonic()
        progress = Progress(task.state for task in self._tasks)
        if progress != self._told:
            self._told = progress
            self.say(str(progress))

    def _status(self) -> Table:
        elapsed = format_duration(time.monotonic() - self._began)
        row = Table.grid(padding=(0, 1))
        for _ in range(3):
            row.add_column()
        if len(self._tasks) > 1:
            progress = Progress(task.state for task in self._tasks)
            bar = ProgressBar(total=progress.total, completed=progress.ended, width=BAR_WIDTH)
            told = Text(f"{progress}  {elapsed}", no_wrap=True, overflow="ellipsis")
            row.add_row(self._spinner, bar, told)
        else:
            blocked = next(iter(self._blocked.values()), "")
            said = Text(blocked or self._now, no_wrap=True, overflow="ellipsis")  # the time is never cut
            row.add_row(self._spinner, said, Text(elapsed, no_wrap=True))
        return row
