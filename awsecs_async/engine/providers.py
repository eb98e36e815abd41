"""Which capacity providers are meant, first choice first: by name, or by nobody's naming any.

The survey at opening and the placement of every task ask here, so that what is looked at beforehand is what
tasks are given.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import SettingsError
from awsecs_async.model.placement import Kind, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.aws.ports import Cluster

BARE_EC2: Final = Provider(name=None, kind=Kind.EC2)
"""The cluster's own instances, by launch type; named ``EC2``."""

_BARE: Final = {BARE_EC2.word: BARE_EC2, "FARGATE": Provider(name=None, kind=Kind.FARGATE)}
"""What every cluster has by launch type, attached or not (AWS: API_RunTask, launchType); spot has none."""

_PREFERENCE: Final = (Kind.MANAGED_INSTANCES, Kind.EC2, Kind.FARGATE)


class NotThere(LookupError):
    """The cluster has no provider of that name; the text says which it has."""


def named(cluster: Cluster, names: Sequence[str]) -> tuple[Provider, ...]:
    """These providers of the cluster, in this order.

    Raises:
        NotThere: if it has one of them not.
    """
    there = {provider.word: provider for provider in cluster.providers}
    by_name = _BARE | there
    for name in names:
        if name not in by_name:
            near = difflib.get_close_matches(name, there, 1)
            nearest = f"; did you mean {near[0]!r}?" if near else ""
            raise NotThere(f"{name!r}, but cluster {cluster.name} has {', '.join(there) or 'none'}{nearest}")
    return tuple(by_name[name] for name in names)


def unnamed(cluster: Cluster) -> tuple[Provider, ...]:
    """The cluster's default strategy, else what it has of the best kind.

    One kind of capacity, and on demand: nobody is moved to Fargate or to spot who did not ask for it.
    """
    by_name = {provider.name: provider for provider in cluster.providers}
    if default := tuple(by_name[name] for name in cluster.default if name in by_name):
        return default
    first = min(cluster.providers, key=_preference, default=BARE_EC2)
    return tuple(p for p in cluster.providers if _preference(p) == _preference(first)) or (BARE_EC2,)


def of_settings(cluster: Cluster, names: Sequence[str]) -> tuple[Provider, ...]:
    """The providers that the setting ``capacityProviders`` names, or those meant without it.

    Raises:
        SettingsError: if the cluster has one of them not.
    """
    try:
        return named(cluster, names) if names else unnamed(cluster)
    except NotThere as missing:
        raise SettingsError(f"capacityProviders names {missing}") from None


def _preference(provider: Provider) -> tuple[int, bool]:
    return _PREFERENCE.index(provider.kind), provider.is_spot
