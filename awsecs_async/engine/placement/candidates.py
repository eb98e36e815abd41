"""The providers that a task may be tried on, first choice first."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import InvalidTask, SettingsError
from awsecs_async.model.placement import Kind, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.engine.targets import Station
    from awsecs_async.model.task import TaskSpec

BARE_EC2: Final = Provider(name=None, kind=Kind.EC2)
_PREFERENCE: Final = (Kind.MANAGED_INSTANCES, Kind.EC2, Kind.FARGATE)


def providers(spec: TaskSpec, station: Station) -> tuple[Provider, ...]:
    """What the task names, else its target, else the cluster's default strategy, else what it has.

    Who names nothing gets one kind of capacity, Managed Instances where there are any, and on demand: nobody
    is moved to Fargate or to spot who did not ask for it.

    Raises:
        InvalidTask: if the task names a provider that is not there.

        SettingsError: if the settings do.
    """
    there = station.cluster.providers
    if named := tuple(spec.capacity_providers) or station.target.capacity_providers:
        return tuple(_named(name, station, by_task=bool(spec.capacity_providers)) for name in named)
    by_name = {provider.name: provider for provider in there}
    if default := tuple(by_name[name] for name in station.cluster.default if name in by_name):
        return default
    first = min(there, key=_preference, default=BARE_EC2)
    return tuple(each for each in there if _preference(each) == _preference(first)) or (BARE_EC2,)


def _preference(provider: Provider) -> tuple[int, bool]:
    return _PREFERENCE.index(provider.kind), provider.is_spot


def _named(name: str, station: Station, *, by_task: bool) -> Provider:
    by_name = {BARE_EC2.word: BARE_EC2} | {provider.word: provider for provider in station.cluster.providers}
    if name in by_name:
        return by_name[name]
    names = [provider.word for provider in station.cluster.providers]
    problem = f"but cluster {station.cluster.name} has {', '.join(names) or 'none'}{_nearest(name, names)}"
    if by_task:
        raise InvalidTask("capacity_providers", f"{name!r} is named, {problem}")
    raise SettingsError(f"capacityProviders names {name!r}, {problem}")


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
