"""What the ports beside ECS promise, over the fakes in process and over moto behind HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.network import NetworkDoor
from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.aws.ports import BODY_MAX_BYTES, Bucket, Role, Transport
from awsecs_async.aws.roles import RolesDoor
from awsecs_async.aws.session import Session
from awsecs_async.errors import RequestRefused
from awsecs_async.model.s3 import S3Url
from awsecs_async.testing.neighbours import Neighbours
from tests.contract.neighbourhood import Faked, Motos, Neighbourhood, emptied, in_process, motos_server

WORK = S3Url.parse("s3://work/a b/\u00fc+%25?#&.txt")
Account = tuple[Transport, Neighbourhood]


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """One server for all of them: it takes seconds to start."""
    pytest.importorskip("moto", reason="moto is an extra: pip install awsecs-async[local]")
    pytest.importorskip("flask", reason="moto's server needs flask: pip install awsecs-async[local]")
    with motos_server() as url:
        yield url


@pytest_asyncio.fixture(params=["in-process", "http"])
async def account(request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    """An account as AWS makes it, each way, and the hand that puts things into it."""
    if request.param == "in-process":
        neighbours = Neighbours()
        yield in_process(neighbours), Faked(neighbours)
        return
    url = emptied(request.getfixturevalue("moto"))
    async with Session(region="us-east-1", endpoint_url=url) as session:
        yield session, Motos(session)


@pytest.fixture
def network(account: Account) -> NetworkDoor:
    """EC2's networks, each way."""
    return NetworkDoor(account[0])


@pytest.fixture
def objects(account: Account) -> ObjectsDoor:
    """S3, each way."""
    return ObjectsDoor(account[0])


async def test_default_network(network: NetworkDoor) -> None:
    """Without a setting tasks go to the default VPC: its subnets and its default group are found."""
    vpc = await network.default_vpc()
    assert vpc is not None
    subnets = await network.subnets_of(vpc)
    assert len({subnet.zone for subnet in subnets}) == len(subnets) >= 2
    assert all(subnet.vpc == vpc and subnet.is_default_for_zone for subnet in subnets)
    assert [subnet.zone for subnet in subnets] == sorted(subnet.zone for subnet in subnets)
    group = await network.default_security_group(vpc)
    assert group is not None
    assert (group.name, group.vpc) == ("default", vpc)
    assert await network.security_groups([group.id]) == [group]


async def test_networks_are_told_apart(network: NetworkDoor, account: Account) -> None:
    """What belongs to another VPC is not found in this one, and every subnet says whose it is."""
    default = await network.default_vpc()
    other = await account[1].add_vpc(["us-east-1b", "us-east-1a"])
    assert await network.default_vpc() == default != other
    subnets = await network.subnets_of(other)
    assert [(s.zone, s.vpc, s.is_default_for_zone) for s in subnets] == [
        ("us-east-1a", other, False),
        ("us-east-1b", other, False),
    ]
    assert await network.subnets([subnets[1].id, subnets[0].id]) == [subnets[1], subnets[0]]
    group = await network.default_security_group(other)
    assert group is not None
    assert group.vpc == other


async def test_absent_networks(network: NetworkDoor) -> None:
    """An id that does not exist is refused by name; a VPC without anything in it has nothing."""
    with pytest.raises(RequestRefused, match="subnet-0abc") as caught:
        await network.subnets(["subnet-0abc"])
    assert caught.value.code == "InvalidSubnetID.NotFound"
    with pytest.raises(RequestRefused, match="sg-0abc") as caught:
        await network.security_groups(["sg-0abc"])
    assert caught.value.code == "InvalidGroup.NotFound"
    assert await network.subnets_of("vpc-0abc") == []
    assert await network.default_security_group("vpc-0abc") is None
    assert await network.subnets([]) == []
    assert await network.security_groups([]) == []


async def test_roles(account: Account) -> None:
    """A role is found by ARN or name with whom it trusts; one that the account lacks is None."""
    transport, hand = account
    roles = RolesDoor(transport)
    arn = await hand.add_role("runner", ["ecs-tasks.amazonaws.com"])
    both = await hand.add_role("both", ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"])
    found = await roles.role(arn)
    assert found is not None
    assert found == Role(name="runner", arn=arn, trusts=frozenset({"ecs-tasks.amazonaws.com"}))
    assert await roles.role("runner") == found
    other = await roles.role(both)
    assert other is not None
    assert other.trusts == {"ecs.amazonaws.com", "ecs-tasks.amazonaws.com"}
    assert await roles.role("arn:aws:iam::000000000000:role/nobody") is None
    assert await roles.role("arn:aws:iam::999999999999:role/runner") is None
    assert await roles.role("arn:aws:iam::000000000000:user/runner") is None


async def test_identity(account: Account) -> None:
    """Whose credentials these are is told: the account's digits, and an ARN of that account."""
    identity = await AccountDoor(account[0]).identity()
    assert identity.account.isdigit()
    assert len(identity.account) == 12
    assert f":{identity.account}:" in identity.arn


async def test_objects(objects: ObjectsDoor, account: Account) -> None:
    """What is put is got back, byte for byte and under awkward keys, until it is deleted."""
    await account[1].add_bucket("work")
    data = bytes(range(256)) * 16
    assert not await objects.exists(WORK)
    await objects.put(WORK, data, content_type="text/plain")
    assert await objects.exists(WORK)
    assert await objects.get(WORK) == data
    await objects.put(WORK, b"")
    assert await objects.get(WORK) == b""
    await objects.delete(WORK)
    await objects.delete(WORK)
    assert not await objects.exists(WORK)
    with pytest.raises(RequestRefused) as caught:
        await objects.get(WORK)
    assert caught.value.code == "NoSuchKey"


async def test_large_objects_are_not_read(objects: ObjectsDoor, account: Account) -> None:
    """However large an object is, no more than was agreed is held in memory."""
    await account[1].add_bucket("work")
    await objects.put(WORK, b"x" * BODY_MAX_BYTES)
    assert len(await objects.get(WORK)) == BODY_MAX_BYTES
    with pytest.raises(RequestRefused, match="1,048,576 bytes, of at most 10") as caught:
        await objects.get(WORK, most=10)
    assert caught.value.code == "EntityTooLarge"
    await objects.put(WORK, b"x" * (BODY_MAX_BYTES + 1))
    with pytest.raises(RequestRefused, match="1,048,577 bytes"):
        await objects.get(WORK)
    await objects.delete(WORK)


async def test_buckets(objects: ObjectsDoor, account: Account) -> None:
    """A bucket says where it is; without one every way to it says so."""
    await account[1].add_bucket("work")
    assert await objects.bucket("work") == Bucket(name="work", region="us-east-1")
    nowhere = S3Url.parse("s3://nowhere/key")
    for call in (objects.get(nowhere), objects.put(nowhere, b""), objects.bucket("nowhere")):
        with pytest.raises(RequestRefused) as caught:
            await call
        assert caught.value.code == "NoSuchBucket"
    assert not await objects.exists(nowhere)
