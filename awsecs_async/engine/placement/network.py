"""Which network a task has: its own choice, else its target's, else what its provider or account has.

``awsvpc`` is what Fargate has, and what those want who name subnets; else the instance's own network does,
because interfaces cost launch rate (docs/decisions/0005). Where nobody names subnets, those of the default
VPC stand in, as the survey found them. A task on Managed Instances must be in their VPC: where only the task
asks for awsvpc the survey has not compared the two, and the instances' own subnets go first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.placement import Kind

if TYPE_CHECKING:
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.network import Network, NetworkMode
    from awsecs_async.model.placement import Provider


def network(wanted: Network, provider: Provider, station: Station) -> tuple[NetworkMode, Awsvpc | None]:
    """The mode, and in awsvpc mode the interface's place.

    Raises:
        Misfit: if this kind of provider has no such network, or no subnets are known.
    """
    mode = _mode(wanted, provider, station)
    return mode, _interface(wanted, provider, station) if mode == "awsvpc" else None


def _mode(wanted: Network, provider: Provider, station: Station) -> NetworkMode:
    target, kind = station.target, provider.kind
    if kind is Kind.FARGATE:
        # The setting is for those who have a choice: a target may have Fargate beside Managed Instances.
        if wanted.mode not in {None, "awsvpc"}:
            raise Misfit("network", f"Fargate has awsvpc only, not {wanted.mode}; leave the mode out")
        return "awsvpc"
    has_subnets = bool(wanted.subnets or target.subnets)
    mode = wanted.mode or target.network_mode or ("awsvpc" if has_subnets else "host")
    if kind is Kind.MANAGED_INSTANCES and mode == "bridge":
        setting = "network" if wanted.mode else "networkMode"
        raise Misfit(setting, "Managed Instances have awsvpc and host, not bridge; unset it, or use EC2")
    return mode


def _interface(wanted: Network, provider: Provider, station: Station) -> Awsvpc:
    target = station.target
    stand_in = _stand_in(provider, station)
    subnets = wanted.subnets or target.subnets or stand_in.subnets
    if not subnets:
        raise Misfit(
            "subnets",
            'awsvpc networking needs them; set subnets = ["subnet-..."] under [aws.ecs], '
            'or networkMode = "host" on Managed Instances and EC2',
        )
    groups = (
        wanted.security_groups
        or target.security_groups
        or (
            # Groups belong to a VPC: those found go with the subnets that were found with them.
            stand_in.security_groups if not (wanted.subnets or target.subnets) else ()
        )
    )
    return Awsvpc(
        subnets=tuple(subnets),
        security_groups=tuple(groups),
        assign_public_ip=_public_ip(wanted, provider, station),
    )


def _stand_in(provider: Provider, station: Station) -> Awsvpc:
    """The subnets that nobody named, with their groups; none where none are known."""
    found = station.default_network
    own = None
    if provider.kind is Kind.MANAGED_INSTANCES and provider.subnets:
        own = Awsvpc(subnets=provider.subnets, security_groups=provider.security_groups)
    compared = station.target.network_mode == "awsvpc"
    return (found or own if compared else own or found) or Awsvpc(subnets=())


def _public_ip(wanted: Network, provider: Provider, station: Station) -> bool | None:
    if provider.kind is Kind.FARGATE:
        return station.target.assign_public_ip if wanted.assign_public_ip is None else wanted.assign_public_ip
    if wanted.assign_public_ip:
        raise Misfit("network", f"only Fargate assigns public addresses, not {provider.word}; leave it out")
    return None  # AWS: not supported on Managed Instances, nor on EC2
