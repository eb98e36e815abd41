"""Networks: the task's own, else its target's, else what its provider or account has."""

from __future__ import annotations

import dataclasses

from awsecs_async.model.network import Awsvpc
from tests.unit.engine.placing import EC2, FARGATE, MANAGED, place, refusal, station_of


def test_the_network_follows_from_kind_and_subnets() -> None:
    """Fargate must have awsvpc; others have it where there are subnets, or what the settings say."""
    assert place(station_of(FARGATE)).network_mode == "awsvpc"
    assert place(station_of(MANAGED)).network_mode == "awsvpc"
    assert place(station_of(MANAGED, subnets=())).network_mode == "host"
    assert place(station_of(EC2, network_mode="bridge")).network_mode == "bridge"
    assert place(station_of(MANAGED, network_mode="host")).network is None


def test_the_setting_is_for_those_who_have_a_choice() -> None:
    """A target may have Fargate beside Managed Instances in host mode; a task that says host may not."""
    assert place(station_of(FARGATE, network_mode="host")).network_mode == "awsvpc"
    said = "network: Fargate has awsvpc only, not host; leave the mode out"
    assert refusal(station_of(FARGATE), network="host") == said
    assert refusal(station_of(MANAGED, network_mode="bridge")).startswith(
        "networkMode: Managed Instances have "
    )
    assert refusal(station_of(MANAGED), network="bridge").startswith(
        "network: Managed Instances have awsvpc and"
    )


def test_the_tasks_own_network_goes_first() -> None:
    """Its subnets and groups instead of the target's; each on its own."""
    station = station_of(FARGATE, security_groups=("sg-1",))
    placed = place(station, network={"subnets": ["subnet-9"]})
    assert placed.network == Awsvpc(subnets=("subnet-9",), security_groups=("sg-1",), assign_public_ip=True)
    placed = place(station, network={"security_groups": ["sg-9"], "assign_public_ip": False})
    assert placed.network == Awsvpc(subnets=("subnet-1",), security_groups=("sg-9",), assign_public_ip=False)


def test_where_nobody_names_subnets_those_found_stand_in() -> None:
    """The default VPC's with their group; without any, those of the Managed Instances themselves."""
    station = station_of(FARGATE, subnets=())
    assert refusal(station).startswith("subnets: awsvpc networking needs them; set subnets = ")
    station.default_network = Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))
    found = place(station).network
    assert found == Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",), assign_public_ip=True)
    own = dataclasses.replace(MANAGED, subnets=("subnet-8",), security_groups=("sg-8",))
    station = station_of(own, subnets=(), network_mode="awsvpc")
    assert place(station).network == Awsvpc(subnets=("subnet-8",), security_groups=("sg-8",))
    station = station_of(own, subnets=(), network_mode="awsvpc")
    station.default_network = Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))
    assert place(station).network == Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))


def test_who_alone_asks_for_awsvpc_is_in_the_instances_own_vpc() -> None:
    """The default VPC was found for Fargate's sake, and may not be that of the Managed Instances."""
    own = dataclasses.replace(MANAGED, subnets=("subnet-8",), security_groups=("sg-8",))
    station = station_of(own, subnets=())
    station.default_network = Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))
    placed = place(station, network="awsvpc")
    assert placed.network == Awsvpc(subnets=("subnet-8",), security_groups=("sg-8",))
    station = station_of(EC2, subnets=())
    station.default_network = Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))
    placed = place(station, network="awsvpc")
    assert placed.network == Awsvpc(subnets=("subnet-7",), security_groups=("sg-7",))


def test_found_groups_go_only_with_found_subnets() -> None:
    """A group belongs to a VPC: with subnets of one's own, AWS takes the default group of theirs."""
    own = dataclasses.replace(MANAGED, subnets=("subnet-8",), security_groups=("sg-8",))
    assert place(station_of(own)).network == Awsvpc(subnets=("subnet-1",))


def test_only_fargate_assigns_public_addresses() -> None:
    """The setting is for Fargate alone; a task that insists elsewhere is refused."""
    placed = place(station_of(MANAGED, assign_public_ip=True))
    assert placed.network is not None
    assert placed.network.assign_public_ip is None
    said = "network: only Fargate assigns public addresses, not mi; leave it out"
    assert refusal(station_of(MANAGED), network={"assign_public_ip": True}) == said
