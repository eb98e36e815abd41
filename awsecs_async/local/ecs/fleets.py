"""Every fleet of the cloud: one for each provider in each cluster, and one for what stands there.

A fleet is made when it is first asked for, from what its provider says: the types it may buy, the
subnets, Spot or not, and how long it keeps idle instances.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from awsecs_async.local.ecs.arns import Arns
from awsecs_async.local.ecs.clusters import MANAGED_INSTANCES, Cluster, Provider
from awsecs_async.local.ecs.fleet import Fleet
from awsecs_async.local.ecs.instances import ACTIVE, Instance, Place
from awsecs_async.local.ecs.requirements import obtainable, of_names
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import Wire
from awsecs_async.model.instances import CATALOGUE, InstanceType

_PLENTY: Final = 1_000_000  # CPU units and MiB of an instance when capacity is not limited
_ZONES: Final = "abc"


class Fleets:
    """The fleets, by cluster and provider, and which zone each subnet is in."""

    def __init__(self, settings: CloudSettings, arns: Arns) -> None:
        self._settings = settings
        self._arns = arns
        self._fleets: dict[tuple[str, str | None], tuple[Provider | None, Fleet]] = {}
        self.zones: dict[str, str] = {}  # of subnets

    def all(self) -> list[Fleet]:
        """Every fleet that was asked for so far."""
        return [fleet for _, fleet in self._fleets.values()]

    def in_cluster(self, cluster: Cluster) -> list[Fleet]:
        """Every fleet of one cluster that was asked for so far."""
        return [fleet for (arn, _), (_, fleet) in self._fleets.items() if arn == cluster.arn]

    def of(self, cluster: Cluster, provider: Provider | None) -> Fleet:
        """The fleet of a provider in a cluster; None for what stands there without one."""
        key = (cluster.arn, provider.name if provider is not None else None)
        maker, fleet = self._fleets.get(key, (None, None))
        if fleet is None or maker is not provider:  # another provider may have got the name of a deleted one
            fleet = self._standing(cluster) if provider is None else self._bought(provider)
            self._fleets[key] = provider, fleet
        return fleet

    def zone(self, subnet: str) -> str:
        """The zone of a subnet; unknown ones take turns, and stay where they are."""
        letter = _ZONES[len(self.zones) % len(_ZONES)]
        return self.zones.setdefault(subnet, f"{self._settings.region}{letter}")

    def _bought(self, provider: Provider) -> Fleet:
        managed: Wire | None = provider.wire.get("managedInstancesProvider")
        if managed is None:
            return self._auto_scaling(provider)
        template = managed["instanceLaunchTemplate"]
        subnets = (template.get("networkConfiguration") or {}).get("subnets") or ["subnet-local"]
        fleet = Fleet(
            provider.name,
            obtainable(template.get("instanceRequirements")),
            tuple((self.zone(subnet), subnet) for subnet in subnets),
            buys=True,
            idle_seconds=self._idle_seconds(managed),
        )
        fleet.managed = provider.kind == MANAGED_INSTANCES
        fleet.spot = provider.spot
        return fleet

    def _idle_seconds(self, managed: Wire) -> float | None:
        after = (managed.get("infrastructureOptimization") or {}).get("scaleInAfter")
        if after is None:
            return self._settings.idle_instance_seconds
        return None if after < 0 else float(after)

    def _auto_scaling(self, provider: Provider) -> Fleet:
        scaling: Wire = provider.wire["autoScalingGroupProvider"].get("managedScaling") or {}
        patterns = next(
            (
                types
                for name, types in self._settings.auto_scaling_types.items()
                if fnmatchcase(provider.name, name)
            ),
            None,
        )
        return Fleet(
            provider.name,
            obtainable(None) if patterns is None else of_names(patterns),
            tuple((f"{self._settings.region}{letter}", "") for letter in _ZONES),
            buys=scaling.get("status", "ENABLED") == "ENABLED",
            idle_seconds=self._settings.idle_instance_seconds,
        )

    def _standing(self, cluster: Cluster) -> Fleet:
        fleet = Fleet(None, (), (), buys=False)
        names = self._settings.ec2_instances
        kinds = [CATALOGUE[name] for name in names] or [self._everything(cluster)]
        for number, kind in enumerate(kinds):
            letter = _ZONES[number % len(_ZONES)]
            instance_id = f"{number:016x}{sum(map(ord, cluster.name)):016x}"
            arn = self._arns.instance(cluster.name, instance_id)
            place: Place = (f"{self._settings.region}{letter}", "")
            instance = Instance(instance_id, arn, kind, cluster, fleet, place)
            instance.status, instance.registered_at = ACTIVE, 0.0
            cluster.instances[instance.id] = instance
            fleet.add(instance)
        return fleet

    @staticmethod
    def _everything(cluster: Cluster) -> InstanceType:
        """The one instance that stands for all where nothing else is said: with room for everything."""
        capacity = cluster.room.capacity
        cpu_units, memory_mib = (
            (capacity.cpu_units, capacity.memory_mib) if capacity is not None else (_PLENTY, _PLENTY)
        )
        return InstanceType(
            name="local", vcpus=cpu_units // 1024, memory_mib=memory_mib, architecture="X86_64"
        )
