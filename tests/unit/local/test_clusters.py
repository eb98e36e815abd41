"""Clusters and capacity providers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]

MANAGED: Params = {
    "infrastructureRoleArn": "arn:aws:iam::000000000000:role/infra",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
        "networkConfiguration": {"subnets": ["subnet-1"]},
    },
}


async def test_a_new_cloud_is_furnished(ask: Ask) -> None:
    """A first task needs nothing made beforehand: cluster `local`, Managed Instances by default."""
    cluster = (await ask("DescribeClusters", clusters=["local"]))["clusters"][0]
    assert cluster["status"] == "ACTIVE"
    assert cluster["defaultCapacityProviderStrategy"][0]["capacityProvider"] == "local-managed-instances"
    assert set(cluster["capacityProviders"]) == {"FARGATE", "FARGATE_SPOT", "local-managed-instances"}


async def test_creating_a_cluster_again_returns_it(ask: Ask) -> None:
    """CreateCluster is idempotent, and does not wipe what was there."""
    await ask("CreateCluster", clusterName="mine", capacityProviders=["FARGATE"])
    again = (await ask("CreateCluster", clusterName="mine"))["cluster"]
    assert again["capacityProviders"] == ["FARGATE"]


async def test_counts_follow_the_tasks(ask: Ask, registered: str) -> None:
    """One cheap call tells whether anything has changed."""
    await ask("RunTask", count=3)

    async def counts() -> tuple[int, int]:
        shown = (await ask("DescribeClusters", clusters=["local"]))["clusters"][0]
        return shown["pendingTasksCount"], shown["runningTasksCount"]

    assert await counts() == (3, 0)
    await asyncio.sleep(0.5)
    assert await counts() == (0, 3)
    await asyncio.sleep(5)
    assert await counts() == (0, 0)


async def test_a_cluster_with_tasks_is_not_deleted(ask: Ask, registered: str) -> None:
    """And one that was deleted is not found, by whatever operation."""
    await ask("RunTask")
    with pytest.raises(WireError) as refusal:
        await ask("DeleteCluster", cluster="local")
    assert refusal.value.code == "ClusterContainsTasksException"
    await ask("DeleteCluster", cluster="default")
    for operation, params in (("ListTasks", {}), ("RunTask", {}), ("DescribeTasks", {"tasks": ["x"]})):
        with pytest.raises(WireError) as refusal:
            await ask(operation, cluster="default", **params)
        assert refusal.value.code == "ClusterNotFoundException"


async def test_managed_instances_providers_belong_to_a_cluster(ask: Ask, registered: str) -> None:
    """They are usable in their cluster at once, and nowhere else."""
    await ask("CreateCluster", clusterName="mine")
    await ask("CreateCapacityProvider", name="mi", cluster="mine", managedInstancesProvider=MANAGED)
    strategy = [{"capacityProvider": "mi", "weight": 1}]
    answer = await ask("RunTask", cluster="mine", capacityProviderStrategy=strategy)
    assert answer["tasks"][0]["capacityProviderName"] == "mi"
    with pytest.raises(WireError, match="not found on cluster"):
        await ask("RunTask", capacityProviderStrategy=strategy)
    with pytest.raises(WireError, match="of another cluster"):
        await ask(
            "PutClusterCapacityProviders",
            cluster="local",
            capacityProviders=["mi"],
            defaultCapacityProviderStrategy=[],
        )


async def test_managed_instances_are_described_only_by_name_or_cluster(ask: Ask) -> None:
    """A dispatcher that looks for them without naming its cluster does not find them."""
    plain = (await ask("DescribeCapacityProviders"))["capacityProviders"]
    assert {item["type"] for item in plain} == {"FARGATE", "FARGATE_SPOT"}
    own = (await ask("DescribeCapacityProviders", cluster="local"))["capacityProviders"]
    assert "MANAGED_INSTANCES" in {item["type"] for item in own}
    missing = await ask("DescribeCapacityProviders", capacityProviders=["local-managed-instances", "none"])
    assert len(missing["capacityProviders"]) == 1
    assert missing["failures"][0]["reason"] == "MISSING"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "fargate-x", "managedInstancesProvider": MANAGED, "cluster": "local"}, "must not begin"),
        ({"name": "x", "managedInstancesProvider": MANAGED}, "given its cluster"),
        ({"name": "x"}, "either"),
        (
            {"name": "local-managed-instances", "managedInstancesProvider": MANAGED, "cluster": "local"},
            "already exists",
        ),
    ],
)
async def test_providers_that_are_refused(ask: Ask, params: Params, message: str) -> None:
    """Names and shapes that ECS does not accept."""
    with pytest.raises(WireError, match=message):
        await ask("CreateCapacityProvider", **params)


async def test_a_deleted_provider_leaves_its_cluster(ask: Ask, registered: str) -> None:
    """The default strategy loses it too, so that the next launch does not name what is gone."""
    await ask("DeleteCapacityProvider", capacityProvider="local-managed-instances")
    cluster = (await ask("DescribeClusters", clusters=["local"]))["clusters"][0]
    assert cluster["defaultCapacityProviderStrategy"] == []


async def test_tags_come_and_go(ask: Ask, registered: str) -> None:
    """Tasks, clusters and definitions take tags; tasks of one call do not share them."""
    first, second = (await ask("RunTask", count=2, tags=[{"key": "a", "value": "1"}]))["tasks"]
    await ask("TagResource", resourceArn=first["taskArn"], tags=[{"key": "b", "value": "2"}])
    await ask("UntagResource", resourceArn=first["taskArn"], tagKeys=["a"])
    assert (await ask("ListTagsForResource", resourceArn=first["taskArn"]))["tags"] == [
        {"key": "b", "value": "2"}
    ]
    assert (await ask("ListTagsForResource", resourceArn=second["taskArn"]))["tags"] == [
        {"key": "a", "value": "1"}
    ]
    await ask("TagResource", resourceArn=registered, tags=[{"key": "c", "value": ""}])
    described = await ask("DescribeTaskDefinition", taskDefinition="job", include=["TAGS"])
    assert described["tags"] == [{"key": "c", "value": ""}]


async def test_what_is_not_done_is_said(ask: Ask) -> None:
    """An operation the local cloud lacks is refused by name, not silently accepted."""
    with pytest.raises(WireError, match="does not do ecs:CreateService") as refusal:
        await ask("CreateService", serviceName="x")
    assert refusal.value.code == "UnsupportedFeatureException"
