"""ECS, put together: one object that is asked operations and told the time.

Nothing here waits or looks at a clock. `perform` answers one operation at one moment, `advance`
does what has become due, `next_wake` says when that will be; what only the outside can do
(start real containers, deliver events) is fetched from `effects()` and `events(now)`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping

from awsecs_async.local.ecs.arns import Arns
from awsecs_async.local.ecs.cluster_operations import ClusterOperations
from awsecs_async.local.ecs.clusters import FARGATE, FARGATE_SPOT, MANAGED_INSTANCES, Cluster
from awsecs_async.local.ecs.definition_operations import DefinitionOperations
from awsecs_async.local.ecs.definitions import Definitions
from awsecs_async.local.ecs.effects import StartContainers, StopContainers
from awsecs_async.local.ecs.events import Outbox
from awsecs_async.local.ecs.fleets import Fleets
from awsecs_async.local.ecs.hosts import Hosts
from awsecs_async.local.ecs.instance_operations import InstanceOperations
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.losses import Losses
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.ecs.run_task import FARGATE_CALLS, FARGATE_LAUNCHES, FARGATE_SPOT_LAUNCHES, Launcher
from awsecs_async.local.ecs.script import Scripts
from awsecs_async.local.ecs.tag_operations import TagOperations
from awsecs_async.local.ecs.task_operations import TaskOperations
from awsecs_async.local.ecs.tasks import Task
from awsecs_async.local.faults import FaultPlan
from awsecs_async.local.logs.service import Logs
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.throttle import Throttle
from awsecs_async.local.wire import Wire
from awsecs_async.model.quotas import ECS_BUCKETS, FARGATE_RUN_TASK_CALLS, BucketQuota, fargate_launches

LOCAL_CLUSTER = "local"
LOCAL_PROVIDER = "local-managed-instances"


class Ecs:
    """The whole of ECS in one account and Region."""

    def __init__(self, settings: CloudSettings, logs: Logs, scripts: Scripts, faults: FaultPlan) -> None:
        self._settings = settings
        rng = random.Random(settings.seed)
        arns = Arns(settings.region, settings.account)
        self.throttle = Throttle(_quotas(settings))
        self.outbox = Outbox(rng)
        self.lifecycle = Lifecycle(settings, logs, scripts, faults, self.outbox)
        self.lifecycle.stopped = self._remember
        self.definitions = Definitions(arns)
        fleets = Fleets(settings, arns)
        self.hosts = Hosts(settings, fleets, arns, self.lifecycle, faults)
        self.lifecycle.housing = self.hosts
        self.clusters = ClusterOperations(settings, arns, fleets)
        self.losses = Losses(self.clusters, self.lifecycle, self.hosts.upkeep, settings.seed)
        self.launcher = Launcher(arns, self.definitions, self.lifecycle, self.hosts, self.throttle, rng)
        self._faults = faults
        self._ended: deque[Task] = deque()  # stopped tasks, the first to be forgotten first
        self._operations: Mapping[str, Operation] = {
            **self.clusters.operations,
            **InstanceOperations(self.clusters).operations,
            **DefinitionOperations(self.definitions).operations,
            **TaskOperations(self.clusters, self.lifecycle).operations,
            **TagOperations(self.clusters, self.definitions, settings.account).operations,
            "RunTask": self._run_task,
        }
        self._furnish()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What can be asked, by name."""
        return self._operations

    @property
    def next_wake(self) -> float | None:
        """When `advance` or `events` next has something to do, in epoch seconds."""
        wakes = [at for at in (self.lifecycle.agenda.next_wake, self.outbox.next_wake) if at is not None]
        return min(wakes, default=None)

    def advance(self, now: float) -> None:
        """Do what is due by `now`, and forget tasks whose hour is over."""
        self.lifecycle.agenda.advance(now)
        ended, retention = self._ended, self._settings.retention_seconds
        while ended and ended[0].stopped_at is not None and ended[0].stopped_at + retention <= now:
            task = ended.popleft()
            task.cluster.forget(task)

    def effects(self) -> list[StartContainers | StopContainers]:
        """What is to be done outside, taken out."""
        effects, self.lifecycle.effects = self.lifecycle.effects, []
        return effects

    def events(self, now: float) -> list[Wire]:
        """The state-change events due by `now`, taken out."""
        return self.outbox.collect(now)

    def task(self, arn: str) -> Task | None:
        """A task of whatever cluster, by ARN."""
        name = arn.rpartition("task/")[2].partition("/")[0]
        cluster = self.clusters.clusters.get(name)
        return cluster.find(arn) if cluster is not None else None

    def tasks(self) -> list[Task]:
        """Every task that is known, oldest first."""
        known = {
            task.arn: task for cluster in self.clusters.clusters.values() for task in cluster.tasks.values()
        }
        return sorted(known.values(), key=lambda task: task.number)

    def _run_task(self, params: Wire, now: float) -> Wire:
        cluster = self.clusters.cluster(params.get("cluster"))
        self.launcher.visibility_delay_seconds = self._faults.faults.visibility_delay_seconds
        return self.launcher.run(cluster, params, now, self.clusters.provider_of, self._faults.shortage)

    def _remember(self, task: Task) -> None:
        self._ended.append(task)

    def _furnish(self) -> None:
        for name in (LOCAL_CLUSTER, "default"):
            cluster = self.clusters.new_cluster(name)
            cluster.providers = [FARGATE, FARGATE_SPOT]
            provider = LOCAL_PROVIDER if name == LOCAL_CLUSTER else f"{name}-managed-instances"
            self._managed_instances(cluster, provider)

    def _managed_instances(self, cluster: Cluster, provider: str) -> None:
        iam = f"arn:aws:iam::{self._settings.account}"
        role = f"{iam}:role/ecsInfrastructureRole"
        template: Wire = {
            "ec2InstanceProfileArn": f"{iam}:instance-profile/ecsInstanceRole",
            "networkConfiguration": {"subnets": ["subnet-local"], "securityGroups": ["sg-local"]},
            "capacityOptionType": "ON_DEMAND",
            "instanceRequirements": {  # every type there is, so that GPUs can be tried too
                "vCpuCount": {"min": 2},
                "memoryMiB": {"min": 1},
                "allowedInstanceTypes": ["*"],
            },
        }
        managed: Wire = {"infrastructureRoleArn": role, "instanceLaunchTemplate": template}
        self.clusters.new_provider(
            provider, MANAGED_INSTANCES, cluster.name, managedInstancesProvider=managed
        )
        cluster.default_strategy = [{"capacityProvider": provider, "weight": 1, "base": 0}]

    def __repr__(self) -> str:
        return f"<Ecs tasks_made={self.launcher.made} {self.clusters.clusters} next_wake={self.next_wake}>"


def _quotas(settings: CloudSettings) -> dict[str, BucketQuota | None]:
    launches = fargate_launches(settings.region)
    defaults = {
        **ECS_BUCKETS,
        FARGATE_CALLS: FARGATE_RUN_TASK_CALLS,
        FARGATE_LAUNCHES: launches,
        FARGATE_SPOT_LAUNCHES: launches,
    }
    return {name: settings.quota(name, default) for name, default in defaults.items()}
