"""Which machine each task gets: room in an instance that is there, or one that is bought for it.

Fargate's tasks have no machine. A task of a capacity provider takes room in the provider's fleet;
without room an instance is bought, the cheapest that holds it, and the task waits in PROVISIONING
until it has registered. What EC2 does not sell fails the tasks of Managed Instances, and leaves
those of an Auto Scaling group waiting. A task of launch type EC2 finds room among the instances
that stand in its cluster, or is refused. Before all that comes the cluster's `Room`, if capacity is set.

What becomes of an instance then is `upkeep`. Source: AmazonECS/latest/developerguide/ManagedInstances.
"""

from __future__ import annotations

import random
from functools import partial
from itertools import islice
from typing import Final

from awsecs_async.local.ecs.arns import Arns
from awsecs_async.local.ecs.clusters import AUTO_SCALING, FARGATE, Cluster, Provider
from awsecs_async.local.ecs.effects import Mishaps
from awsecs_async.local.ecs.fleet import Fleet, Offer
from awsecs_async.local.ecs.fleets import Fleets
from awsecs_async.local.ecs.instances import ACTIVE, Instance
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.tasks import Launch, Task
from awsecs_async.local.ecs.upkeep import Upkeep
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import client_exception
from awsecs_async.model.quotas import PROVISIONING_TASKS_PER_CLUSTER_MAX

_WAITERS_ASKED: Final = 64  # when room comes free; a full cluster may have ten thousand
_UNFULFILLABLE: Final = (
    "UnfulfillableCapacity: Unable to fulfill capacity due to your request configuration. "
    "Please adjust your request and try again."
)


class Hosts:
    """Gives tasks their machines. Its state is the fleets, which it makes when they are first asked of."""

    def __init__(
        self, settings: CloudSettings, fleets: Fleets, arns: Arns, lifecycle: Lifecycle, mishaps: Mishaps
    ) -> None:
        self.fleets = fleets
        self.upkeep = Upkeep(settings, lifecycle)
        self._buying_seconds = settings.delays.buying
        self._arns = arns
        self._lifecycle = lifecycle
        self._mishaps = mishaps
        # Its own, so that tasks' ids do not depend on purchases; and another, so that none is like a task's.
        self._rng = random.Random(None if settings.seed is None else f"instances {settings.seed}")

    # --- asked by RunTask ------------------------------------------------------------------------

    def fleet(self, cluster: Cluster, launch_type: str, provider: Provider | None) -> Fleet | None:
        """The fleet that such a task belongs to; None for Fargate."""
        return None if launch_type == FARGATE else self.fleets.of(cluster, provider)

    def check_provisioning(self, cluster: Cluster, places: list[tuple[str, Provider | None]]) -> None:
        """Raise ClientException when too many tasks of Auto Scaling groups wait already."""
        if not any(provider is not None and provider.kind == AUTO_SCALING for _, provider in places):
            return
        waiting = sum(fleet.provisioning for fleet in self.fleets.in_cluster(cluster) if not fleet.managed)
        if waiting + len(places) > PROVISIONING_TASKS_PER_CLUSTER_MAX:
            raise client_exception("Tasks provisioning capacity limit exceeded.")

    def lack(self, cluster: Cluster, fleet: Fleet | None, launch: Launch) -> str | None:
        """Why there is no room for one more such task, where that is told in `failures`."""
        if fleet is None:
            return None
        capacity = cluster.room.capacity
        if capacity is not None and not capacity.wait:
            lack = cluster.room.lack(launch.need.cpu_units, launch.need.memory_mib)
            if lack is not None:
                return f"RESOURCE:{lack}"
        return fleet.lack(launch.need)

    def reserve(self, task: Task, fleet: Fleet | None) -> None:
        """Keep room for a task that is being made, so that its siblings do not count on it too."""
        if fleet is None:
            return
        task.fleet = fleet
        room, need = task.cluster.room, task.launch.need
        if room.lack(need.cpu_units, need.memory_mib) is not None:
            return
        room.take(task)
        if not fleet.buys:
            instance = fleet.find(need)
            if instance is not None:
                fleet.settle(task, instance)

    def admit(self, task: Task, at: float) -> None:
        """A new task sets out, or waits."""
        room, need = task.cluster.room, task.launch.need
        if task.fleet is None:
            self._lifecycle.begin(task, at)
            return
        if not task.releases:
            if room.lack(need.cpu_units, need.memory_mib) is not None:
                room.waiting.append(task)
                return
            room.take(task)  # its siblings of the same call may have ended already
        self._house(task, at)

    # --- told by the lifecycle -------------------------------------------------------------------

    def leave(self, task: Task) -> None:
        """The task is to stop, and waits for room no longer."""
        task.cluster.room.leave(task)
        if task.fleet is not None:
            task.fleet.waiting.pop(task.arn, None)

    def release(self, task: Task, at: float) -> None:
        """The task has stopped: others may have its room."""
        fleet, instance = task.fleet, task.instance
        if fleet is not None and instance is not None:
            instance.give_back(task, at)
            fleet.opened(instance)
            self._let_in(fleet, instance, at)
            if not instance.tasks:
                self.upkeep.idle(instance, at)
        for waiter in task.cluster.room.release(task):
            self._house(waiter, at)

    def _let_in(self, fleet: Fleet, instance: Instance, at: float) -> None:
        """Those who wait for room may have some now; the first few are asked."""
        if instance.status != ACTIVE or not fleet.waiting:
            return
        for task in list(islice(fleet.waiting.values(), _WAITERS_ASKED)):
            if instance.lack(task.launch.need) is None:
                del fleet.waiting[task.arn]
                self._settle(fleet, task, instance, at)

    @property
    def somebody_waits(self) -> bool:
        """Whether a task waits for an instance that was not bought."""
        return any(fleet.waiting for fleet in self.fleets.all())

    def retry(self, at: float) -> None:
        """Try again for all who wait: what kept providers from buying may be over."""
        for fleet in self.fleets.all():
            for task in list(fleet.waiting.values()):
                self._house(task, at)

    # --- a machine for a task --------------------------------------------------------------------

    def _house(self, task: Task, at: float) -> None:
        fleet = task.fleet
        if fleet is None or task.instance is not None:  # reserved when it was made
            self._lifecycle.begin(task, at)
            return
        fleet.waiting.pop(task.arn, None)
        instance = fleet.find(task.launch.need)
        if instance is not None:
            self._settle(fleet, task, instance, at)
        elif not fleet.buys:
            fleet.waiting[task.arn] = task
        else:
            self._buy(fleet, task, at)

    def _settle(self, fleet: Fleet, task: Task, instance: Instance, at: float) -> None:
        fleet.settle(task, instance)
        if instance.status == ACTIVE:
            self._lifecycle.begin(task, at)

    def _buy(self, fleet: Fleet, task: Task, at: float) -> None:
        name = fleet.provider or ""
        if self._mishaps.never_buys(name):
            fleet.waiting[task.arn] = task
            return
        offer = fleet.offer(task.launch.need)
        refusal = self._mishaps.purchase_refusal(name) or (_UNFULFILLABLE if offer is None else None)
        if offer is not None and refusal is None:
            instance = self._bought(fleet, task.cluster, offer)
            fleet.settle(task, instance)
            self.upkeep.await_registration(instance, at)
        elif fleet.managed:
            failing = partial(self._not_bought, provider=name, refusal=refusal or "")
            self._lifecycle.agenda.later(task, at, self._buying_seconds, failing)
        else:
            fleet.waiting[task.arn] = task

    def _bought(self, fleet: Fleet, cluster: Cluster, offer: Offer) -> Instance:
        kind, place = offer
        instance_id = f"{self._rng.getrandbits(128):032x}"
        arn = self._arns.instance(cluster.name, instance_id)
        instance = Instance(instance_id, arn, kind, cluster, fleet, place)
        fleet.add(instance)
        return instance

    def _not_bought(self, task: Task, at: float, provider: str, refusal: str) -> None:
        reason = (
            f"ResourceInitializationError: Unable to launch instance(s) for capacity provider {provider}. "
            f"{refusal}"
        )
        self._lifecycle.fail_to_start(task, at, reason)

    def __repr__(self) -> str:
        return f"<Hosts {self.fleets.all()}>"
