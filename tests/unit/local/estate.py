"""What the tests of instances share: providers to launch on, tasks to launch, and how they fare."""

from __future__ import annotations

from typing import Any

from awsecs_async.local.cloud import Cloud

Params = dict[str, Any]
SUBNETS = ["subnet-1", "subnet-2"]


def managed(requirements: Params | None = None, **template: object) -> Params:
    """A managedInstancesProvider of these instanceRequirements."""
    wanted = {"vCpuCount": {"min": 1}, "memoryMiB": {"min": 0}, **(requirements or {})}
    return {
        "infrastructureRoleArn": "arn:aws:iam::000000000000:role/infra",
        "instanceLaunchTemplate": {
            "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
            "networkConfiguration": {"subnets": SUBNETS},
            **({"instanceRequirements": wanted} if requirements is not None else {}),
            **template,
        },
    }


async def provider(cloud: Cloud, name: str, requirements: Params | None = None, **template: object) -> str:
    """A Managed Instances provider of cluster `local`; its name."""
    request = {
        "name": name,
        "cluster": "local",
        "managedInstancesProvider": managed(requirements, **template),
    }
    await cloud.call("ecs", "CreateCapacityProvider", request)
    return name


async def run(cloud: Cloud, on: str | None = None, **params: object) -> list[str]:
    """Launch `job` on a provider, or however `params` say; the ARNs."""
    answer = await launched(cloud, on, **params)
    assert answer["failures"] == []
    return [str(task["taskArn"]) for task in answer["tasks"]]


async def launched(cloud: Cloud, on: str | None = None, **params: object) -> Params:
    """RunTask's answer for `job`."""
    if on is not None:
        params["capacityProviderStrategy"] = [{"capacityProvider": on, "weight": 1}]
    return await cloud.call("ecs", "RunTask", {"cluster": "local", "taskDefinition": "job", **params})


async def tasks(cloud: Cloud, *arns: str) -> list[Params]:
    """The tasks as DescribeTasks shows them."""
    found: list[Params] = (
        await cloud.call("ecs", "DescribeTasks", {"cluster": "local", "tasks": list(arns)})
    )["tasks"]
    return found


async def machine(cloud: Cloud, task: Params) -> Params:
    """The instance a task is on, as DescribeContainerInstances shows it."""
    request = {"cluster": "local", "containerInstances": [task["containerInstanceArn"]]}
    answer = await cloud.call("ecs", "DescribeContainerInstances", request)
    found: Params = answer["containerInstances"][0]
    return found


def attribute(instance: Params, name: str) -> str:
    """One attribute of an instance."""
    return next(str(item["value"]) for item in instance["attributes"] if item["name"] == name)


def remaining(instance: Params, name: str) -> object:
    """How much of a resource an instance has left."""
    (found,) = (item for item in instance["remainingResources"] if item["name"] == name)
    return found.get("integerValue", found.get("stringSetValue"))


def sized(cpu: str = "1024", memory: str = "2048", **more: object) -> Params:
    """Overrides of a task's size."""
    return {"overrides": {"cpu": cpu, "memory": memory, **more}}
