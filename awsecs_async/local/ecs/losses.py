"""Machines taken away on demand: Spot capacity that is wanted back, and hosts that fail.

Fargate's Spot tasks are interrupted one by one. With Managed Instances and Auto Scaling groups the
machine goes, and all its tasks with it: nothing says how their containers ended.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fnmatch import fnmatchcase

from awsecs_async.local.ecs.cluster_operations import ClusterOperations
from awsecs_async.local.ecs.instances import GONE, Instance
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.tasks import RUNNING, Task
from awsecs_async.local.ecs.upkeep import HOST_LOST, Upkeep

_INTERRUPTED = "Your Spot Task was interrupted."


class Losses:
    """Takes machines away; its state is a generator, so that the same calls hit the same tasks."""

    def __init__(
        self, clusters: ClusterOperations, lifecycle: Lifecycle, upkeep: Upkeep, seed: int | None
    ) -> None:
        self._clusters = clusters
        self._lifecycle = lifecycle
        self._upkeep = upkeep
        self._rng = random.Random(seed)

    def interrupt_spot(
        self, at: float, share: float = 1.0, providers: Sequence[str] = (), *, stop_code: str = HOST_LOST
    ) -> list[str]:
        """Take back at least `share` (0 to 1) of the running Spot tasks; returns the ARNs of all that it hit.

        Args:
            at: The moment, in epoch seconds.

            share: Of the tasks that are RUNNING now on the providers meant, rounded up.

            providers: Patterns of capacity providers' names; none: every provider that is Spot.

            stop_code: What tasks of instances show: TerminationNotice, or SpotInterruption.
        """
        if not 0 <= share <= 1:
            message = f"share is 0 to 1, not {share}"
            raise ValueError(message)
        running = [task for task in self._running() if self._is_meant(task, providers)]
        self._rng.shuffle(running)
        wanted = math.ceil(share * len(running))
        hit: list[str] = []
        for task in running:
            if len(hit) >= wanted:
                break
            hit += self._take(task, at, stop_code)
        return hit

    def lose_host(self, reference: str, at: float) -> list[str]:
        """Have an instance fail, by its ARN, its id, its EC2 id, or the ARN of a task on it.

        Returns the ARNs of the tasks that stop. Raises KeyError if there is no such instance.
        """
        for cluster in self._clusters.clusters.values():
            for instance in list(cluster.instances.values()):
                names = {instance.arn, instance.id, instance.ec2_id, *instance.tasks}
                if reference in names:
                    return self._lose(instance, at, HOST_LOST)
        raise KeyError(reference)

    def _running(self) -> list[Task]:
        clusters = self._clusters.clusters.values()
        return [
            task for cluster in clusters for task in cluster.running.values() if task.last_status == RUNNING
        ]

    def _is_meant(self, task: Task, providers: Sequence[str]) -> bool:
        name = task.capacity_provider
        if name is None:
            return False
        if providers:
            return any(fnmatchcase(name, pattern) for pattern in providers)
        provider = self._clusters.providers.get(name)
        return provider is not None and provider.spot

    def _take(self, task: Task, at: float, stop_code: str) -> list[str]:
        instance = task.instance
        if instance is None:
            self._lifecycle.interrupt_spot(task, at)
            return [task.arn]
        return [] if instance.status == GONE else self._lose(instance, at, stop_code)

    def _lose(self, instance: Instance, at: float, stop_code: str) -> list[str]:
        running = [task.arn for task in instance.tasks.values() if task.desired_status == RUNNING]
        self._upkeep.lose(instance, at, stop_code, None if stop_code == HOST_LOST else _INTERRUPTED)
        return running
