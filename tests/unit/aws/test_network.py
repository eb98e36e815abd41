"""EC2's networks in our words: pages, order, and what is asked."""

from __future__ import annotations

import pytest

from awsecs_async.aws.network import NetworkDoor
from awsecs_async.aws.ports import SecurityGroup, Subnet
from awsecs_async.errors import RequestRefused
from tests.unit.aws.scripted import Scripted, Wire


def subnet(name: str, zone: str = "us-east-1a", **more: object) -> Wire:
    """A subnet on the wire."""
    return {"SubnetId": name, "VpcId": "vpc-1", "AvailabilityZone": zone, **more}


async def test_all_pages_are_read() -> None:
    """A VPC of many subnets is known whole, in an order that does not depend on EC2's."""

    def answer(_: str, params: Wire) -> Wire:
        if "NextToken" in params:
            return {"Subnets": [subnet("subnet-3"), subnet("subnet-1", DefaultForAz=True)]}
        return {"Subnets": [subnet("subnet-2", "us-east-1b")], "NextToken": "2"}

    transport = Scripted(answer)
    assert await NetworkDoor(transport).subnets_of("vpc-1") == [
        Subnet(id="subnet-1", vpc="vpc-1", zone="us-east-1a", is_default_for_zone=True),
        Subnet(id="subnet-3", vpc="vpc-1", zone="us-east-1a"),
        Subnet(id="subnet-2", vpc="vpc-1", zone="us-east-1b"),
    ]
    filters = [{"Name": "vpc-id", "Values": ["vpc-1"]}]
    assert [(p["Filters"], p.get("NextToken")) for _, _, p in transport.asked] == [
        (filters, None),
        (filters, "2"),
    ]


async def test_an_empty_page_is_not_the_end() -> None:
    """A filter may leave a page empty; only the absence of a token ends the reading."""

    def answer(_: str, params: Wire) -> Wire:
        return {"Vpcs": [{"VpcId": "vpc-1"}]} if "NextToken" in params else {"NextToken": "2"}

    assert await NetworkDoor(Scripted(answer)).default_vpc() == "vpc-1"
    assert await NetworkDoor(Scripted(lambda *_: {})).default_vpc() is None


async def test_nothing_is_asked_for_nothing() -> None:
    """An empty list of ids, which EC2 takes for all of them, is not sent."""
    transport = Scripted(lambda *_: {})
    door = NetworkDoor(transport)
    assert (await door.subnets([]), await door.security_groups([])) == ([], [])
    assert transport.asked == []


async def test_what_is_missing_is_named() -> None:
    """An endpoint that leaves unknown ids out, where EC2 refuses, misleads nobody."""
    groups = [{"GroupId": "sg-1", "GroupName": "default", "VpcId": "vpc-1"}]
    door = NetworkDoor(Scripted(lambda *_: {"SecurityGroups": groups}))
    assert (
        await door.security_groups(["sg-1", "sg-1"])
        == [SecurityGroup(id="sg-1", name="default", vpc="vpc-1")] * 2
    )
    with pytest.raises(RequestRefused, match="sg-2, sg-3"):
        await door.security_groups(["sg-1", "sg-2", "sg-3"])
