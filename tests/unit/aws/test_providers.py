"""What capacity providers say of what they may launch."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from awsecs_async.aws.providers import by_preference, provider_of
from awsecs_async.model.placement import InstanceRequirements, Kind, Provider

FULL: dict[str, Any] = {
    "infrastructureRoleArn": "arn:aws:iam::1:role/infrastructure",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": "arn:aws:iam::1:instance-profile/p",
        "networkConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"]},
        "storageConfiguration": {"storageSizeGiB": 200},
        "localStorageConfiguration": {"useLocalStorage": True},
        "capacityOptionType": "SPOT",
        "instanceRequirements": {
            "vCpuCount": {"min": 2, "max": 64},
            "memoryMiB": {"min": 4096},
            "allowedInstanceTypes": ["g6.*"],
            "acceleratorNames": ["l4"],
            "acceleratorTypes": ["gpu"],
            "acceleratorCount": {"min": 1, "max": 4},
        },
    },
}


def test_all_that_is_told() -> None:
    """Whoever places a task knows the provider's machines, network and storage."""
    model = botocore.session.Session().get_service_model("ecs")
    shape = model.shape_for("CapacityProvider").members["managedInstancesProvider"]
    assert not ParamValidator().validate(FULL, shape).has_errors()
    told = {"name": "mi", "status": "DEPROVISIONING", "managedInstancesProvider": FULL}
    assert provider_of(told) == Provider(
        name="mi",
        kind=Kind.MANAGED_INSTANCES,
        is_spot=True,
        status="DEPROVISIONING",
        requirements=InstanceRequirements(
            vcpus=(2, 64),
            memory_mib=(4096, None),
            allowed=("g6.*",),
            accelerator_names=("l4",),
            accelerator_types=("gpu",),
            accelerator_count=(1, 4),
        ),
        storage_gib=200,
        uses_local_storage=True,
        subnets=("subnet-1", "subnet-2"),
        security_groups=("sg-1",),
    )


@pytest.mark.parametrize(
    "managed",
    [
        {},
        {"instanceLaunchTemplate": {}},
        {"instanceLaunchTemplate": {"instanceRequirements": {}, "networkConfiguration": {}}},
        {"instanceLaunchTemplate": {"storageConfiguration": None, "localStorageConfiguration": {}}},
    ],
)
def test_what_is_not_told_is_left_open(managed: dict[str, Any]) -> None:
    """A provider of which nothing is said may launch anything."""
    told = {"name": "mi", "managedInstancesProvider": managed}
    assert provider_of(told) == Provider(name="mi", kind=Kind.MANAGED_INSTANCES)


def test_excluded_and_unbounded() -> None:
    """An excluded type is known, and a range without an end has none."""
    wanted = {"excludedInstanceTypes": ["t3.*"], "vCpuCount": {"min": 1}, "acceleratorCount": {"max": 0}}
    template = {"instanceRequirements": wanted}
    provider = provider_of({"name": "mi", "managedInstancesProvider": {"instanceLaunchTemplate": template}})
    assert provider.requirements == InstanceRequirements(
        vcpus=(1, None), excluded=("t3.*",), accelerator_count=(0, 0)
    )


def test_kinds() -> None:
    """The type tells a Managed Instances provider even where its description is withheld."""
    assert provider_of({"name": "mi", "type": "MANAGED_INSTANCES"}).kind is Kind.MANAGED_INSTANCES
    assert provider_of({"name": "asg", "type": "EC2_AUTOSCALING"}).kind is Kind.EC2
    assert provider_of({"name": "asg", "autoScalingGroupProvider": {}}).kind is Kind.EC2


def test_preference() -> None:
    """A base is filled first, then the heavier goes first."""
    strategy = [
        {"capacityProvider": "a", "weight": 1},
        {"capacityProvider": "b", "weight": 9},
        {"capacityProvider": "c", "base": 1},
    ]
    assert by_preference(strategy) == ("c", "b", "a")
