"""What a target is found to have when it is opened: is there capacity as asked for, and a network for it?

What can only fail later is told now, with the setting that mends it. What may not be asked (denied, no such
service at this endpoint) is no fault: RunTask will say.

Subnets and the security group come from the default VPC where none are set and awsvpc networking needs them.
On Managed Instances the tasks' subnets must be in the provider's own VPC
(AWS: managed-instances-awsvpc-mode); a provider of which that is not true is unfit, and the others remain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from awsecs_async.aws.faults import could_not_ask
from awsecs_async.engine.providers import of_settings
from awsecs_async.errors import AwsFault, RequestRefused, SettingsError, Throttled, Unanswered
from awsecs_async.kit.backoff import Backoff
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.placement import Kind
from awsecs_async.model.quotas import SUBNETS_MAX

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Cluster, Network, Subnet
    from awsecs_async.model.placement import Provider
    from awsecs_async.model.settings import Target

T = TypeVar("T")
TRIES = 4  # about 2 s: what is asked here is worth a little patience, not a late start


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found: see ``Station``. ``unknown`` says what could not be asked, and why."""

    default_network: Awsvpc | None = None
    unfit: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def candidates(target: Target, cluster: Cluster) -> tuple[Provider, ...]:
    """The providers that tasks of this target are placed on where they name none, first choice first.

    Raises:
        SettingsError: if the cluster has none of that name, or, where none are named, no Managed Instances.
    """
    if not target.capacity_providers and not any(p.kind is Kind.MANAGED_INSTANCES for p in cluster.providers):
        there = ", ".join(provider.word for provider in cluster.providers) or "no capacity provider"
        raise SettingsError(
            f"cluster {cluster.name} has no Managed Instances capacity provider (it has {there}); create "
            'one, or name what to use instead: capacityProviders = ["FARGATE"], or ["EC2"] for the '
            "cluster's own instances, under [aws.ecs]"
        )
    return of_settings(cluster, target.capacity_providers)


def is_awsvpc(target: Target, provider: Provider) -> bool:
    """Whether tasks there have network interfaces of their own."""
    if provider.kind is Kind.FARGATE:
        return True
    return target.network_mode == "awsvpc" or (target.network_mode is None and bool(target.subnets))


async def survey(target: Target, cluster: Cluster, network: Network) -> Survey:
    """Look at what the target's settings need.

    Raises:
        SettingsError: if nothing can run there as it is set up; the text names the setting to change.
    """
    wanted = candidates(target, cluster)
    unfit = {p.word: f"it is {p.status}, not ACTIVE" for p in wanted if p.status != "ACTIVE"}
    interfaces = [p for p in wanted if is_awsvpc(target, p)]
    found = Survey(unfit=unfit)
    if interfaces and target.check_at_start:
        found = await _Network(target, network, unfit).look(interfaces)
    elif target.check_at_start and any(is_awsvpc(target, provider) for provider in cluster.providers):
        with suppress(SettingsError):  # only a task that names such a provider needs it, and will be told
            found = await _Network(target, network, unfit).look(())
    if all(p.word in found.unfit for p in wanted):
        reasons = "; ".join(f"{word}: {why}" for word, why in found.unfit.items())
        raise SettingsError(f"no capacity provider of cluster {cluster.name} can be used: {reasons}")
    return found


class _Network:
    """One look at the subnets and groups of a target. Its state is what could not be asked."""

    def __init__(self, target: Target, network: Network, unfit: Mapping[str, str]) -> None:
        self._target = target
        self._network = network
        self._unfit = dict(unfit)
        self._unknown: list[str] = []

    async def look(self, providers: Sequence[Provider]) -> Survey:
        target = self._target
        subnets = await self._subnets() if target.subnets else await self._default_subnets()
        groups = target.security_groups or await self._default_group(subnets)
        for provider in providers:
            if provider.kind is Kind.MANAGED_INSTANCES and provider.word not in self._unfit:
                await self._check_vpc(provider, subnets)
        default = None
        if subnets and not (target.subnets and target.security_groups):
            default = Awsvpc(subnets=tuple(s.id for s in subnets), security_groups=tuple(groups))
        return Survey(default_network=default, unfit=self._unfit, unknown=tuple(self._unknown))

    async def _subnets(self) -> Sequence[Subnet]:
        try:
            found = await self._ask("subnets", lambda: self._network.subnets(self._target.subnets)) or ()
        except RequestRefused as refusal:
            raise SettingsError(
                f"subnets: {refusal.message}; set subnets of this account and region"
            ) from refusal
        if len(vpcs := {subnet.vpc for subnet in found}) > 1:
            raise SettingsError(f"subnets are in several VPCs ({', '.join(sorted(vpcs))}); name those of one")
        return found

    async def _default_subnets(self) -> Sequence[Subnet]:
        """FR-024."""
        vpc = await self._ask("default VPC", self._network.default_vpc)
        if vpc is None:
            why = self._unknown[-1] if self._unknown else "there is no default VPC to take them from"
            raise SettingsError(
                f'subnets: {why}; set subnets = ["subnet-..."] under [aws.ecs] (on Managed Instances and '
                'EC2, networkMode = "host" needs none)'
            )
        found = await self._ask("subnets", lambda: self._network.subnets_of(vpc)) or ()
        if not found:
            raise SettingsError(
                f'subnets: the default VPC {vpc} has none; set subnets = ["subnet-..."] under [aws.ecs]'
            )
        return sorted(found, key=lambda subnet: not subnet.is_default_for_zone)[:SUBNETS_MAX]

    async def _default_group(self, subnets: Sequence[Subnet]) -> tuple[str, ...]:
        """FR-025. Without any, AWS takes the default group of the subnets' VPC."""
        default = await self._ask("default VPC", self._network.default_vpc)
        if not subnets or (default is None and self._unknown):
            return ()
        if subnets[0].vpc != default:
            where = f"the default VPC is {default}" if default else "there is no default VPC"
            raise SettingsError(
                f"securityGroups: the subnets are in {subnets[0].vpc}, and {where}; set "
                'securityGroups = ["sg-..."] under [aws.ecs]'
            )
        group = await self._ask("security groups", lambda: self._network.default_security_group(default))
        return (group.id,) if group else ()

    async def _check_vpc(self, provider: Provider, subnets: Sequence[Subnet]) -> None:
        if not subnets or not provider.subnets:
            return
        try:
            own = await self._ask("subnets", lambda: self._network.subnets(provider.subnets))
        except RequestRefused as refusal:
            # ECS has them, so another account may share them with this one.
            self._unknown.append(f"{provider.word}: its own subnets were not found: {refusal.message}")
            return
        if own and own[0].vpc != subnets[0].vpc:
            self._unfit[provider.word] = (
                f"its instances are in {own[0].vpc}, and the tasks' subnets in {subnets[0].vpc}; set subnets "
                f"to some of {own[0].vpc} (its own are {', '.join(provider.subnets)}), or "
                'networkMode = "host"'
            )

    async def _ask(self, what: str, call: Callable[[], Awaitable[T]]) -> T | None:
        """The answer, or None where it may not be asked."""
        try:
            return await asked(call)
        except AwsFault as fault:
            if not could_not_ask(fault):
                raise
            self._unknown.append(f"{what}: could not be asked for ({fault.code})")
            return None


async def asked(call: Callable[[], Awaitable[T]]) -> T:
    """The answer; a throttle or a lost answer is tried again a few times. Raises AwsFault."""
    backoff = Backoff(0.1, 1.0)
    while True:
        try:
            return await call()
        except (Throttled, Unanswered):
            if backoff.attempts >= TRIES:
                raise
        await asyncio.sleep(backoff.next())
