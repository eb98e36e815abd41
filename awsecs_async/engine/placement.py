"""Which target, provider, network and size a task gets, or why none fits.

Everything here is decided at submit, without awaiting, from what the settings say and what the cluster
was found to have: a task that can never run is refused to its submitter, in words that name what to
change, and never waits in a queue for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.errors import Refused, SettingsError
from awsecs_async.model import quotas, units
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.placement import Kind, Placement, Provider, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.engine.targets import Station
    from awsecs_async.model.network import NetworkMode
    from awsecs_async.model.settings import Settings, Target
    from awsecs_async.model.task import TaskSpec

_LATER = {
    "accelerator": "GPUs",
    "disk": "volumes",
    "machine_type": "instance types",
}


class Places:
    """Places tasks on the stations of one dispatcher. Its only state is a memory of equal decisions."""

    def __init__(self, stations: Sequence[Station], settings: Settings) -> None:
        self._stations = {station.target.name: station for station in stations}
        self._settings = settings
        self._made: dict[Route, Route] = {}

    def station(self, placement: Placement) -> Station:
        """The target at work of a placement."""
        return self._stations[placement.target]

    def named(self, target: str) -> Station:
        """The target of that name at work."""
        return self._stations[target]

    def place(self, spec: TaskSpec) -> Route:
        """Where this task may run, first choice first.

        Raises:
            Refused: if it can run nowhere as asked.

            SettingsError: if it names a target that is not there.
        """
        station = self._stations[self._settings.target(spec.target).name]
        _refuse_what_cannot_be(spec, station)
        provider = _provider(station)
        network_mode = _network_mode(station, provider)
        cpu_units, memory_mib = self._size(spec, provider)
        placement = Placement(
            target=station.target.name,
            cluster=station.target.cluster,
            provider=provider,
            network_mode=network_mode,
            cpu_units=cpu_units,
            memory_mib=memory_mib,
            architecture="ARM64"
            if (spec.architecture or station.target.architecture) == "ARM64"
            else "X86_64",
            network=_network(station.target, provider) if network_mode == "awsvpc" else None,
        )
        # Equal routes are one object: 100,000 live tasks hold a handful.
        return self._made.setdefault((placement,), (placement,))

    def _size(self, spec: TaskSpec, provider: Provider) -> tuple[int, int]:
        cpus = spec.cpus if isinstance(spec.cpus, float) else self._settings.default_cpus
        memory = spec.memory if isinstance(spec.memory, int) else self._settings.default_memory
        cpu_units = units.cpu_units(cpus)
        return (
            _fargate_size(cpu_units, memory)
            if provider.kind is Kind.FARGATE
            else (max(cpu_units, 128), memory)
        )


def _refuse_what_cannot_be(spec: TaskSpec, station: Station) -> None:
    for field, what in _LATER.items():
        if getattr(spec, field) is not None:
            raise Refused(f"{field}: this version cannot ask ECS for {what} yet; leave {field} out")
    if not station.target.runs_processes and any(c.container is None for c in spec.all_containers):
        raise Refused(
            "container: name the image to run, say container='ubuntu:24.04' (--container); "
            "only the local cloud (--local) runs plain processes"
        )


def _provider(station: Station) -> Provider:
    cluster, wanted = station.cluster, station.target.capacity_providers
    by_name = {provider.name: provider for provider in cluster.providers}
    for name in wanted or cluster.default:
        if name in by_name:
            return by_name[name]
        if wanted:
            there = ", ".join(str(p.name) for p in cluster.providers) or "none"
            raise SettingsError(f"capacityProviders names {name!r}, but cluster {cluster.name} has {there}")
    preferred = sorted(cluster.providers, key=lambda p: (list(Kind).index(p.kind), p.is_spot))
    return preferred[0] if preferred else Provider(name=None, kind=Kind.EC2)


def _network_mode(station: Station, provider: Provider) -> NetworkMode:
    target = station.target
    must = provider.kind is Kind.FARGATE
    mode: NetworkMode = target.network_mode or ("awsvpc" if must or target.subnets else "host")
    if must and mode != "awsvpc":
        raise Refused(f"networkMode: Fargate has awsvpc only, not {mode}; unset networkMode")
    if mode == "awsvpc" and not target.subnets:
        raise Refused(
            'subnets: awsvpc networking needs them; set subnets = ["subnet-..."] under [aws.ecs], '
            'or networkMode = "host" on Managed Instances and EC2'
        )
    return mode


def _network(target: Target, provider: Provider) -> Awsvpc:
    return Awsvpc(
        subnets=tuple(target.subnets),
        security_groups=tuple(target.security_groups),
        # AWS: not supported on Managed Instances, nor on EC2
        assign_public_ip=target.assign_public_ip if provider.kind is Kind.FARGATE else None,
    )


def _fargate_size(cpu_units: int, memory_mib: int) -> tuple[int, int]:
    """The smallest size of Fargate's table that holds this one."""
    for cpu, memories in sorted(quotas.FARGATE_SIZES.items()):
        fitting = [memory for memory in memories if memory >= memory_mib]
        if cpu >= cpu_units and fitting:
            return cpu, min(fitting)
    largest = max(quotas.FARGATE_SIZES)
    raise Refused(
        f"cpus, memory: {cpu_units / 1024:g} vCPU with {units.format_memory(memory_mib)} is more than "
        f"Fargate's largest, {largest / 1024:g} vCPU with "
        f"{units.format_memory(max(quotas.FARGATE_SIZES[largest]))}; ask for less, or use Managed Instances"
    )
