"""The cluster, its capacity providers, their network and the quotas: whether there is a place for tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.ecs import EcsDoor
from awsecs_async.aws.faults import could_not_ask, cure
from awsecs_async.aws.network import NetworkDoor
from awsecs_async.engine.survey import Survey, asked, candidates, is_awsvpc, survey
from awsecs_async.errors import AwsFault, SettingsError
from awsecs_async.model import quota_codes, quotas
from awsecs_async.model.placement import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsecs_async.aws.ports import Cluster, Transport
    from awsecs_async.doctor.desk import Desk
    from awsecs_async.model.placement import Provider
    from awsecs_async.model.settings import Settings

KINDS = {Kind.MANAGED_INSTANCES: "Managed Instances", Kind.FARGATE: "Fargate", Kind.EC2: "EC2"}


async def check_compute(desk: Desk, transport: Transport, settings: Settings) -> bool:
    """All of it; False where there is no cluster, and so nothing more to ask."""
    cluster = await _check_cluster(desk, transport)
    if cluster is None:
        return False
    try:
        wanted = candidates(desk.target, cluster)
    except SettingsError as error:
        desk.fails("capacity providers", *_found_and_mend(error))
        return True
    found = await _check_network(desk, transport, cluster, wanted)
    for provider in wanted:
        said = f"{provider.word}: {KINDS[provider.kind]}{', spot' if provider.is_spot else ''}"
        if why := found.unfit.get(provider.word):
            desk.fails("capacity provider", f"{said}; {why}", "mend it, or leave it out of capacityProviders")
        else:
            desk.holds("capacity provider", said)
    _check_fusion(desk, settings, wanted)
    await _check_quotas(desk, transport, wanted)
    return True


async def _check_cluster(desk: Desk, transport: Transport) -> Cluster | None:
    try:
        cluster = await asked(lambda: EcsDoor(transport).cluster(desk.target.cluster))
    except AwsFault as fault:
        # Also where it is denied: a dispatcher asks the same when it opens, and would not open.
        desk.fails("cluster", fault.message or fault.code, cure(fault))
        return None
    desk.holds("cluster", f"{cluster.name} in {transport.region}")
    return cluster


async def _check_network(
    desk: Desk, transport: Transport, cluster: Cluster, wanted: Sequence[Provider]
) -> Survey:
    target = replace(desk.target, check_at_start=True)
    if not any(is_awsvpc(target, provider) for provider in wanted):
        desk.holds("network", "host: tasks share their instance's, no subnets are needed")
    try:
        found = await survey(target, cluster, NetworkDoor(transport))
    except SettingsError as error:
        name = "network" if str(error).startswith(("subnets", "securityGroups")) else "capacity"
        desk.fails(name, *_found_and_mend(error))
        return Survey()
    for unknown in found.unknown:
        desk.warns("network", unknown, "allow ec2:DescribeVpcs, DescribeSubnets, DescribeSecurityGroups")
    if any(is_awsvpc(target, provider) for provider in wanted):
        network = found.default_network
        subnets = target.subnets or (network.subnets if network else ())
        groups = target.security_groups or (network.security_groups if network else ())
        where = "set" if target.subnets else "of the default VPC"
        said = f"awsvpc: {_listed(subnets)} {where}; {_listed(groups) or 'the default security group'}"
        desk.holds("network", said)
    return found


def _check_fusion(desk: Desk, settings: Settings, wanted: Sequence[Provider]) -> None:
    if not settings.fusion.enabled:
        return
    if all(provider.kind is Kind.FARGATE for provider in wanted):
        mend = "name Managed Instances or EC2 providers in capacityProviders, or set fusion.enabled = false"
        desk.fails("fusion", "Fargate gives containers neither /dev/fuse nor SYS_ADMIN", mend)
    elif not desk.target.task_role:
        mend = "set taskRole to a role that may read and write the work directory on S3"
        desk.warns("fusion", "no task role is set, so Fusion has no rights on S3", mend)
    elif not settings.fusion.license:
        mend = "set fusion.license to the ARN of the secret that holds the licence token"
        desk.warns("fusion", "no licence is set", mend)
    else:
        desk.holds("fusion", "privileged" if settings.fusion.privileged else "/dev/fuse and SYS_ADMIN")


async def _check_quotas(desk: Desk, transport: Transport, wanted: Sequence[Provider]) -> None:
    account, told = AccountDoor(transport), dict[str, float]()
    try:
        for service in quota_codes.SERVICES:
            told |= await asked(lambda service=service: account.quotas(service))  # type: ignore[misc]
    except AwsFault as fault:
        if not could_not_ask(fault):
            raise
        found = f"could not be asked for ({fault.code}); the documented ones are kept"
        desk.warns("quotas", found, "allow servicequotas:ListServiceQuotas, or set quotas yourself")
        return
    rate, burst = _rate(told, "run_task")
    desk.holds("quotas", f"RunTask and StopTask {rate:g} a second, {burst:g} at once")
    for provider in wanted:
        code = quota_codes.FARGATE_VCPUS.get(provider.word)
        if code is not None:
            _check_vcpus(desk, provider, told.get(code))


def _check_vcpus(desk: Desk, provider: Provider, vcpus: float | None) -> None:
    name = f"{provider.word} vCPUs"
    if vcpus is None:
        desk.holds(name, f"not told; AWS's default is {quotas.FARGATE_VCPUS_DEFAULT} running at once")
    elif vcpus <= quotas.FARGATE_VCPUS_DEFAULT:
        code = quota_codes.FARGATE_VCPUS[provider.word]
        mend = f"ask for more in Service Quotas: service fargate, quota {code}"
        desk.warns(name, f"{vcpus:g} running at once, which is little", mend)
    else:
        desk.holds(name, f"{vcpus:g} running at once")


def _rate(told: Mapping[str, float], name: str) -> tuple[float, float]:
    documented = quotas.ECS_BUCKETS[quotas.CLUSTER_RESOURCE_MODIFY]
    pair = [told[code] for code in quota_codes.CODES[name] if code in told]
    return (min(pair), max(pair)) if pair else (documented.rate_per_second, documented.burst)


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")  # noqa: PLR2004


def _found_and_mend(error: SettingsError) -> tuple[str, str]:
    """What is wrong, and after the last semicolon what to do: so our errors are written."""
    found, _, mend = str(error).rpartition("; ")
    return (found, mend) if found else (mend, "change the setting that it names")
