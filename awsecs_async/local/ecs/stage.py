"""Where scripted containers play: they start, print and exit as timed steps.

What their ends mean for the task is the lifecycle's to say; it is told through `Audience`.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from awsecs_async.local.ecs.agenda import Agenda
from awsecs_async.local.ecs.runs import log_place
from awsecs_async.local.ecs.script import Act, timeline
from awsecs_async.local.ecs.tasks import RUNNING, STOPPED, Container, Task
from awsecs_async.local.logs.service import Logs


class Audience(Protocol):
    """Who is told what happens on stage."""

    def some_started(self, task: Task, at: float) -> None:
        """At least one container of the task is in another status."""
        ...

    def ended(
        self, task: Task, container: Container, at: float, exit_code: int | None, reason: str | None
    ) -> None:
        """A container has exited, or will never start."""
        ...


class Stage:
    """Plays the scripts of tasks; all its state is in the tasks and the agenda."""

    def __init__(self, agenda: Agenda, logs: Logs, audience: Audience) -> None:
        self._agenda = agenda
        self._logs = logs
        self._audience = audience

    def open(self, task: Task, at: float) -> None:
        """Begin a task whose `cast` is known."""
        task.acts = timeline(task.cast or {})
        epoch = task.epoch
        for container in task.containers:
            act = task.acts[container.name]
            if act.start == 0:
                self._enter(task, container, at)
            elif act.start is not None:
                self._agenda.later(task, at, act.start, partial(self._enter_later, container=container))
        self._audience.some_started(task, at)
        for container in task.containers:
            if task.epoch == epoch:  # an end at once calls off all the others'
                end = task.acts[container.name].end
                self._agenda.later(task, at, end, partial(self._exit, container=container))

    def stop(self, task: Task, at: float) -> float:
        """Send every container SIGTERM; returns the seconds until the last one has ended."""
        longest = 0.0
        for container in task.containers:
            if container.status == STOPPED:
                continue
            if container.status != RUNNING or container.name not in task.acts:
                container.stop()
                continue
            seconds, exit_code = task.acts[container.name].stopped()
            longest = max(longest, seconds)
            if seconds > 0:
                self._agenda.later(
                    task, at, seconds, partial(self._killed, container=container, exit_code=exit_code)
                )
            else:
                container.stop(exit_code)
        return longest

    def _enter_later(self, task: Task, at: float, container: Container) -> None:
        self._enter(task, container, at)
        self._audience.some_started(task, at)

    def _enter(self, task: Task, container: Container, at: float) -> None:
        act = task.acts[container.name]
        container.status = RUNNING
        container.runtime_id = container.arn[-32:]
        if act.run.health_check is not None:
            container.health = "HEALTHY"
        if act.script.output:
            self._print(task, container, act, at)

    def _print(self, task: Task, container: Container, act: Act, at: float) -> None:
        group, stream = log_place(task, container)
        if group is None or stream is None:
            return
        gap = act.script.line_interval_seconds
        if gap <= 0:
            self._logs.write(group, stream, at, act.script.output)
            return
        for index, line in enumerate(act.script.output):
            if index * gap <= act.script.duration_seconds:
                self._agenda.later(
                    task, at, index * gap, partial(self._line, place=(group, stream), line=line)
                )

    def _line(self, _task: Task, at: float, place: tuple[str, str], line: str) -> None:
        self._logs.write(*place, at, (line,))

    def _exit(self, task: Task, at: float, container: Container) -> None:
        act = task.acts[container.name]
        self._audience.ended(task, container, at, act.exit_code, act.reason)

    def _killed(self, task: Task, at: float, container: Container, exit_code: int) -> None:
        self._audience.ended(task, container, at, exit_code, None)
