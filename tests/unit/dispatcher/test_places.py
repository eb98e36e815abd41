"""Machines, GPUs and disks, from a task's words to an instance that the cloud buys for it."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

ROLE = "arn:aws:iam::123456789012:role/ecsInfrastructure"
TYPES = ["c6i.*", "m5.*", "m7g.*", "g4dn.*", "g6f.*", "g6e.xlarge", "g6e.24xlarge"]
TARGET = Target(
    cluster="local", execution_role=ROLE, infrastructure_role=ROLE, capacity_providers=("machines",)
)
PROVIDER = {
    "name": "machines",
    "cluster": "local",
    "managedInstancesProvider": {
        "infrastructureRoleArn": "arn:aws:iam::000000000000:role/infra",
        "instanceLaunchTemplate": {
            "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
            "networkConfiguration": {"subnets": ["subnet-1"]},
            "instanceRequirements": {
                "vCpuCount": {"min": 1},
                "memoryMiB": {"min": 1},
                "allowedInstanceTypes": TYPES,
            },
        },
    },
}


@pytest.mark.parametrize(
    ("task", "types"),
    [
        ({"accelerator": "2 nvidia-tesla-t4"}, ("g4dn.12xlarge",)),
        ({"accelerator": 0.25}, ("g6f.2xlarge", "g6f.4xlarge")),
        ({"accelerator": "all l40s", "cpus": 4}, ("g6e.",)),
        ({"machine_type": "c6i.?xlarge"}, ("c6i.2xlarge", "c6i.4xlarge")),
        ({"machine_type": ["m5.4xlarge", "m7g"]}, ("m5.4xlarge",)),
        ({"machine_type": "m7g", "architecture": "arm64", "cpus": 8}, ("m7g.2xlarge",)),
        ({"memory": "15 GB", "machine_type": "m5.xlarge"}, ("m5.xlarge",)),
        ({"disk": "500 GB st1"}, ("c6i.", "m5.", "m7g.")),
        ({"disk": {"size": "1 TB", "iops": 9000, "throughput": 600}}, ("c6i.", "m5.", "m7g.")),
    ],
)
async def test_what_is_placed_is_bought_and_runs(task: dict[str, Any], types: tuple[str, ...]) -> None:
    """The local cloud reads the request by itself, and finds the machine that was meant."""
    async with TappedCloud() as cloud:
        await cloud.call("ecs", "CreateCapacityProvider", PROVIDER)
        async with rehearsal(cloud=cloud, targets=(TARGET,), start_timeout=60) as (dispatcher, _):
            submitted = await dispatcher.submit(command=["a"], container="busybox", **task)
            result = await submitted.result()
            assert result, result.reason
        bought = await machines(cloud)
    assert bought
    assert all(name.startswith(types) for name in bought), bought


async def machines(cloud: TappedCloud) -> list[str]:
    """The types of the instances that were bought."""
    listed = await cloud.call("ecs", "ListContainerInstances", {"cluster": "local"})
    asked = {"cluster": "local", "containerInstances": listed["containerInstanceArns"]}
    answer = await cloud.call("ecs", "DescribeContainerInstances", asked)
    return [
        attribute["value"]
        for instance in answer["containerInstances"]
        if instance.get("capacityProviderName") == PROVIDER["name"]
        for attribute in instance["attributes"]
        if attribute["name"] == "ecs.instance-type"
    ]
