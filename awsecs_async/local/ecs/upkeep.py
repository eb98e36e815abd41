"""What becomes of an instance that was bought: it registers, serves, ages, and goes.

Managed Instances are replaced: after 14 days one drains (its tasks go on, and no more come), and
after 7 more it is deregistered by force, which stops them. An instance that was idle for its
provider's `scaleInAfter` goes before. Source: managed-instances-patching.
"""

from __future__ import annotations

from awsecs_async.local.ecs.agenda import Agenda
from awsecs_async.local.ecs.instances import ACTIVE, DRAINING, GONE, Instance
from awsecs_async.local.ecs.lifecycle import Lifecycle
from awsecs_async.local.ecs.tasks import RUNNING
from awsecs_async.local.settings import CloudSettings

HOST_LOST = "TerminationNotice"  # the stopCode of tasks whose machine went
_EARLY_SECONDS = 1e-3  # the agenda is no finer


class Upkeep:
    """Keeps instances; its state is theirs, and the agenda's."""

    def __init__(self, settings: CloudSettings, lifecycle: Lifecycle) -> None:
        self._settings = settings
        self._lifecycle = lifecycle

    @property
    def _agenda(self) -> Agenda:
        return self._lifecycle.agenda

    def await_registration(self, instance: Instance, at: float) -> None:
        """An instance was bought; it comes a little later."""
        self._agenda.later(instance, at, self._settings.delays.buying, self._register)

    def _register(self, instance: Instance, at: float) -> None:
        instance.status = ACTIVE
        instance.registered_at = at
        instance.cluster.instances[instance.id] = instance
        if instance.fleet.managed:
            self._agenda.later(instance, at, self._settings.instance_drain_seconds, self.drain)
        for task in list(instance.tasks.values()):
            if task.desired_status == RUNNING:  # one that is stopped meanwhile keeps its room to its end
                self._lifecycle.begin(task, at)
        if not instance.tasks:
            self.idle(instance, at)

    def idle(self, instance: Instance, at: float) -> None:
        """The last task of an instance has gone."""
        if instance.status == DRAINING:
            self._remove(instance)
        elif instance.status == ACTIVE and instance.fleet.idle_seconds is not None:
            instance.idle_since = at
            self._agenda.later(instance, at, instance.fleet.idle_seconds, self._scale_in)

    def _scale_in(self, instance: Instance, at: float) -> None:
        since, wait = instance.idle_since, instance.fleet.idle_seconds
        if since is not None and wait is not None and at >= since + wait - _EARLY_SECONDS:
            self._remove(instance)

    def drain(self, instance: Instance, at: float) -> None:
        """No more tasks for this instance; those that it has go on until the end of its life."""
        if instance.status != ACTIVE:
            return
        instance.status = DRAINING
        instance.fleet.close(instance)
        if instance.tasks:
            settings = self._settings
            left = settings.instance_life_seconds - settings.instance_drain_seconds
            self._agenda.later(instance, at, left, self._deregister)
        else:
            self._remove(instance)

    def _deregister(self, instance: Instance, at: float) -> None:
        self.lose(instance, at, HOST_LOST, "Container instance deregistration forced by user")

    def lose(
        self, instance: Instance, at: float, stop_code: str = HOST_LOST, reason: str | None = None
    ) -> None:
        """An instance goes, now, and its tasks with it."""
        self._remove(instance)
        for task in list(instance.tasks.values()):
            words = reason or f"Host EC2 (instance {instance.ec2_id}) terminated."
            self._lifecycle.lose(task, at, stop_code, words)

    @staticmethod
    def _remove(instance: Instance) -> None:
        instance.status = GONE
        instance.epoch += 1
        instance.fleet.remove(instance)
        instance.cluster.instances.pop(instance.id, None)
