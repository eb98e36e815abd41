"""What a target is found to have when it is opened."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.aws.network import NetworkDoor
from awsecs_async.aws.ports import Cluster
from awsecs_async.engine.providers import BARE_EC2
from awsecs_async.engine.survey import Survey, candidates, survey
from awsecs_async.errors import SettingsError
from awsecs_async.local.cloud import Cloud
from awsecs_async.model.placement import Kind, Provider
from awsecs_async.model.settings import Target
from awsecs_async.model.sighting import Arn
from awsecs_async.testing.neighbours import DEFAULT_VPC, Neighbours
from awsecs_async.testing.transport import InProcessTransport

MANAGED = Provider(name="mi", kind=Kind.MANAGED_INSTANCES)
SPOT = Provider(name="mi-spot", kind=Kind.MANAGED_INSTANCES, is_spot=True)
FARGATE = Provider(name="FARGATE", kind=Kind.FARGATE)
ASG = Provider(name="asg", kind=Kind.EC2)


def cluster_of(*providers: Provider, default: tuple[str, ...] = ()) -> Cluster:
    """A cluster with these."""
    return Cluster(arn=Arn("c"), name="c", providers=providers, default=default)


def target_of(**fields: Any) -> Target:  # noqa: ANN401
    """A target with these fields."""
    return Target(cluster="c", region="us-east-1", **fields)


async def found(target: Target, *providers: Provider, neighbours: Neighbours | None = None) -> Survey:
    """What a survey of it finds."""
    transport = InProcessTransport(Cloud(), region="us-east-1", neighbours=neighbours or Neighbours())
    return await survey(target, cluster_of(*providers), NetworkDoor(transport))


def test_without_a_choice_the_cluster_must_have_managed_instances() -> None:
    """FR-016: a cluster of Fargate alone is refused at the start, naming the setting that allows it."""
    with pytest.raises(SettingsError, match=r"no Managed Instances .*\(it has FARGATE\).*capacityProviders"):
        candidates(target_of(), cluster_of(FARGATE))
    with pytest.raises(SettingsError, match="it has no capacity provider"):
        candidates(target_of(), cluster_of())
    assert candidates(target_of(), cluster_of(FARGATE, MANAGED)) == (MANAGED,)
    assert candidates(target_of(), cluster_of(MANAGED, FARGATE, default=("FARGATE",))) == (FARGATE,)


def test_named_providers_are_taken_in_their_order() -> None:
    """Whoever names capacity has it, of any kind, in the order that was named."""
    cluster = cluster_of(MANAGED, SPOT, FARGATE)
    wanted = target_of(capacity_providers=("mi-spot", "FARGATE", "EC2"))
    assert candidates(wanted, cluster) == (SPOT, FARGATE, BARE_EC2)
    with pytest.raises(SettingsError, match="'gone', but cluster c has mi, mi-spot, FARGATE"):
        candidates(target_of(capacity_providers=("gone",)), cluster)


def test_fargate_needs_not_be_attached() -> None:
    """Every cluster runs Fargate by launch type; only its spot is a provider that must be attached."""
    (bare,) = candidates(target_of(capacity_providers=("FARGATE",)), cluster_of())
    assert (bare.name, bare.kind, bare.word) == (None, Kind.FARGATE, "FARGATE")
    assert candidates(target_of(capacity_providers=("FARGATE",)), cluster_of(FARGATE)) == (FARGATE,)
    with pytest.raises(SettingsError, match="FARGATE_SPOT"):
        candidates(target_of(capacity_providers=("FARGATE_SPOT",)), cluster_of())


async def test_the_default_vpc_gives_subnets_and_group() -> None:
    """FR-024, FR-025: who sets no subnets has those of the default VPC, and its default security group."""
    network = (await found(target_of(network_mode="awsvpc"), MANAGED)).default_network
    assert network is not None
    assert len(network.subnets) == 2
    assert len(network.security_groups) == 1


@pytest.mark.parametrize("neighbour", ["none", "denied"])
async def test_without_a_default_vpc_the_setting_is_named(neighbour: str) -> None:
    """FR-024: no default VPC, or none that may be asked for, is refused at the start."""
    neighbours = Neighbours()
    if neighbour == "none":
        neighbours.vpcs.clear()
    else:
        neighbours.deny("ec2")
    said = "no default VPC" if neighbour == "none" else "could not be asked for"
    with pytest.raises(SettingsError, match=rf"subnets: .*{said}.*subnets = "):
        await found(target_of(capacity_providers=("FARGATE",)), FARGATE, neighbours=neighbours)


async def test_host_networking_asks_for_nothing() -> None:
    """Managed Instances in host mode need no subnets, so EC2 is not asked for any."""
    neighbours = Neighbours()
    assert await found(target_of(), MANAGED, neighbours=neighbours) == Survey()
    assert neighbours.asked == []


async def test_fargate_of_the_cluster_has_a_network_for_who_names_it() -> None:
    """The default VPC is found for tasks that name Fargate themselves; without one nothing is refused."""
    network = (await found(target_of(), MANAGED, FARGATE)).default_network
    assert network is not None
    neighbours = Neighbours()
    neighbours.vpcs.clear()
    assert await found(target_of(), MANAGED, FARGATE, neighbours=neighbours) == Survey()


async def test_subnets_elsewhere_need_their_groups_named() -> None:
    """FR-025: the default VPC's group would not fit subnets of another VPC."""
    neighbours = Neighbours()
    (own,) = neighbours.vpcs.add("vpc-own", zones=("us-east-1a",))
    with pytest.raises(SettingsError, match=rf"securityGroups: .*vpc-own.*{DEFAULT_VPC}.*securityGroups = "):
        await found(target_of(subnets=(own.id,)), MANAGED, neighbours=neighbours)


async def test_managed_instances_and_their_tasks_share_a_vpc() -> None:
    """On Managed Instances subnets of another VPC than the provider's are refused with both named."""
    neighbours = Neighbours()
    (own,) = neighbours.vpcs.add("vpc-own", zones=("us-east-1a",))
    far = Provider(name="far", kind=Kind.MANAGED_INSTANCES, subnets=(own.id,))
    wanted = target_of(network_mode="awsvpc", capacity_providers=("far",))
    with pytest.raises(SettingsError, match=rf"vpc-own.*{DEFAULT_VPC}.*set subnets"):
        await found(wanted, far, neighbours=neighbours)
    both = target_of(network_mode="awsvpc", capacity_providers=("far", "FARGATE"))
    assert list((await found(both, far, FARGATE, neighbours=neighbours)).unfit) == ["far"]


async def test_unknown_subnets_are_refused() -> None:
    """A mistyped subnet is found when the dispatcher opens, not by the first task."""
    with pytest.raises(SettingsError, match=r"subnets: .*subnet-0bad"):
        await found(target_of(subnets=("subnet-0bad",)), MANAGED)


async def test_a_provider_that_is_not_active_is_unfit() -> None:
    """A provider that is being deleted is passed over; without another nothing opens."""
    gone = Provider(name="gone", kind=Kind.MANAGED_INSTANCES, status="DEPROVISIONING")
    both = target_of(capacity_providers=("gone", "mi"))
    assert (await found(both, gone, MANAGED)).unfit == {"gone": "it is DEPROVISIONING, not ACTIVE"}
    with pytest.raises(SettingsError, match="no capacity provider of cluster c can be used: gone"):
        await found(target_of(capacity_providers=("gone",)), gone)
