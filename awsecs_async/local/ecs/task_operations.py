"""ECS's operations on tasks, but for RunTask, which has a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from awsecs_async.local.ecs.cluster_operations import ClusterOperations
from awsecs_async.local.ecs.clusters import Cluster
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.ecs.tasks import Task
from awsecs_async.local.wire import Wire, invalid_parameter, max_results
from awsecs_async.model.quotas import DESCRIBE_TASKS_MAX_ARNS, LIST_PAGE_MAX


class TaskOperations:
    """The operations; tasks are kept in their clusters and changed by the lifecycle."""

    def __init__(self, clusters: ClusterOperations, lifecycle: Lifecycle) -> None:
        self._clusters = clusters
        self._lifecycle = lifecycle
        self.operations: Mapping[str, Operation] = {
            "DescribeTasks": self._describe,
            "ListTasks": self._list,
            "StopTask": self._stop,
        }

    def _describe(self, params: Wire, now: float) -> Wire:
        cluster = self._clusters.cluster(params.get("cluster"))
        references = params["tasks"]
        if not references:
            raise invalid_parameter("Tasks cannot be empty.")
        if len(references) > DESCRIBE_TASKS_MAX_ARNS:
            raise invalid_parameter(f"Tasks cannot have more than {DESCRIBE_TASKS_MAX_ARNS} elements.")
        tagged = "TAGS" in (params.get("include") or ())
        known = cluster.tasks
        found: list[Wire] = []
        failures: list[Wire] = []
        for reference in references:
            task = known.get(reference)
            if task is None or now < task.visible_at:
                failures.append({"arn": self._arn(cluster, reference), "reason": "MISSING"})
            else:
                found.append(task.wire_with_tags() if tagged else task.wire())
        return {"tasks": found, "failures": failures}

    @staticmethod
    def _arn(cluster: Cluster, reference: str) -> str:
        if reference.startswith("arn:"):
            return reference
        return f"{cluster.arn.replace(':cluster/', ':task/')}/{reference}"

    def _stop(self, params: Wire, now: float) -> Wire:
        cluster = self._clusters.cluster(params.get("cluster"))
        task = cluster.find(params["task"])
        if task is None or now < task.visible_at:
            raise invalid_parameter("The referenced task was not found.")
        self._lifecycle.stop(task, now, "UserInitiated", params.get("reason") or "Task stopped by user")
        return {"task": task.wire()}

    def _list(self, params: Wire, now: float) -> Wire:
        cluster = self._clusters.cluster(params.get("cluster"))
        size = max_results(params, LIST_PAGE_MAX)
        desired = params.get("desiredStatus") or "RUNNING"
        # "PENDING" is accepted, and matches nothing: ECS never desires it (AWS: API_ListTasks).
        pool = {"RUNNING": cluster.running, "STOPPED": cluster.stopped, "PENDING": {}}.get(desired)
        if pool is None:
            raise invalid_parameter(f"desiredStatus is RUNNING, PENDING or STOPPED, not {desired!r}.")
        after = _position(params)
        # Both pools grow at their ends, but stopped ones not in the order of their numbers.
        candidates = (
            sorted((task for task in pool.values() if task.number > after), key=lambda task: task.number)
            if desired == "STOPPED"
            else (task for task in pool.values() if task.number > after)
        )
        page = list(islice((task for task in candidates if _matches(task, params, now)), size + 1))
        answer: Wire = {"taskArns": [task.arn for task in page[:size]]}
        if len(page) > size:
            answer["nextToken"] = str(page[size - 1].number)
        return answer


def _position(params: Wire) -> int:
    try:
        return int(params.get("nextToken") or 0)
    except ValueError:
        raise invalid_parameter("Invalid token") from None


def _matches(task: Task, params: Wire, now: float) -> bool:
    if now < task.visible_at or params.get("serviceName") or params.get("daemonName"):
        return False
    wanted = (
        ("startedBy", task.fixed.get("startedBy")),
        ("family", task.launch.definition.family),
        ("launchType", task.launch_type),
    )
    return _is_on(task, params.get("containerInstance")) and all(
        params.get(name) in {None, value} for name, value in wanted
    )


def _is_on(task: Task, reference: str | None) -> bool:
    """Whether a task is on the container instance of this ARN or id; None is any."""
    if reference is None:
        return True
    return task.instance is not None and reference in {task.instance.arn, task.instance.id}
