"""Where a task was, as the journal says: the settings may name other places by now.

A restarted dispatcher follows what runs wherever that is. What the record of an attempt tells (its provider,
spot or not, its size) is as it was asked for, not as it would be asked for today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.aws.providers import FARGATE
from awsecs_async.model.placement import Kind, Placement, Provider

if TYPE_CHECKING:
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.launch import Launch
    from awsecs_async.model.placement import Route
    from awsecs_async.model.result import Attempt
    from awsecs_async.model.task import TaskSpec

# One that is gone from the cluster can no longer tell its kind, nor whether it was spot.
_GONE: Final = Provider(name="", kind=Kind.MANAGED_INSTANCES)

NOWHERE: Final = Placement(
    target="",
    cluster="",
    provider=Provider(name="nowhere", kind=Kind.MANAGED_INSTANCES),
    network_mode="host",
    cpu_units=0,
    memory_mib=0,
)


def recorded(launch: Launch, request: Mapping[str, Any], route: Route, station: Station) -> Placement:
    """The place of the route that it was, in the size of that time; else what the request says of it."""
    asked = request["overrides"]
    cpu_units, memory_mib = int(asked["cpu"]), int(asked["memory"])
    for place in route:
        if place.lane == launch.lane:
            is_same = (place.cpu_units, place.memory_mib) == (cpu_units, memory_mib)
            return place if is_same else replace(place, cpu_units=cpu_units, memory_mib=memory_mib)
    return Placement(
        target=station.target.name,
        cluster=request["cluster"],
        provider=_provider(request, station),
        network_mode="awsvpc" if "networkConfiguration" in request else "host",
        cpu_units=cpu_units,
        memory_mib=memory_mib,
        machine=launch.lane[1].partition(" ")[2],
    )


def recalled(spec: TaskSpec, attempts: Sequence[Attempt]) -> Placement:
    """The last place of a task that is over and has no place any more; ``NOWHERE`` if it was never tried."""
    if not attempts:
        return replace(NOWHERE, target=spec.target or "")
    last = attempts[-1]
    kind = Kind.EC2 if last.provider is None else FARGATE.get(last.provider, _GONE).kind
    return Placement(
        target=last.target,
        cluster=last.arn.split("/")[1] if last.arn and last.arn.count("/") > 1 else "",
        provider=Provider(name=last.provider, kind=kind, is_spot=last.is_spot),
        network_mode="host",
        cpu_units=last.cpu_units,
        memory_mib=last.memory_mib,
    )


def _provider(request: Mapping[str, Any], station: Station) -> Provider:
    if not (strategy := request.get("capacityProviderStrategy")):
        return Provider(name=None, kind=Kind(request["launchType"]))
    name = strategy[0]["capacityProvider"]
    there = FARGATE | {provider.name: provider for provider in station.cluster.providers}
    return there.get(name) or replace(_GONE, name=name)
