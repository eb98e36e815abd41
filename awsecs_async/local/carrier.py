"""Real containers: one supervisor per task between the machine's effects and a runtime.

The machine asks for containers (`StartContainers`) and hears of them as the supervisor reports.
What a container prints goes to its log stream; a task without a log configuration prints into
nothing, as on ECS.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.effects import ContainerChange, StartContainers, StopContainers
from awsecs_async.local.environment_files import Fetch, NoEnvironment, nothing, with_files
from awsecs_async.local.metadata import Metadata
from awsecs_async.local.reports import ContainerChanged, Pulled, Report, TaskEnded, TaskEnding
from awsecs_async.local.runtimes.port import ContainerRun, Runtime, TaskPlan
from awsecs_async.local.supervisor import Surroundings, TaskSupervisor

RuntimeFor = Callable[[TaskPlan], Awaitable[Runtime]]

_log = logging.getLogger(__name__)


class Carrier:
    """Carries out every real task of a cloud.

    The mutable state is one supervisor and one asyncio task for each ECS task that runs.
    """

    def __init__(self, cloud: Cloud, runtime_for: RuntimeFor, close: Callable[[], Awaitable[None]]) -> None:
        self.metadata = Metadata()
        self.address: str | None = None  # of the HTTP door, once it is open: "http://127.0.0.1:1234"
        self.fetch: Fetch = nothing  # from S3, where there is one
        self._cloud = cloud
        self._runtime_for = runtime_for
        self._close = close
        self._supervisors: dict[str, TaskSupervisor] = {}
        self._carried: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, StopContainers] = {}  # asked for before there was a supervisor

    def start(self, effect: StartContainers) -> None:
        """Begin a task's containers."""
        arn = effect.plan.task_arn
        self._carried[arn] = task = asyncio.get_running_loop().create_task(
            self._carry(effect.plan), name=f"carry {arn}"
        )
        task.add_done_callback(lambda _done: self._carried.pop(arn, None))

    def stop(self, effect: StopContainers) -> None:
        """End a task's containers."""
        supervisor = self._supervisors.get(effect.task_arn)
        if supervisor is not None:
            supervisor.stop(effect.reason, effect.stop_code, at_once=effect.at_once)
        elif effect.task_arn in self._carried:
            self._stops[effect.task_arn] = effect

    async def close(self) -> None:
        """End all containers: first the supervisors, then whatever the runtimes still hold."""
        carried = list(self._carried.values())
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)
        await self._close()

    async def _carry(self, plan: TaskPlan) -> None:
        self.metadata.admit(plan, self._cloud.clock())
        try:
            plan = await with_files(plan, self.fetch)
            supervisor = TaskSupervisor(plan, await self._runtime_for(plan), self._surroundings())
            self._supervisors[plan.task_arn] = supervisor
            early = self._stops.pop(plan.task_arn, None)
            if early is not None:
                supervisor.stop(early.reason, early.stop_code, at_once=early.at_once)
            await supervisor.run()
        except NoEnvironment as problem:
            self._end(plan.task_arn, str(problem))
        except Exception:  # noqa: BLE001 - a supervisor that breaks must not leave its task running for ever
            _log.exception("The containers of %s could not be carried out", plan.task_arn)
            self._end(plan.task_arn, "InternalError: see the local cloud's log")
        finally:
            self._supervisors.pop(plan.task_arn, None)
            self._stops.pop(plan.task_arn, None)
            self.metadata.forget(plan.task_arn)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            report=self._hear, output=self._print, metadata_address=self.address, clock=self._cloud.clock
        )

    def _print(self, run: ContainerRun, line: str) -> None:
        if run.log_group is not None and run.log_stream is not None:
            self._cloud.logs.write(run.log_group, run.log_stream, self._cloud.clock(), (line,))

    def _hear(self, report: Report) -> None:
        self.metadata.hear(report)
        machine, task = self._cloud.ecs, self._cloud.ecs.task(report.task_arn)
        if task is None:
            return
        machine.advance(report.at)
        match report:
            case Pulled():
                machine.lifecycle.pulled(task, report.at)
            case ContainerChanged():
                machine.lifecycle.container_changed(task, _change(report), report.at)
            case TaskEnding():
                machine.lifecycle.stop(task, report.at, report.ending.stop_code, report.ending.stopped_reason)
            case TaskEnded():
                machine.lifecycle.containers_ended(task, report.at)
        self._cloud.settle(report.at)

    def _end(self, arn: str, reason: str) -> None:
        """End a task of which nothing runs."""
        task, now = self._cloud.ecs.task(arn), self._cloud.clock()
        if task is not None:
            self._cloud.ecs.lifecycle.stop(task, now, "TaskFailedToStart", reason)
            self._cloud.ecs.lifecycle.containers_ended(task, now)
            self._cloud.settle(now)

    def __repr__(self) -> str:
        return f"<Carrier tasks={len(self._carried)}>"


def _change(report: ContainerChanged) -> ContainerChange:
    return ContainerChange(
        name=report.name,
        status=report.last_status,
        runtime_id=report.runtime_id,
        health=report.health_status,
        exit_code=report.exit_code,
        reason=report.reason,
    )
