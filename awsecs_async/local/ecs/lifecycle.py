"""The life of a task: PROVISIONING to STOPPED, step by step.

This is the only file that changes a task's status. Each step is a plain function of the task
and the moment; what comes later is an entry of the agenda, so that whoever drives the machine
asks `next_wake` and calls `advance`, on a real clock or a virtual one. A step runs at the
moment it was due, not at the moment somebody woke up: the outcome does not depend on haste.

Scripted containers play on the stage. Real ones are asked for by an effect; what becomes of
them is told to `pulled`, `container_changed`, `stop` and `containers_ended`.
Source of the order and the words: AmazonECS/latest/developerguide/task-lifecycle-explanation
and stopped-task-error-codes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from awsecs_async.local.ecs.agenda import Agenda
from awsecs_async.local.ecs.effects import (
    ContainerChange,
    Housing,
    Mishaps,
    StartContainers,
    StopContainers,
)
from awsecs_async.local.ecs.events import Outbox, state_change
from awsecs_async.local.ecs.runs import container_run, creates_group, log_place, task_plan
from awsecs_async.local.ecs.script import Script, Scripts
from awsecs_async.local.ecs.stage import Stage
from awsecs_async.local.ecs.tasks import (
    ACTIVATING,
    BEFORE_RUNNING,
    DEACTIVATING,
    DEPROVISIONING,
    PENDING,
    RUNNING,
    STOPPED,
    STOPPING,
    Container,
    Task,
)
from awsecs_async.local.logs.service import Logs
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import WireError
from awsecs_async.model.quotas import STOPPED_REASON_MAX_CHARACTERS


class Lifecycle:
    """Moves tasks on.

    The mutable state is the agenda, the effects not yet fetched, and the tasks themselves.
    """

    def __init__(
        self, settings: CloudSettings, logs: Logs, scripts: Scripts, mishaps: Mishaps, outbox: Outbox
    ) -> None:
        self.agenda = Agenda()
        self.scripts = scripts
        self.listening = False  # whether anybody wants events
        self.effects: list[StartContainers | StopContainers] = []
        self.housing: Housing  # set once, by the machine: it needs the lifecycle itself
        self.stopped: Callable[[Task], None] = lambda _task: None  # called once per task, at its end
        self._settings = settings
        self._delays = settings.delays
        self._logs = logs
        self._stage = Stage(self.agenda, logs, self)
        self._mishaps = mishaps
        self._outbox = outbox

    # --- to RUNNING --------------------------------------------------------------------------

    def begin(self, task: Task, at: float) -> None:
        """A new task that has its room sets out."""
        self.agenda.later(task, at, self._delays.provisioning, self._pend)

    def _pend(self, task: Task, at: float) -> None:
        task.times["connectivityAt"] = task.times["pullStartedAt"] = at
        runs = {container.name: container_run(task, container) for container in task.containers}
        task.cast = self._cast(runs)
        self._set(task, PENDING, at)
        for container in task.containers:
            failure = self._mishaps.pull_failure(container.definition["image"])
            if failure is not None:
                failing = partial(self._fail_to_start, container=container, reason=failure)
                self.agenda.later(task, at, self._delays.pulling, failing)
                return
        if task.cast is not None:
            self.agenda.later(task, at, self._delays.pulling, self._activate)
        elif self._opens_logs(task, at):
            task.supervised = True
            plan = task_plan(task, tuple(runs.values()), task.zone)
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
        self.agenda.later(task, at, self._delays.activating, self._open_stage)

    def _open_stage(self, task: Task, at: float) -> None:
        if self._opens_logs(task, at):
            self._stage.open(task, at)

    def some_started(self, task: Task, at: float) -> None:
        """A container has changed; the task may be RUNNING now.

        The agent reports a task RUNNING once every container has started, or has already ended. One of
        which no container ever ran was never RUNNING, and has no startedAt.
        """
        waiting = any(container.status == PENDING for container in task.containers)
        ran = any(c.status == RUNNING or c.exit_code is not None for c in task.containers)
        if waiting or not ran or task.last_status not in BEFORE_RUNNING or task.desired_status == STOPPED:
            self._changed(task, at)
            return
        task.times["startedAt"] = at
        self._set(task, RUNNING, at)
        spot = self._mishaps.spot_after_seconds(task)
        if spot is not None:
            self.agenda.later(task, at, spot, self.interrupt_spot)

    def _opens_logs(self, task: Task, at: float) -> bool:
        for container in task.containers:
            group, stream = log_place(task, container)
            if group is None or stream is None:
                continue
            try:
                self._logs.open_stream(group, stream, at, create_group=creates_group(container))
            except WireError as refusal:
                reason = (
                    "ResourceInitializationError: failed to validate logger args: create stream "
                    "has been retried 1 times: failed to create Cloudwatch log stream: "
                    f"{refusal.code}: {refusal.message}"
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
        self.some_started(task, at)

    def containers_ended(self, task: Task, at: float) -> None:
        """Nothing of the task runs any longer."""
        for container in task.containers:
            if container.status != STOPPED:
                container.stop()
        if task.last_status == STOPPING and not task.lost:
            task.epoch += 1
            self.agenda.later(task, at, self._delays.stopping, self._deprovision)

    # --- to STOPPED --------------------------------------------------------------------------

    def stop(self, task: Task, at: float, stop_code: str, reason: str) -> None:
        """Somebody, or something, wants the task stopped; no effect on one that is stopping already."""
        if task.desired_status != STOPPED:
            self._begin_end(task, at, stop_code, reason)

    def interrupt_spot(self, task: Task, at: float) -> None:
        """EC2 or Fargate wants its Spot capacity back."""
        self.stop(task, at, "SpotInterruption", "Your Spot Task was interrupted.")

    def lose(self, task: Task, at: float, stop_code: str, reason: str) -> None:
        """The task's machine is gone, and with it every container; nobody learns how they ended."""
        if task.desired_status == STOPPED:
            return
        task.lost = True
        if task.supervised:
            self.effects.append(
                StopContainers(task_arn=task.arn, stop_code=stop_code, reason=reason, at_once=True)
            )
        for container in task.containers:
            if container.status != STOPPED:
                container.stop()
        self._begin_end(task, at, stop_code, reason)

    def fail_to_start(self, task: Task, at: float, reason: str) -> None:
        """The task has found no machine, and none of its containers was tried."""
        if task.desired_status != STOPPED:
            self._begin_end(task, at, "TaskFailedToStart", reason)

    def ended(
        self, task: Task, container: Container, at: float, exit_code: int | None, reason: str | None
    ) -> None:
        """A scripted container has exited, or will never start; an essential one ends its task."""
        container.stop(exit_code, reason)
        if container.essential:
            task.times.setdefault("executionStoppedAt", at)
        if container.essential and task.desired_status != STOPPED:
            task.times.setdefault("startedAt", at)
            self._begin_end(task, at, "EssentialContainerExited", "Essential container in task exited")
        else:
            self.some_started(task, at)

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
        self.housing.leave(task)
        self._set(task, DEACTIVATING, at)
        self.agenda.later(task, at, self._delays.deactivating, self._stop_containers)

    def _stop_containers(self, task: Task, at: float) -> None:
        if task.supervised and any(container.status != STOPPED for container in task.containers):
            stop = StopContainers(
                task_arn=task.arn, stop_code=task.stop_code or "", reason=task.stopped_reason or ""
            )
            self.effects.append(stop)
            self._set(task, STOPPING, at)
            return  # containers_ended leads on
        longest = self._stage.stop(task, at)
        if longest == 0 and "startedAt" in task.times:
            task.times.setdefault("executionStoppedAt", at)
        self._set(task, STOPPING, at)
        self.agenda.later(task, at, max(self._delays.stopping, longest), self._deprovision)

    def _deprovision(self, task: Task, at: float) -> None:
        self._set(task, DEPROVISIONING, at)
        self.agenda.later(task, at, self._delays.deprovisioning, self._finish)

    def _finish(self, task: Task, at: float) -> None:
        task.stopped_at = task.times["stoppedAt"] = at
        self._set(task, STOPPED, at)
        task.cast, task.acts = None, {}  # a stopped task is remembered for an hour; its script need not be
        self.stopped(task)
        self.housing.release(task, at)

    # --- telling -----------------------------------------------------------------------------

    def _set(self, task: Task, status: str, at: float) -> None:
        task.cluster.moved(task.last_status, status)
        task.last_status = status
        self._changed(task, at)

    def _changed(self, task: Task, at: float) -> None:
        task.version += 1
        self.announce(task, at)

    def announce(self, task: Task, at: float) -> None:
        """Tell whoever listens what the task is now."""
        if self.listening:
            self._outbox.post(state_change(task, at, self._settings.region, self._settings.account), at)

    def __repr__(self) -> str:
        return f"<Lifecycle {self.agenda} effects={len(self.effects)}>"
