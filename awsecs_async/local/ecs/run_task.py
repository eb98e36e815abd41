"""RunTask: from a request to tasks that have set out.

The order of the checks is ECS's as far as it is known: the cluster, the token, the request by
itself, the definition, the compute, Fargate's own rates, and only then the room for each task,
which is the one thing that is told in `failures` rather than refused.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from awsecs_async.local.ecs.arns import Arns
from awsecs_async.local.ecs.clusters import FARGATE, FARGATE_SPOT, Cluster, Provider
from awsecs_async.local.ecs.definitions import Definitions
from awsecs_async.local.ecs.fleet import Fleet
from awsecs_async.local.ecs.hosts import Hosts
from awsecs_async.local.ecs.launch import read_launch
from awsecs_async.local.ecs.launch_rules import check_request
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.runs import command_line
from awsecs_async.local.ecs.strategy import placements
from awsecs_async.local.ecs.tasks import Container, Launch, Task
from awsecs_async.local.ecs.tokens import Tokens
from awsecs_async.local.ecs.volumes import volume_of
from awsecs_async.local.throttle import Throttle
from awsecs_async.local.wire import Wire, WireError, client_exception, rate_exceeded

FARGATE_CALLS = "fargate-run-task"  # names of buckets
FARGATE_LAUNCHES = "fargate-launches"
FARGATE_SPOT_LAUNCHES = "fargate-spot-launches"
_COMMANDS_COUNTED = 200_000  # different command lines; more are not counted

_NONE: list[Wire] = []  # shown by every task: one list, since a hundred thousand would slow the collector

Place = tuple[str, Provider | None]


class Launcher:
    """Makes tasks. Its own state is the count of tasks, the tokens, and the count by command."""

    def __init__(
        self,
        arns: Arns,
        definitions: Definitions,
        lifecycle: Lifecycle,
        hosts: Hosts,
        throttle: Throttle,
        rng: random.Random,
    ) -> None:
        self.launches: Counter[str] = Counter()  # tasks ever made, by command line
        self.tokens = Tokens()
        self.made = 0
        self.visibility_delay_seconds = 0.0  # a fault: how late DescribeTasks knows a new task
        self._arns = arns
        self._definitions = definitions
        self._lifecycle = lifecycle
        self._hosts = hosts
        self._throttle = throttle
        self._rng = rng

    def run(
        self,
        cluster: Cluster,
        params: Wire,
        now: float,
        provider_of: Callable[[Cluster, str], Provider],
        shortage: Callable[[Wire], str | None],
    ) -> Wire:
        """AWS: API_RunTask. `shortage` says why there is no capacity for a task, if so."""
        count = check_request(params)
        if params.get("clientToken"):
            replayed = self.tokens.replay(cluster.name, params, now)
            if replayed is not None:
                return replayed
        places = placements(params, cluster, count, provider_of)
        launch = self._prepare(params, places[0])
        self._hosts.check_provisioning(cluster, places)
        self._pay_fargate(places, now)
        tasks, failures = [], []
        for place in places:
            fleet = self._hosts.fleet(cluster, *place)
            reason = shortage(params) or self._hosts.lack(cluster, fleet, launch)
            if reason is None:
                tasks.append(self._make(cluster, launch, place, now, fleet))
            else:
                failures.append({"arn": _blamed(cluster, fleet), "reason": reason})
        if params.get("clientToken"):
            self.tokens.used(cluster.name, params, now, tasks, failures)
        answer = {"tasks": [task.wire() for task in tasks], "failures": failures}
        self.launches[self._counted(launch)] += len(tasks)
        for task in tasks:
            self._set_out(task, now)
        return answer

    def _prepare(self, params: Wire, place: Place) -> Launch:
        try:
            definition = self._definitions.resolve(params["taskDefinition"])
        except WireError:
            raise client_exception("TaskDefinition not found.") from None
        return read_launch(params, definition, *place)

    def _pay_fargate(self, places: list[Place], now: float) -> None:
        spot = sum(provider is not None and provider.kind == FARGATE_SPOT for _, provider in places)
        on_demand = sum(launch_type == FARGATE for launch_type, _ in places) - spot
        if not spot and not on_demand:
            return
        allowed = (
            self._throttle.allows(FARGATE_CALLS, now)
            and (not on_demand or self._throttle.allows(FARGATE_LAUNCHES, now, on_demand))
            and (not spot or self._throttle.allows(FARGATE_SPOT_LAUNCHES, now, spot))
        )
        if not allowed:
            raise rate_exceeded()

    def _make(self, cluster: Cluster, launch: Launch, place: Place, now: float, fleet: Fleet | None) -> Task:
        launch_type, provider = place
        task_id = f"{self._rng.getrandbits(128):032x}"
        self.made += 1
        fixed: Wire = {
            **launch.shown,
            "taskArn": self._arns.task(cluster.name, task_id),
            "clusterArn": cluster.arn,
            "createdAt": now,
            "launchType": launch_type,
        }
        if provider is not None:
            fixed["capacityProviderName"] = provider.name
        if launch.volume is not None:
            fixed["attachments"] = [*fixed["attachments"], volume_of(task_id, launch.volume)]
        if fleet is None:
            fixed["availabilityZone"] = f"{self._arns.region}a"
        task = Task(cluster, launch, task_id, self.made, fixed)
        task.containers = [
            self._container(cluster, launch, task, index)
            for index in range(len(launch.definition.containers))
        ]
        task.visible_at = now + self.visibility_delay_seconds
        self._hosts.reserve(task, fleet)
        cluster.add(task)
        return task

    def _container(self, cluster: Cluster, launch: Launch, task: Task, index: int) -> Container:
        definition = launch.definition.containers[index]
        override = launch.container_overrides.get(definition["name"], {})
        arn = self._arns.container(cluster.name, task.id, f"{task.id[:28]}{index:04x}")
        shown: Wire = {
            "containerArn": arn,
            "taskArn": task.arn,
            "name": definition["name"],
            "image": definition["image"],
            "networkBindings": _NONE,
            "networkInterfaces": _NONE,
            "cpu": str(override.get("cpu") or definition["cpu"]),
        }
        memory = override.get("memory") or definition.get("memory")
        if memory is not None:
            shown["memory"] = str(memory)
        return Container(definition, arn, shown)

    def _set_out(self, task: Task, now: float) -> None:
        self._lifecycle.announce(task, now)
        self._hosts.admit(task, now)

    def _counted(self, launch: Launch) -> str:
        line = command_line(launch.definition.containers, launch.container_overrides)
        return line if line in self.launches or len(self.launches) < _COMMANDS_COUNTED else "(more commands)"


def _blamed(cluster: Cluster, fleet: Fleet | None) -> str:
    """The instance that a failure names, or the cluster where there is none."""
    instances = fleet.instances.values() if fleet is not None else cluster.instances.values()
    return next((instance.arn for instance in instances), cluster.arn)
