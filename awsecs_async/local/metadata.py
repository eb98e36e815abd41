"""The task metadata endpoint, version 4: what a container can ask about itself and its task.

Every container finds its address in ECS_CONTAINER_METADATA_URI_V4. The endpoint listens to the
supervisors' reports and keeps what it heard, so it asks nobody: `admit` a task before it is run,
`hear` every report, `forget` it with the task. It is a set of routes for the cloud's own HTTP door:
`/v4/<container>`, and below it `/task`, `/taskWithTags`, `/stats`, `/task/stats`.

Processes and containers on the host's network reach the door's loopback address. A container
on a bridge network would need the gateway's address instead; the container runtime uses the host's.
AWS: Amazon ECS task metadata endpoint version 4.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from aiohttp import web

from awsecs_async.local.reports import ContainerChanged, Pulled, Report, TaskEnding
from awsecs_async.local.runtimes.port import ContainerRun, TaskPlan

VARIABLE = "ECS_CONTAINER_METADATA_URI_V4"
CPU_UNITS_PER_VCPU = 1024
NO_TAGS: Mapping[str, str] = MappingProxyType({})


def container_id(task_id: str, name: str) -> str:
    """A container's runtimeId, in Fargate's form: the task's id and ten digits, the same each time."""
    return f"{task_id}-{zlib.crc32(name.encode()):010d}"


def uri(address: str, task_id: str, name: str) -> str:
    """What a container is given in ECS_CONTAINER_METADATA_URI_V4."""
    return f"{address}/v4/{container_id(task_id, name)}"


@dataclass(slots=True, kw_only=True)
class _Container:
    """One container, as last heard of. Stamps are epoch seconds."""

    run: ContainerRun
    known_status: str = "PENDING"
    exit_code: int | None = None
    health: str = "UNKNOWN"
    health_since: float | None = None
    started_at: float | None = None
    finished_at: float | None = None


@dataclass(slots=True, kw_only=True)
class _Task:
    """One task, as last heard of."""

    plan: TaskPlan
    tags: Mapping[str, str]
    created_at: float
    desired_status: str = "RUNNING"
    pulled_at: float | None = None
    ended_at: float | None = None
    containers: dict[str, _Container] = field(default_factory=dict)


class Metadata:
    """What all tasks' containers may know, and the routes on which they ask."""

    def __init__(self) -> None:
        # The mutable state: live tasks by ARN, and whose each container is.
        self._tasks: dict[str, _Task] = {}
        self._owners: dict[str, tuple[_Task, str]] = {}

    def __repr__(self) -> str:
        return f"<Metadata of {len(self._tasks)} tasks>"

    def admit(self, plan: TaskPlan, at: float, tags: Mapping[str, str] = NO_TAGS) -> None:
        """A task is about to be carried out; `at` is its time of creation in epoch seconds."""
        task = _Task(plan=plan, tags=tags, created_at=at)
        self._tasks[plan.task_arn] = task
        for run in plan.containers:
            task.containers[run.name] = _Container(run=run)
            self._owners[container_id(plan.task_id, run.name)] = (task, run.name)

    def hear(self, report: Report) -> None:
        """Take what a supervisor reports."""
        task = self._tasks.get(report.task_arn)
        match report:
            case _ if task is None:
                return
            case Pulled(at=at):
                task.pulled_at = at
            case TaskEnding(at=at):
                task.desired_status, task.ended_at = "STOPPED", at
            case ContainerChanged():
                _hear_container(task.containers[report.name], report)

    def forget(self, task_arn: str) -> None:
        """The task is over: its containers ask no more."""
        task = self._tasks.pop(task_arn, None)
        if task is not None:
            for name in task.containers:
                del self._owners[container_id(task.plan.task_id, name)]

    def routes(self) -> list[web.RouteDef]:
        """The routes, for the door's application."""
        return [
            web.get("/v4/{container}", self._answer_container),
            web.get("/v4/{container}/task", self._answer_task),
            web.get("/v4/{container}/taskWithTags", self._answer_task_with_tags),
            web.get("/v4/{container}/stats", self._answer_stats),
            web.get("/v4/{container}/task/stats", self._answer_task_stats),
        ]

    def container(self, container: str) -> dict[str, Any] | None:
        """The answer to `/v4/<container>`; None if there is no such container."""
        if container not in self._owners:
            return None
        task, name = self._owners[container]
        return _container_json(task, task.containers[name])

    def task(self, container: str) -> dict[str, Any] | None:
        """The answer to `/v4/<container>/task`; None if there is no such container."""
        return _task_json(self._owners[container][0]) if container in self._owners else None

    async def _answer_container(self, request: web.Request) -> web.Response:
        return _answer(self.container(request.match_info["container"]))

    async def _answer_task(self, request: web.Request) -> web.Response:
        return _answer(self.task(request.match_info["container"]))

    async def _answer_task_with_tags(self, request: web.Request) -> web.Response:
        container = request.match_info["container"]
        task = self.task(container)
        return _answer(task and {**task, "TaskTags": dict(self._owners[container][0].tags)})

    async def _answer_stats(self, request: web.Request) -> web.Response:
        """Nothing is measured here; an empty object is Docker's answer for a container that has stopped."""
        return _answer({} if request.match_info["container"] in self._owners else None)

    async def _answer_task_stats(self, request: web.Request) -> web.Response:
        task, _ = self._owners.get(request.match_info["container"], (None, ""))
        names = task.containers if task else ()
        return _answer({container_id(task.plan.task_id, name): {} for name in names} if task else None)


def _hear_container(container: _Container, report: ContainerChanged) -> None:
    if report.last_status == "RUNNING" and container.started_at is None:
        container.started_at = report.at
    if report.last_status == "STOPPED":
        container.finished_at = report.at
    if report.health_status != container.health:
        container.health, container.health_since = report.health_status, report.at
    container.known_status, container.exit_code = report.last_status, report.exit_code


def _answer(content: dict[str, Any] | None) -> web.Response:
    """JSON, or 404 in the agent's words."""
    if content is None:
        return web.json_response(
            "V4 container metadata handler: unable to get container ID from request", status=404
        )
    return web.Response(text=json.dumps(content), content_type="application/json")


def _task_json(task: _Task) -> dict[str, Any]:
    plan = task.plan
    content: dict[str, Any] = {
        "Cluster": plan.cluster_arn,
        "TaskARN": plan.task_arn,
        "Family": plan.family,
        "Revision": str(plan.revision),
        "DesiredStatus": task.desired_status,
        "KnownStatus": _known_status(task),
        **_limits(plan.cpu_units, plan.memory_mib),
        **_stamps(
            PullStartedAt=task.created_at, PullStoppedAt=task.pulled_at, ExecutionStoppedAt=task.ended_at
        ),
        "AvailabilityZone": plan.availability_zone,
        "LaunchType": plan.launch_type,
        "Containers": [_container_json(task, container) for container in task.containers.values()],
        "FaultInjectionEnabled": False,
    }
    return content


def _known_status(task: _Task) -> str:
    """The task's status as its containers have it: the least advanced one decides."""
    statuses = {container.known_status for container in task.containers.values()}
    return next(
        status for status in ("PENDING", "RUNNING", "STOPPED") if status in statuses or status == "STOPPED"
    )


def _container_json(task: _Task, container: _Container) -> dict[str, Any]:
    run = container.run
    identity = container_id(run.task_id, run.name)
    content: dict[str, Any] = {
        "DockerId": identity,
        "Name": run.name,
        "DockerName": run.name,
        "Image": run.image or "",
        "ImageID": "",
        "Labels": _labels(task.plan, run),
        "DesiredStatus": task.desired_status,
        "KnownStatus": container.known_status,
        **_limits(run.cpu_units, run.memory_mib),
        **_stamps(
            CreatedAt=task.created_at, StartedAt=container.started_at, FinishedAt=container.finished_at
        ),
        "Type": "NORMAL",
        "ContainerARN": f"{task.plan.task_arn.replace(':task/', ':container/')}/{identity}",
        "Networks": [{"NetworkMode": "host", "IPv4Addresses": ["127.0.0.1"]}],
    }
    if container.exit_code is not None:
        content["ExitCode"] = container.exit_code
    if run.health_check is not None:
        content["Health"] = {"status": container.health, **_stamps(statusSince=container.health_since)}
    if run.log_group is not None:
        content["LogDriver"] = "awslogs"
        content["LogOptions"] = {"awslogs-group": run.log_group, "awslogs-stream": run.log_stream or ""}
    return content


def _labels(plan: TaskPlan, run: ContainerRun) -> dict[str, str]:
    return {
        "com.amazonaws.ecs.cluster": plan.cluster_arn,
        "com.amazonaws.ecs.container-name": run.name,
        "com.amazonaws.ecs.task-arn": plan.task_arn,
        "com.amazonaws.ecs.task-definition-family": plan.family,
        "com.amazonaws.ecs.task-definition-version": str(plan.revision),
    }


def _limits(cpu_units: int | None, memory_mib: int | None) -> dict[str, Any]:
    limits: dict[str, float] = {}
    if cpu_units:
        limits["CPU"] = cpu_units / CPU_UNITS_PER_VCPU
    if memory_mib:
        limits["Memory"] = memory_mib
    return {"Limits": limits} if limits else {}


def _stamps(**stamps: float | None) -> dict[str, str]:
    """Epoch seconds as the agent writes time, without those that have not come."""
    return {
        name: dt.datetime.fromtimestamp(at, dt.UTC).isoformat().replace("+00:00", "Z")
        for name, at in stamps.items()
        if at is not None
    }
