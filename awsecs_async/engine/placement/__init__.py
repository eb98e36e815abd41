"""Which target, providers, network, size and volume a task gets, or why none fits.

Everything here is decided at submit, without awaiting, from what the settings say and what the cluster
was found to have: a task that can never run is refused to its submitter, in words that name what to
change, and never waits in a queue for it. What is not known refuses nothing.

A task gets a route: a placement for each provider of its list that fits. Where none does, the refusal has
a line for each, with the nearest that would fit there.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.engine.placement import capacity, fargate, surroundings
from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.engine.placement.need import Need, need_of
from awsecs_async.engine.placement.network import network
from awsecs_async.engine.placement.recorded import recalled, recorded
from awsecs_async.engine.placement.storage import storage
from awsecs_async.engine.providers import NotThere, named, of_settings
from awsecs_async.errors import InvalidTask, Refused, SettingsError
from awsecs_async.model import mounts
from awsecs_async.model.named import is_named
from awsecs_async.model.placement import Kind, Placement, Provider, Route

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from awsecs_async.engine.targets import Station
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.launch import Launch
    from awsecs_async.model.result import Attempt
    from awsecs_async.model.settings import Settings
    from awsecs_async.model.task import TaskSpec

__all__ = ["Places"]

REMEMBERED: Final = 10_000  # shapes of tasks; one that is forgotten is placed anew
_UNUSABLE: Final = frozenset({"DEPROVISIONING", "INACTIVE"})


class Places:
    """Places tasks on the stations of one dispatcher. Its only state is a memory of equal decisions."""

    def __init__(self, stations: Sequence[Station], settings: Settings) -> None:
        self._stations = {station.target.name: station for station in stations}
        self._settings = settings
        self._placed: OrderedDict[Hashable, Route] = OrderedDict()
        self._made: OrderedDict[Route, Route] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Places on {', '.join(self._stations)}: {len(self._placed)} shapes of tasks placed>"

    def station(self, placement: Placement) -> Station:
        """The target at work of a placement."""
        return self._stations[placement.target]

    def named(self, target: str) -> Station:
        """The target of that name at work."""
        return self._stations[target]

    def recorded(self, launch: Launch, request: Mapping[str, Any], route: Route) -> Placement:
        """Where a launch was made before; its task may go elsewhere from there, by ``route``."""
        # A target may have another name by now; a task that no settings place leaves nothing to go by.
        station = self._stations.get(launch.target) or self.named(
            route[0].target if route else self._settings.targets[0].name
        )
        place = recorded(launch, request, route, station)
        return self._made.setdefault((place,), (place,))[0]

    def recalled(self, spec: TaskSpec, attempts: Sequence[Attempt]) -> Route:
        """Where a task that is over may have run, though the settings may have no place for it any more."""
        try:
            return self.place(spec)
        except (Refused, InvalidTask, SettingsError):
            return (recalled(spec, attempts),)

    def place(self, spec: TaskSpec) -> Route:
        """Where this task may run, first choice first; never empty.

        Raises:
            Refused: if it can run nowhere as asked.

            InvalidTask: if it asks for an accelerator, a volume or a provider that there is not.

            SettingsError: if it names a target that is not there, or the settings a provider.
        """
        shape = _shape(spec)
        found = self._placed.get(shape)
        if found is None:
            route = self._route(spec)
            # Equal routes are one object: 100,000 live tasks hold a handful.
            found = self._placed[shape] = self._made.setdefault(route, route)
            for memory in (self._placed, self._made):
                if len(memory) > REMEMBERED:
                    memory.popitem(last=False)
        return found

    def _route(self, spec: TaskSpec) -> Route:
        station = self._stations[self._settings.target(spec.target).name]
        _refuse_what_cannot_be(spec, station)
        need = need_of(spec, station.target, self._settings)
        route: dict[Placement, None] = {}
        reasons: dict[str, str] = {}
        for provider in _providers(spec, station):
            try:
                route[_placement(spec, need, provider, station)] = None
            except Misfit as why:
                reasons[provider.word] = str(why)
        if not route:
            raise Refused(_refusal(reasons, station))
        if not spec.capacity_providers:
            return tuple(route)  # the settings' list is for many tasks, of which not all fit everywhere
        left_out = tuple(f"{word} left out: {why}" for word, why in reasons.items())
        return tuple(replace(place, remarks=(*place.remarks, *left_out)) for place in route)


def _providers(spec: TaskSpec, station: Station) -> tuple[Provider, ...]:
    if not spec.capacity_providers:
        return of_settings(station.cluster, station.target.capacity_providers)
    try:
        return named(station.cluster, spec.capacity_providers)
    except NotThere as missing:
        raise InvalidTask("capacity_providers", str(missing)) from None


def _shape(spec: TaskSpec) -> Hashable:
    """All of a spec that decides where it may run."""
    containers = (
        tuple(_container_shape(each) for each in spec.containers)
        if spec.containers
        else _container_shape(spec)
    )
    return (
        spec.target, spec.cpus, spec.memory, spec.accelerator, spec.disk, spec.machine_type, spec.network,
        spec.architecture, spec.fusion, spec.capacity_providers, spec.execute_command, spec.task_role,
        containers,
    )  # fmt: skip


def _container_shape(of: TaskSpec | ContainerSpec) -> Hashable:
    # Whether there is an image, and secrets and files, matters here, not which.
    asks = of.container is None, is_named(of.container), bool(of.secrets), bool(of.environment_files)
    return (*asks, of.container_options, of.volumes, of.stop_timeout)


def _refuse_what_cannot_be(spec: TaskSpec, station: Station) -> None:
    target = station.target
    if not target.runs_processes and any(c.container is None for c in spec.all_containers):
        raise Refused(
            "container: name the image to run, say container='ubuntu:24.04' (--container); "
            "only the local cloud (--local) runs plain processes"
        )
    if target.execution_role is None and not is_named(spec.container):  # which has a role of its own
        for field in ("secrets", "environment_files"):
            if any(getattr(container, field) for container in spec.all_containers):
                raise Refused(f"{field}: ECS reads them with the execution role; set executionRole")
    if spec.execute_command and not (spec.task_role or target.task_role):
        raise Refused(
            "execute_command: ECS Exec works with the task's role; set taskRole, or task_role for it"
        )


def _placement(spec: TaskSpec, need: Need, provider: Provider, station: Station) -> Placement:
    """Its place at this provider.

    Raises:
        Misfit: if there is none.
    """
    _check_provider(provider, station)
    for container in spec.all_containers:
        surroundings.check(container, provider.kind, mounts.given(container, station.target))
    if provider.kind is Kind.FARGATE:
        fargate.check(need)
        cpu_units, memory_mib, raised = fargate.size(need)
    else:
        capacity.check(need, provider)
        cpu_units, memory_mib, raised = capacity.size(need, provider)
    mode, interface = network(need.network, provider, station)
    disk = storage(need, provider, station.target.infrastructure_role)
    if disk.ebs is not None and is_named(spec.container):
        raise Misfit("disk", "an EBS volume is part of a task definition, and the one named is run as it is")
    return Placement(
        target=station.target.name,
        cluster=station.target.cluster,
        provider=provider,
        network_mode=mode,
        cpu_units=cpu_units,
        memory_mib=memory_mib,
        architecture=need.machine.architecture,
        network=interface,
        gpus=need.machine.gpu_text,
        machine=need.machine.word,
        constraint=need.machine.constraint,
        ebs=disk.ebs,
        ephemeral_gib=disk.ephemeral_gib,
        remarks=(*raised, *disk.remarks),
    )


def _check_provider(provider: Provider, station: Station) -> None:
    if why := station.unfit.get(provider.word):
        raise Misfit("capacity_providers", f"{provider.word} cannot be used: {why}")
    if provider.status in _UNUSABLE:
        raise Misfit("capacity_providers", f"{provider.word} is {provider.status}; name another")


def _refusal(reasons: Mapping[str, str], station: Station) -> str:
    """One reason as it stands; of several a line for each, after the providers whose it is."""
    if len(reasons) == 1:
        return next(iter(reasons.values()))
    words: dict[str, list[str]] = {}
    for word, why in reasons.items():
        words.setdefault(why, []).append(word)
    lines = [f"no capacity provider of cluster {station.cluster.name} can have this task:"]
    lines += (f"  {', '.join(those)}: {why}" for why, those in words.items())
    return "\n".join(lines)
