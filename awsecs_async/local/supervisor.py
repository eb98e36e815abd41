"""Drives the containers of one task, as the ECS agent on an instance does.

`supervision.decide` says what to do; the supervisor does it and tells what came of it, in frozen
values through one callback, in the order it happened. Whatever happens to a container (pulled,
started, ended, found healthy) is put into one queue and taken out by one coroutine, so the states
change in one place only and never while somebody awaits.

It knows nothing of the cloud's other tasks nor of the wire: the cloud turns reports into a task's
status. Cancelling `run` abandons the containers to `Runtime.close`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from awsecs_async.local.health import watch
from awsecs_async.local.metadata import VARIABLE, container_id, uri
from awsecs_async.local.reports import ContainerChanged, Pulled, Report, TaskEnded, TaskEnding
from awsecs_async.local.runtimes.port import (
    CannotPull,
    CannotStart,
    ContainerRun,
    Exit,
    Running,
    Runtime,
    TaskPlan,
)
from awsecs_async.local.supervision import (
    Action,
    ContainerState,
    Ending,
    Health,
    Phase,
    Refuse,
    Start,
    Stop,
    decide,
    ending_of,
    finished,
)

REASON_LIMIT = 1024  # characters; the agent cuts every reason it sends there
STOPPED_BY_USER = "Task stopped by user"
ALL_EXITED = Ending(stop_code="EssentialContainerExited", stopped_reason="All containers in task exited")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the cloud gives to all supervisors alike."""

    report: Callable[[Report], None]
    output: Callable[[ContainerRun, str], None]  # one line of a container's output
    metadata_address: str | None = None  # "http://127.0.0.1:1234": where metadata.py is mounted
    clock: Callable[[], float] = time.time


class TaskSupervisor:
    """Carries one task out with one runtime."""

    def __init__(self, plan: TaskPlan, runtime: Runtime, surroundings: Surroundings) -> None:
        self._plan = plan
        self._runtime = runtime
        self._surroundings = surroundings
        self._runs = {run.name: self._with_metadata(run) for run in plan.containers}
        # The mutable state: what each container is, the handles to carry it out, and why the task ends.
        self._states = {name: ContainerState() for name in self._runs}
        self._running: dict[str, Running] = {}
        self._pulls: dict[str, asyncio.Task[None]] = {}
        self._watches: dict[str, list[asyncio.Task[None]]] = {}
        self._happened: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self._ending: Ending | None = None
        self._grace_seconds: float | None = None  # None: each container's own stop timeout
        self._pulled_told = False
        self._group: asyncio.TaskGroup

    def __repr__(self) -> str:
        states = ", ".join(f"{name} {state.phase.value}" for name, state in self._states.items())
        return f"<TaskSupervisor {self._plan.task_id}: {states}{', ending' if self._ending else ''}>"

    async def run(self) -> Ending:
        """Carry the task out; returns how it ended, after the last report."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for run in self._runs.values():
                self._pulls[run.name] = group.create_task(self._pull(run), name=f"pull {run.name}")
            while not finished(self._states):
                (await self._happened.get())()
                self._act()
        await self._runtime.release(self._plan.task_id)
        ending = self._ending or ALL_EXITED
        self._surroundings.report(TaskEnded(task_arn=self._plan.task_arn, ending=ending, at=self._now()))
        return ending

    def stop(
        self, reason: str = STOPPED_BY_USER, stop_code: str = "UserInitiated", *, at_once: bool = False
    ) -> None:
        """End the task: all containers are stopped in reverse order. Only the first reason counts.

        `at_once` leaves them no time, as the end of their machine does.
        """
        self._grace_seconds = 0.0 if at_once else None
        ending = Ending(stop_code=stop_code, stopped_reason=reason[:REASON_LIMIT])
        self._happen(partial(self._end, ending))

    # What is done

    def _act(self) -> None:
        """Do what is to be done, one thing at a time: each may change what the next is."""
        while actions := decide(self._plan.containers, self._states, ending=self._ending is not None):
            self._do(actions[0])
        if not self._pulled_told and all(state.phase is not Phase.PULLING for state in self._states.values()):
            self._pulled_told = True
            self._surroundings.report(Pulled(task_arn=self._plan.task_arn, at=self._now()))

    def _do(self, action: Action) -> None:
        match action:
            case Start(name):
                self._change(name, phase=Phase.STARTING)
                self._group.create_task(self._carry_out(self._runs[name]), name=f"container {name}")
            case Refuse(name, exit_):
                self._stopped(name, exit_)
            case Stop(name) if name in self._running:
                self._change(name, phase=Phase.STOPPING)
                self._group.create_task(self._running[name].stop(self._grace_seconds), name=f"stop {name}")
            case Stop(name):
                self._pulls[name].cancel()
                self._stopped(name, Exit(code=None))

    async def _pull(self, run: ContainerRun) -> None:
        try:
            await self._runtime.prepare(run)
        except CannotPull as error:
            reason = f"CannotPullContainerError: {error.reason}"
            self._happen(partial(self._stopped, run.name, Exit(code=None, reason=reason)))
        else:
            self._happen(partial(self._pulled, run.name))

    async def _carry_out(self, run: ContainerRun) -> None:
        try:
            running = await self._runtime.start(run, partial(self._surroundings.output, run))
        except CannotStart as error:
            reason = f"CannotStartContainerError: {error.reason}"
            self._happen(partial(self._stopped, run.name, Exit(code=None, reason=reason)))
            return
        self._happen(partial(self._started, run, running))
        exit_ = await running.wait()
        self._happen(partial(self._stopped, run.name, exit_))

    async def _expire(self, run: ContainerRun, start_timeout_seconds: float) -> None:
        await asyncio.sleep(start_timeout_seconds)
        self._happen(partial(self._change, run.name, overdue=True))

    # What has happened; each is called by `run` alone

    def _happen(self, change: Callable[[], None]) -> None:
        self._happened.put_nowait(change)

    def _pulled(self, name: str) -> None:
        if self._states[name].phase is Phase.PULLING:
            self._change(name, phase=Phase.WAITING)

    def _started(self, run: ContainerRun, running: Running) -> None:
        self._running[run.name] = running
        self._change(run.name, phase=Phase.RUNNING, started=True)
        watches = []
        if run.health_check is not None:
            watches.append(watch(run.health_check, running, partial(self._probed, run.name)))
        if run.start_timeout_seconds is not None:
            watches.append(self._expire(run, run.start_timeout_seconds))
        self._watches[run.name] = [self._group.create_task(each) for each in watches]
        self._tell(run.name)

    def _probed(self, name: str, health: Health) -> None:
        self._happen(partial(self._healthy, name, health))

    def _healthy(self, name: str, health: Health) -> None:
        if self._states[name].phase is not Phase.STOPPED:  # the last probe may outlive its container
            self._change(name, health=health)
            self._tell(name)

    def _stopped(self, name: str, exit_: Exit) -> None:
        if self._states[name].phase is Phase.STOPPED:
            return
        for each in self._watches.pop(name, ()):
            each.cancel()
        self._change(name, phase=Phase.STOPPED, exit=exit_)
        self._tell(name)
        ending = ending_of(self._runs[name], self._states[name])
        if ending is not None:
            self._end(ending)

    def _end(self, ending: Ending) -> None:
        if self._ending is None:
            self._ending = ending
            self._surroundings.report(TaskEnding(task_arn=self._plan.task_arn, ending=ending, at=self._now()))

    # Small words

    def _change(self, name: str, **changes: Any) -> None:
        self._states[name] = replace(self._states[name], **changes)

    def _tell(self, name: str) -> None:
        state = self._states[name]
        exit_ = state.exit or Exit(code=None)
        report = ContainerChanged(
            task_arn=self._plan.task_arn,
            name=name,
            runtime_id=container_id(self._plan.task_id, name),
            last_status=state.phase.last_status,
            exit_code=exit_.code,
            reason=exit_.reason[:REASON_LIMIT] if exit_.reason else None,
            health_status=state.health.value,
            at=self._now(),
        )
        self._surroundings.report(report)

    def _now(self) -> float:
        return self._surroundings.clock()

    def _with_metadata(self, run: ContainerRun) -> ContainerRun:
        address = self._surroundings.metadata_address
        if address is None:
            return run
        here = {VARIABLE: uri(address, run.task_id, run.name)}
        return replace(run, environment={**run.environment, **here})
