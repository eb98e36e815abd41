"""What CreateCapacityProvider refuses, and what DescribeCapacityProviders shows of what it took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.ecs.requirements import obtainable
from awsecs_async.local.wire import WireError
from tests.unit.local.estate import managed

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


async def test_a_provider_is_shown_as_it_was_made(ask: Ask) -> None:
    """A dispatcher reads requirements, storage, Spot and network back, whole."""
    made = managed(
        {"allowedInstanceTypes": ["m5.*"]},
        capacityOptionType="SPOT",
        storageConfiguration={"storageSizeGiB": 200},
    )
    await ask("CreateCapacityProvider", name="mi", cluster="local", managedInstancesProvider=made)
    (shown,) = (await ask("DescribeCapacityProviders", cluster="local", capacityProviders=["mi"]))[
        "capacityProviders"
    ]
    assert (shown["type"], shown["status"]) == ("MANAGED_INSTANCES", "ACTIVE")
    assert shown["cluster"].endswith(":cluster/local")
    assert shown["managedInstancesProvider"]["instanceLaunchTemplate"] == made["instanceLaunchTemplate"]


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({}, "needs infrastructureRoleArn"),
        ({"infrastructureRoleArn": "r"}, "needs instanceLaunchTemplate"),
        (managed(ec2InstanceProfileArn=""), "needs ec2InstanceProfileArn"),
        (managed(networkConfiguration={"subnets": []}), "needs subnets"),
        (managed(capacityOptionType="CHEAP"), "capacityOptionType is one of"),
        (managed(storageConfiguration={"storageSizeGiB": 29}), "30 to 16384"),
        ({**managed(), "infrastructureOptimization": {"scaleInAfter": 3601}}, "scaleInAfter"),
        (managed({"vCpuCount": {}}), "needs vCpuCount"),
        (managed({"memoryMiB": {"max": 1}}), "needs a min"),
        (managed({"allowedInstanceTypes": ["m5.*"], "excludedInstanceTypes": ["m5.large"]}), "either"),
        (managed({"allowedInstanceTypes": ["m5.*"] * 401}), "at most 400"),
        (managed({"bareMetal": "maybe"}), "bareMetal"),
        (managed({"allowedInstanceTypes": ["z9.*"]}), "No instance types satisfy the instance requirements"),
        (managed({"vCpuCount": {"min": 5000}}), "No instance types satisfy the instance requirements"),
    ],
)
async def test_providers_that_are_refused(ask: Ask, provider: Params, message: str) -> None:
    """Each rule refuses alone, and nothing is made."""
    with pytest.raises(WireError, match=message):
        await ask("CreateCapacityProvider", name="mi", cluster="local", managedInstancesProvider=provider)
    assert (await ask("DescribeCapacityProviders", capacityProviders=["mi"]))["capacityProviders"] == []


@pytest.mark.parametrize(
    ("requirements", "inside", "outside"),
    [
        (None, "t3.small", "g5.xlarge"),
        (None, "m5.large", "t3.micro"),
        ({"allowedInstanceTypes": ["g5.*", "c7i.large"]}, "g5.12xlarge", "c7i.xlarge"),
        ({"excludedInstanceTypes": ["m5*"]}, "m6i.large", "m5d.large"),
        ({"vCpuCount": {"min": 4, "max": 8}}, "c5.2xlarge", "c5.large"),
        ({"memoryMiB": {"min": 0, "max": 4096}}, "c5.large", "m5.large"),
        ({"memoryGiBPerVCpu": {"min": 8}}, "r5.large", "m5.large"),
        ({"localStorage": "required"}, "m5d.large", "m5.large"),
        ({"burstablePerformance": "required"}, "t3.small", "m5.large"),
        ({"vCpuCount": {"min": 2}}, "m5.large", "t3.small"),
        ({"bareMetal": "required"}, "m5.metal", "m5.large"),
        ({"acceleratorNames": ["t4"]}, "g4dn.xlarge", "g5.xlarge"),
        ({"acceleratorCount": {"min": 4}}, "g5.12xlarge", "g5.xlarge"),
        ({"acceleratorTypes": ["gpu"]}, "g5.xlarge", "inf2.xlarge"),
        ({"acceleratorTypes": ["inference"]}, "inf2.xlarge", "g5.xlarge"),
        ({"acceleratorManufacturers": ["nvidia"]}, "g5.xlarge", "g4ad.xlarge"),
    ],
)
def test_which_types_requirements_allow(requirements: Params | None, inside: str, outside: str) -> None:
    """Each requirement lets one type in and keeps a neighbour out."""
    names = {kind.name for kind in obtainable(requirements)}
    assert inside in names
    assert outside not in names
