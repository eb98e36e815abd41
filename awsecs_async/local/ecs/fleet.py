"""The instances of one capacity provider, and which of them has room.

Finding room must cost the same in a fleet of five thousand instances as in one of five: first the
instance is tried that the last task with the same need got, then the few with room that were
bought, or freed, most lately. What an older one has left is used when its own tasks end. A fleet
therefore buys a little more than it must, as the real one does. Where nothing can be bought, every
instance is tried.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from awsecs_async.local.ecs.instances import ACTIVE, REGISTERING, Instance, Place, attributes
from awsecs_async.local.ecs.needs import Need
from awsecs_async.local.ecs.tasks import Task
from awsecs_async.model.instances import InstanceType

_LOOKS: Final = 16  # instances tried before another is bought
Offer = tuple[InstanceType, Place]


class Fleet:
    """What a provider, or nobody (`provider` None: instances that stand there), has in one cluster.

    The mutable state is the instances, those with room, the tasks that wait, and what is remembered
    about each need.
    """

    def __init__(
        self,
        provider: str | None,
        kinds: tuple[InstanceType, ...],
        places: tuple[Place, ...],
        *,
        buys: bool,
        idle_seconds: float | None = None,
    ) -> None:
        self.provider = provider
        self.kinds = kinds  # what it may buy, the cheapest first
        self.buys = buys
        self.idle_seconds = idle_seconds  # how long an instance may be idle; None: for ever
        self.managed = False  # Managed Instances: what cannot be bought fails its task
        self.spot = False
        self.instances: dict[str, Instance] = {}  # by id
        self.waiting: dict[str, Task] = {}  # by ARN, the longest first
        self._places = places
        self._bought = 0
        self._open: dict[str, Instance] = {}  # by id, the newest last
        self._last: dict[Need, Instance] = {}
        self._offers: dict[Need, tuple[InstanceType, tuple[Place, ...]] | None] = {}

    def add(self, instance: Instance) -> None:
        """One more instance."""
        self.instances[instance.id] = self._open[instance.id] = instance

    def close(self, instance: Instance) -> None:
        """No more tasks for this one."""
        self._open.pop(instance.id, None)

    def remove(self, instance: Instance) -> None:
        """An instance is gone."""
        self.close(instance)
        self.instances.pop(instance.id, None)

    def opened(self, instance: Instance) -> None:
        """An instance has more room than before."""
        if instance.status in {ACTIVE, REGISTERING}:
            self._open.pop(instance.id, None)
            self._open[instance.id] = instance

    def find(self, need: Need) -> Instance | None:
        """An instance with room for this need."""
        last = self._last.get(need)
        if last is not None and last.id in self._open and last.lack(need) is None:
            return last
        looks = _LOOKS if self.buys else None
        for instance in islice(reversed(self._open.values()), looks):
            if instance.lack(need) is None:
                self._last[need] = instance
                return instance
        return None

    def settle(self, task: Task, instance: Instance) -> None:
        """Give a task its room in an instance; a full one is looked at no more."""
        instance.take(task)
        self._last[task.launch.need] = instance
        if self.buys and (instance.free_memory_mib <= 0 or instance.free_cpu_units <= 0):
            self.close(instance)

    def offer(self, need: Need) -> Offer | None:
        """The cheapest that can be bought for this need, and where; its zones take turns."""
        found = self._cheapest(need)
        if found is None:
            return None
        kind, places = found
        self._bought += 1
        return kind, places[self._bought % len(places)]

    def _cheapest(self, need: Need) -> tuple[InstanceType, tuple[Place, ...]] | None:
        if need not in self._offers:
            self._offers[need] = self._looked_up(need)
        return self._offers[need]

    def _looked_up(self, need: Need) -> tuple[InstanceType, tuple[Place, ...]] | None:
        for kind in self.kinds:
            if need.lack(kind) is None:
                places = tuple(place for place in self._places if need.permits(attributes(kind, place)))
                if places:
                    return kind, places
        return None

    def lack(self, need: Need) -> str | None:
        """Why a task with this need cannot be placed, now or later; None where it can, or may wait."""
        if self.managed or (self.find(need) is not None):
            return None
        if not self.buys:
            lacks = [instance.lack(need) for instance in self.instances.values()]
            return next((lack for lack in lacks if lack is not None), "NO ACTIVE INSTANCES")
        if self._cheapest(need) is not None:
            return None
        lacks = [need.lack(kind) for kind in self.kinds]
        unmet = "MemberOf placement constraint unsatisfied" if None in lacks else None
        return unmet or next(
            (lack for lack in reversed(lacks) if lack is not None), "EMPTY CAPACITY PROVIDER"
        )

    @property
    def provisioning(self) -> int:
        """How many tasks wait for an instance, ordered or not."""
        coming = (item for item in self.instances.values() if item.status == REGISTERING)
        return len(self.waiting) + sum(len(instance.tasks) for instance in coming)

    def __repr__(self) -> str:
        return f"<Fleet {self.provider} instances={len(self.instances)} waiting={len(self.waiting)}>"
