"""The reporter of ``--json``: every event is a line on standard output; warnings go to standard error too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.cli import events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from awsecs_async.cli.endings import Ending
    from awsecs_async.cli.screen import Screen
    from awsecs_async.engine.logs import LogLine
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.result import Result
    from awsecs_async.task import Task


class Recorder:
    """Tells in events. Its state is which blocked targets it has warned of.

    Args:
        add: Takes each line for standard output.
    """

    def __init__(self, screen: Screen, add: Callable[[bytes], None]) -> None:
        self._screen = screen
        self._add = add
        self._blocked: dict[str, str] = {}

    def __repr__(self) -> str:
        return "<Recorder>"

    def begin(self, tasks: Sequence[Task]) -> None:
        """An event ``submitted`` for each."""
        for task in tasks:
            self._event(events.submitted(task))

    def moved(self, task: Task, transition: Transition) -> None:
        """An event ``state``; with an ending comes ``result`` later, when its output is through."""
        self._event(events.moved(transition, task.index))

    def tick(self, blocked: Mapping[str, str]) -> None:
        """A warning where a target is blocked anew."""
        for target, why in blocked.items():
            if self._blocked.get(target) != why:
                self.warn(f"nothing can be launched now, and nothing fails: {why}")
        self._blocked = dict(blocked)

    def render(self, task: Task, line: LogLine) -> bytes:
        """An event ``log``."""
        return events.line(events.logged(task, line))

    def dropped(self, task: Task, count: int) -> None:
        """An event ``dropped``."""
        self._event(events.dropped(task, count))

    def say(self, text: str) -> None:
        """Nothing: the events say it."""

    def warn(self, text: str) -> None:
        """A line on standard error, which is no part of the events."""
        self._screen.line(f"awsecs: {text}", "yellow")

    def end(self, results: Sequence[Result], ending: Ending) -> None:
        """An event ``result`` for each, and ``exit``; what is our own fault is said on standard error too."""
        for result in results:
            self._event(events.ended(result))
        self._event(events.exiting(ending))
        if not ending.is_tasks:
            self._screen.line(f"awsecs: {ending.message}", "red")

    def _event(self, event: events.Event) -> None:
        self._add(events.line(event))
