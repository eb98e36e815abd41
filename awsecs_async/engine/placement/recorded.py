"""Where a launch was made, as its recorded request says: the settings may name other places by now.

A restarted dispatcher follows what runs wherever that is. What the record of an attempt tells (its provider,
spot or not, its size) is as it was asked for, not as it would be asked for today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from awsecs_async.aws.providers import FARGATE
from awsecs_async.model.placement import Kind, Placement, Provider

if TYPE_CHECKING:
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.launch import Launch
    from awsecs_async.model.placement import Route


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


def _provider(request: Mapping[str, Any], station: Station) -> Provider:
    if not (strategy := request.get("capacityProviderStrategy")):
        return Provider(name=None, kind=Kind(request["launchType"]))
    name = strategy[0]["capacityProvider"]
    there = FARGATE | {provider.name: provider for provider in station.cluster.providers}
    # One that is gone from the cluster can no longer tell its kind, nor whether it was spot.
    return there.get(name) or Provider(name=name, kind=Kind.MANAGED_INSTANCES)
