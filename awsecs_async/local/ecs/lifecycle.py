"""The life of a task: PROVISIONING to STOPPED, step by step.

This is the only file that changes a task's status. Each step is a plain function of the task
and the moment; what comes later is an entry in a heap, so that whoever drives the machine asks
`next_wake` and calls `advance`, on a real clock or a virtual one. A step runs at the moment it
was due, not at the moment somebody woke up: the result does not depend on the driver's haste.

Scripted containers are timed steps as well. Real ones are asked for by an effect
(`StartContainers`, `StopContainers`); what becomes of them is told to `pulled`,
`container_changed`, `stop` and `containers_ended`.
Source of the order and the words: AmazonECS/latest/developerguide/task-lifecycle-explanation
and stopped-task-error-codes.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from awsecs_async.local.ecs.events import Outbox, state_change
from awsecs_async.local.ecs.runs import container_run, creates_group, log_place, task_plan
from awsecs_async.local.ecs.script import Act, Script, Scripts, timeline
from awsecs_async.local.ecs.tasks import (
    ACTIVATING,
    BEFORE_RUNNING,
    DEACTIVATING,
    DEPROVISIONING,
    PENDING,
    PROVISIONING,
    RUNNING,
    STOPPED,
    STOPPING,
    Container,
    Task,
)
from awsecs_async.local.logs.service import Logs
from awsecs_async.local.runtimes.port import ContainerRun, TaskPlan
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import WireError
from awsecs_async.model.quotas import STOPPED_REASON_MAX_CHARACTERS

_EARLY_SECONDS: Final = 1e-6  # a clock of epoch seconds is no finer than this in a float

Step = Callable[[Task, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartContainers:
    """Carry out this task's containers and report what they do."""

    plan: TaskPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StopContainers:
    """End this task's containers, each with its stop timeout."""

    task_arn: str
    stop_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChange:
    """What became of a real container. `exit_code` None is not known."""

    name: str
    status: str  # PENDING, RUNNING or STOPPED
    runtime_id: str
    health: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str | None = None


class Mishaps(Protocol):
    """What may go wrong with a task on demand."""

    def pull_failure(self, image: str) -> str | None:
        """Why this image cannot be pulled, or None."""
        ...

    def spot_after_seconds(self, task: Task) -> float | None:
        """When a Spot interruption hits this task, in seconds from its start, or None."""
        ...


class Lifecycle:
    """Moves tasks on.

    The mutable state is the heap of what is due, the effects not yet fetched, and the tasks
    themselves.
    """

    def __init__(
        self, settings: CloudSettings, logs: Logs, scripts: Scripts, mishaps: Mishaps, outbox: Outbox
    ) -> None:
        self.scripts = scripts
        self.listening = False  # whether anybody wants events
        self.effects: list[StartContainers | StopContainers] = []
        self.stopped: Callable[[Task], None] = lambda _task: None  # called once per task, at its end
        self._settings = settings
        self._delays = settings.delays
        self._logs = logs
        self._mishaps = mishaps
        self._outbox = outbox
        self._heap: list[tuple[float, int, Task, int, Step]] = []
        self._entries = 0

    # --- time --------------------------------------------------------------------------------

    @property
    def next_wake(self) -> float | None:
        """When `advance` next has something to do, in epoch seconds."""
        heap = self._heap
        while heap and heap[0][3] != heap[0][2].epoch:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def advance(self, now: float) -> None:
        """Do what is due by `now`."""
        heap, limit = self._heap, now + _EARLY_SECONDS
        while heap and heap[0][0] <= limit:
            at, _, task, epoch, step = heapq.heappop(heap)
            if epoch == task.epoch:
                step(task, at)

    def _later(self, task: Task, at: float, delay: float, step: Step) -> None:
        if delay <= 0:
            step(task, at)
            return
        self._entries += 1
        heapq.heappush(self._heap, (at + delay, self._entries, task, task.epoch, step))

    # --- to RUNNING --------------------------------------------------------------------------

    def begin(self, task: Task, at: float) -> None:
        """A new task sets out; one that waits for room is begun when it has some."""
        if self.listening:
            self._tell(task, at)
        self._later(task, at, self._delays.provisioning, self._pend)

    def _pend(self, task: Task, at: float) -> None:
        task.times["connectivityAt"] = task.times["pullStartedAt"] = at
        runs = {container.name: container_run(task, container) for container in task.containers}
        task.cast = self._cast(runs)
        self._set(task, PENDING, at)
        for container in task.containers:
            failure = self._mishaps.pull_failure(container.definition["image"])
            if failure is not None:
                failing = partial(self._fail_to_start, container=container, reason=failure)
                self._later(task, at, self._delays.pulling, failing)
                return
        if task.cast is not None:
            self._later(task, at, self._delays.pulling, self._activate)
        elif self._opens_logs(task, at):
            plan = task_plan(task, tuple(runs.values()), task.fixed["availabilityZone"])
            task.supervised = True
            self.effects.append(StartContainers(plan=plan))

    def _cast(self, runs: dict[str, ContainerRun]) -> dict[str, tuple[ContainerRun, Script]] | None:
        cast: dict[str, tuple[ContainerRun, Script]] = {}
        for name, run in runs.items():
            script = self.scripts(run)
            if script is None:
                return None
            cast[name] = (run, script)
        return cast

    def _activate(self, task: Task, at: float) -> None:
        task.times["pullStoppedAt"] = at
        self._set(task, ACTIVATING, at)
        self._later(task, at, self._delays.activating, self._start_scripts)

    def _start_scripts(self, task: Task, at: float) -> None:
        assert task.cast is not None  # noqa: S101 - only scripted tasks come here
        if not self._opens_logs(task, at):
            return
        task.acts = timeline(task.cast)
        for container in task.containers:
            act = task.acts[container.name]
            if act.start == 0:
                self._play(task, container, act, at)
            elif act.start is not None:
                self._later(task, at, act.start, partial(self._script_starts, container=container))
        epoch = task.epoch
        self._some_started(task, at)
        for container in task.containers:
            if task.epoch == epoch:  # an essential container that ended at once ends all the others
                act = task.acts[container.name]
                self._later(task, at, act.end, partial(self._script_ends, container=container))

    def _script_starts(self, task: Task, at: float, container: Container) -> None:
        self._play(task, container, task.acts[container.name], at)
        self._some_started(task, at)

    def _play(self, task: Task, container: Container, act: Act, at: float) -> None:
        container.status = RUNNING
        container.runtime_id = container.arn[-32:]
        if act.run.health_check is not None:
            container.health = "HEALTHY"
        if act.run.log_group is not None and act.script.output:
            self._print(task, container, act, at)

    def _print(self, task: Task, container: Container, act: Act, at: float) -> None:
        group, stream = log_place(task, container)
        assert group is not None and stream is not None  # noqa: S101, PT018 - the caller looked
        gap = act.script.line_interval_seconds
        if gap <= 0:
            self._logs.write(group, stream, at, act.script.output)
            return
        for index, line in enumerate(act.script.output):
            if index * gap <= act.script.duration_seconds:
                self._later(
                    task,
                    at,
                    index * gap,
                    lambda _task, then, line=line: self._logs.write(group, stream, then, (line,)),
                )

    def _script_ends(self, task: Task, at: float, container: Container) -> None:
        act = task.acts[container.name]
        self._ended(task, container, at, act.exit_code, act.reason)

    def _some_started(self, task: Task, at: float) -> None:
        if not self._running_if_started(task, at):
            self._changed(task, at)
            return
        spot = self._mishaps.spot_after_seconds(task)
        if spot is not None:
            self._later(task, at, spot, self.interrupt_spot)

    def _running_if_started(self, task: Task, at: float) -> bool:
        """The agent reports a task RUNNING once every container has started, or has already ended."""
        if (
            task.last_status not in BEFORE_RUNNING
            or task.desired_status == STOPPED
            or any(item.status == PENDING for item in task.containers)
        ):
            return False
        task.times["startedAt"] = at
        self._set(task, RUNNING, at)
        return True

    def _opens_logs(self, task: Task, at: float) -> bool:
        for container in task.containers:
            group, stream = log_place(task, container)
            if group is None or stream is None:
                continue
            try:
                self._logs.open_stream(group, stream, at, create_group=creates_group(container))
            except WireError as refusal:
                reason = (
                    "ResourceInitializationError: failed to validate logger args: create stream has been retried "
                    f"1 times: failed to create Cloudwatch log stream: {refusal.code}: {refusal.message}"
                )
                self._fail_to_start(task, at, container, reason)
                return False
        return True

    # --- what real containers report -----------------------------------------------------------

    def pulled(self, task: Task, at: float) -> None:
        """Every image is there, or was given up."""
        if task.last_status == PENDING:
            task.times["pullStoppedAt"] = at
            self._set(task, ACTIVATING, at)

    def container_changed(self, task: Task, change: ContainerChange, at: float) -> None:
        """A container is in another status, or its health is."""
        container = task.container(change.name)
        if container.status == STOPPED:
            return
        container.status = change.status
        container.runtime_id = change.runtime_id
        container.health = change.health
        if change.status == STOPPED:
            container.stop(change.exit_code, change.reason)
            if container.essential:
                task.times.setdefault("executionStoppedAt", at)
        self._some_started(task, at)

    def containers_ended(self, task: Task, at: float) -> None:
        """Nothing of the task runs any longer."""
        for container in task.containers:
            if container.status != STOPPED:
                container.stop()
        if task.last_status == STOPPING:
            task.epoch += 1
            self._later(task, at, self._delays.stopping, self._deprovision)

    # --- to STOPPED --------------------------------------------------------------------------

    def stop(self, task: Task, at: float, stop_code: str, reason: str) -> None:
        """Somebody, or something, wants the task stopped; no effect on one that is stopping already."""
        if task.desired_status != STOPPED:
            self._begin_end(task, at, stop_code, reason)

    def interrupt_spot(self, task: Task, at: float) -> None:
        """EC2 or Fargate wants its Spot capacity back."""
        self.stop(task, at, "SpotInterruption", "Your Spot Task was interrupted.")

    def _ended(
        self, task: Task, container: Container, at: float, exit_code: int | None, reason: str | None
    ) -> None:
        container.stop(exit_code, reason)
        if container.essential and "executionStoppedAt" not in task.times:
            task.times["executionStoppedAt"] = at
        if container.essential and task.desired_status != STOPPED:
            if task.last_status in BEFORE_RUNNING and "startedAt" not in task.times:
                task.times["startedAt"] = at
            self._begin_end(task, at, "EssentialContainerExited", "Essential container in task exited")
        else:
            self._some_started(task, at)

    def _fail_to_start(self, task: Task, at: float, container: Container, reason: str) -> None:
        container.reason = reason[:STOPPED_REASON_MAX_CHARACTERS]
        self._begin_end(task, at, "TaskFailedToStart", reason)

    def _begin_end(self, task: Task, at: float, stop_code: str, reason: str) -> None:
        task.epoch += 1
        task.desired_status = STOPPED
        task.stop_code = stop_code
        task.stopped_reason = reason[:STOPPED_REASON_MAX_CHARACTERS]
        task.times["stoppingAt"] = at
        task.cluster.stopping(task)
        if task.last_status == PROVISIONING and task in task.cluster.room.waiting:
            task.cluster.room.waiting.remove(task)
        self._set(task, DEACTIVATING, at)
        self._later(task, at, self._delays.deactivating, self._stop_containers)

    def _stop_containers(self, task: Task, at: float) -> None:
        if task.supervised and any(item.status != STOPPED for item in task.containers):
            reason = task.stopped_reason or ""
            self.effects.append(
                StopContainers(task_arn=task.arn, reason=reason, stop_code=task.stop_code or "")
            )
            self._set(task, STOPPING, at)
            return  # containers_ended leads on
        longest = self._stop_scripts(task, at)
        self._set(task, STOPPING, at)
        self._later(task, at, max(self._delays.stopping, longest), self._deprovision)

    def _stop_scripts(self, task: Task, at: float) -> float:
        longest = 0.0
        for container in task.containers:
            if container.status == RUNNING and container.name in task.acts:
                seconds, exit_code = task.acts[container.name].stopped()
                longest = max(longest, seconds)
                if seconds > 0:
                    self._later(
                        task,
                        at,
                        seconds,
                        partial(self._script_stops, container=container, exit_code=exit_code),
                    )
                    continue
                container.stop(exit_code)
            elif container.status != STOPPED:
                container.stop()
        if longest == 0 and "startedAt" in task.times:
            task.times.setdefault("executionStoppedAt", at)
        return longest

    def _script_stops(self, task: Task, at: float, container: Container, exit_code: int) -> None:
        self._ended(task, container, at, exit_code, None)

    def _deprovision(self, task: Task, at: float) -> None:
        self._set(task, DEPROVISIONING, at)
        self._later(task, at, self._delays.deprovisioning, self._finish)

    def _finish(self, task: Task, at: float) -> None:
        task.stopped_at = task.times["stoppedAt"] = at
        self._set(task, STOPPED, at)
        self.stopped(task)
        for waiter in task.cluster.room.release(task):
            self._later(waiter, at, self._delays.provisioning, self._pend)

    # --- telling -----------------------------------------------------------------------------

    def _set(self, task: Task, status: str, at: float) -> None:
        task.cluster.moved(task.last_status, status)
        task.last_status = status
        self._changed(task, at)

    def _changed(self, task: Task, at: float) -> None:
        task.version += 1
        if self.listening:
            self._tell(task, at)

    def _tell(self, task: Task, at: float) -> None:
        self._outbox.post(state_change(task, at, self._settings.region, self._settings.account), at)

    def __repr__(self) -> str:
        return f"<Lifecycle due={len(self._heap)} next_wake={self.next_wake}>"
