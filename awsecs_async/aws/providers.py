"""Capacity providers in our words: what kind each is, and what a Managed Instances one may launch.

What AWS leaves out is left open here too: a provider of which little is told may launch anything, and
whoever places tasks refuses none on a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from awsecs_async.model.placement import InstanceRequirements, Kind, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FARGATE: Final = {
    "FARGATE": Provider(name="FARGATE", kind=Kind.FARGATE),
    "FARGATE_SPOT": Provider(name="FARGATE_SPOT", kind=Kind.FARGATE, is_spot=True),
}
"""AWS's own two, by name; they need not be asked about."""


def provider_of(provider: Mapping[str, Any]) -> Provider:
    """AWS: API_CapacityProvider. ``type`` is recent; the member that describes the capacity is not."""
    name, status = provider["name"], provider.get("status", "ACTIVE")
    managed = provider.get("managedInstancesProvider")
    if managed is None and provider.get("type") != "MANAGED_INSTANCES":
        return Provider(name=name, kind=Kind.EC2, status=status)
    template = (managed or {}).get("instanceLaunchTemplate") or {}
    network = template.get("networkConfiguration") or {}
    wanted = template.get("instanceRequirements")
    return Provider(
        name=name,
        kind=Kind.MANAGED_INSTANCES,
        is_spot=template.get("capacityOptionType") == "SPOT",
        status=status,
        requirements=_requirements_of(wanted) if wanted else None,
        storage_gib=(template.get("storageConfiguration") or {}).get("storageSizeGiB"),
        uses_local_storage=(template.get("localStorageConfiguration") or {}).get("useLocalStorage", False),
        subnets=tuple(network.get("subnets", ())),
        security_groups=tuple(network.get("securityGroups", ())),
    )


def _requirements_of(wanted: Mapping[str, Any]) -> InstanceRequirements:
    """AWS: API_InstanceRequirementsRequest."""
    accelerators = wanted.get("acceleratorCount")
    return InstanceRequirements(
        vcpus=_range(wanted.get("vCpuCount") or {}),
        memory_mib=_range(wanted.get("memoryMiB") or {}),
        allowed=tuple(wanted.get("allowedInstanceTypes", ())),
        excluded=tuple(wanted.get("excludedInstanceTypes", ())),
        accelerator_names=tuple(wanted.get("acceleratorNames", ())),
        accelerator_types=tuple(wanted.get("acceleratorTypes", ())),
        accelerator_count=None if accelerators is None else _range(accelerators),
    )


def _range(told: Mapping[str, int]) -> tuple[int, int | None]:
    return told.get("min", 0), told.get("max")


def by_preference(strategy: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """A default strategy as an order: a base is filled first, then more weight goes first."""
    ranked = sorted(strategy, key=lambda item: (-item.get("base", 0), -item.get("weight", 0)))
    return tuple(item["capacityProvider"] for item in ranked)
