"""The fakes beside ECS: what a test can do to them."""

from __future__ import annotations

import pytest

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.faults import could_not_ask
from awsecs_async.aws.network import NetworkDoor
from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.aws.ports import SecurityGroup
from awsecs_async.aws.roles import RolesDoor
from awsecs_async.errors import AwsFault, TargetBlocked
from awsecs_async.local.cloud import Cloud
from awsecs_async.model.s3 import S3Url
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.transport import InProcessTransport

WORK = S3Url.parse("s3://work/key")


def transport_to(neighbours: Neighbours) -> InProcessTransport:
    """The way to them."""
    return InProcessTransport(Cloud(), neighbours=neighbours)


async def test_each_service_can_be_off_or_denied() -> None:
    """A survey meets both in its tests, and can tell them from a bad answer."""
    neighbours = Neighbours()
    transport = transport_to(neighbours)
    neighbours.turn_off("iam")
    neighbours.deny("ec2")
    neighbours.deny("service-quotas")
    neighbours.deny("s3:HeadBucket")
    neighbours.buckets.add("work")
    for asked, code in (
        (RolesDoor(transport).role("r"), "UnknownOperationException"),
        (NetworkDoor(transport).default_vpc(), "UnauthorizedOperation"),
        (AccountDoor(transport).quotas("ecs"), "AccessDeniedException"),
        (ObjectsDoor(transport).bucket("work"), "AccessDenied"),
    ):
        with pytest.raises(TargetBlocked) as caught:
            await asked
        assert caught.value.code == code
        assert could_not_ask(caught.value)
    await ObjectsDoor(transport).put(WORK, b"data")
    assert neighbours.buckets.objects == {"s3://work/key": b"data"}
    assert neighbours.asked[-1] == ("s3", "PutObject")


async def test_an_account_can_be_set_up() -> None:
    """Quotas, networks and buckets are as the test put them."""
    neighbours = Neighbours(account="123456789012", region="eu-west-1")
    transport = transport_to(neighbours)
    network = NetworkDoor(transport)
    vpc = await network.default_vpc()
    assert vpc is not None
    assert [subnet.zone for subnet in await network.subnets_of(vpc)] == ["eu-west-1a", "eu-west-1b"]
    neighbours.vpcs.add_group(SecurityGroup(id="sg-1", name="mine", vpc=vpc))
    assert (await network.security_groups(["sg-1"]))[0].name == "mine"
    neighbours.vpcs.clear()
    assert await network.default_vpc() is None

    account = AccountDoor(transport)
    assert (await account.identity()).account == "123456789012"
    assert await account.quotas("ecs") == {}
    neighbours.quotas["ecs"] = {f"L-{number}": float(number) for number in range(250)}
    assert await account.quotas("ecs") == neighbours.quotas["ecs"]  # over three pages

    neighbours.buckets.add("far", "us-west-2")
    assert (await ObjectsDoor(transport).bucket("far")).region == "us-west-2"


async def test_what_no_fake_does_is_told() -> None:
    """A call that the fakes do not have fails as a fault of the test, not as an answer of AWS."""
    with pytest.raises(NotImplementedError, match="ec2:RunInstances") as caught:
        await transport_to(Neighbours()).ask("ec2", "RunInstances", {})
    assert not isinstance(caught.value, AwsFault)
