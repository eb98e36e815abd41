"""VPCs, subnets and security groups in our words, over any transport. The operations are EC2's.

EC2 names the first id that it does not know and says nothing of the rest, so one refusal at a time is all
that a caller gets. Lists of ids are answered whole; lists by filter come in pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from awsecs_async.aws.ports import SecurityGroup, Subnet
from awsecs_async.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from awsecs_async.aws.ports import Transport

T = TypeVar("T", Subnet, SecurityGroup)

PAGE_MAX: Final = 200  # of at most 1000 (AWS: API_DescribeSubnets, MaxResults)


class NetworkDoor:
    """``ports.Network`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<NetworkDoor over {self._transport!r}>"

    async def default_vpc(self) -> str | None:
        """DescribeVpcs: the id of the default VPC, or None if the region has none."""
        found = [
            each["VpcId"] async for each in self._listed("DescribeVpcs", "Vpcs", **{"is-default": "true"})
        ]
        return found[0] if found else None

    async def subnets(self, ids: Sequence[str]) -> Sequence[Subnet]:
        """DescribeSubnets: these, in this order. Raises RequestRefused that names one that does not exist."""
        if not ids:
            return []  # an empty list would ask for all
        answer = await self._ask("DescribeSubnets", SubnetIds=list(ids))
        return _in_order("DescribeSubnets", ids, answer.get("Subnets", ()), _subnet_of)

    async def subnets_of(self, vpc: str) -> Sequence[Subnet]:
        """DescribeSubnets: all of a VPC's, by zone and id; none for a VPC that does not exist."""
        pages = self._listed("DescribeSubnets", "Subnets", **{"vpc-id": vpc})
        return sorted([_subnet_of(each) async for each in pages], key=lambda subnet: (subnet.zone, subnet.id))

    async def security_groups(self, ids: Sequence[str]) -> Sequence[SecurityGroup]:
        """DescribeSecurityGroups: these, in this order. Raises RequestRefused as ``subnets`` does."""
        if not ids:
            return []
        answer = await self._ask("DescribeSecurityGroups", GroupIds=list(ids))
        return _in_order("DescribeSecurityGroups", ids, answer.get("SecurityGroups", ()), _group_of)

    async def default_security_group(self, vpc: str) -> SecurityGroup | None:
        """DescribeSecurityGroups: the one that AWS made with the VPC, or None for no such VPC."""
        filters = {"vpc-id": vpc, "group-name": "default"}
        pages = self._listed("DescribeSecurityGroups", "SecurityGroups", **filters)
        found = [_group_of(each) async for each in pages]
        return found[0] if found else None

    async def _listed(self, operation: str, member: str, **filters: str) -> AsyncIterator[dict[str, Any]]:
        params: dict[str, Any] = {
            "Filters": [{"Name": name, "Values": [value]} for name, value in filters.items()],
            "MaxResults": PAGE_MAX,
        }
        while True:
            page = await self._ask(operation, **params)
            for each in page.get(member, ()):
                yield each
            if not (token := page.get("NextToken")):
                return
            params["NextToken"] = token

    async def _ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self._transport.ask("ec2", operation, params)


def _in_order(
    operation: str,
    ids: Sequence[str],
    found: Sequence[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], T],
) -> list[T]:
    """What was found, in the order asked for; EC2 itself refuses unknown ids, other endpoints may not."""
    by_id = {value.id: value for value in map(read, found)}
    if absent := [each for each in ids if each not in by_id]:
        raise RequestRefused("NotFound", f"{', '.join(absent)}: does not exist", operation=operation)
    return [by_id[each] for each in ids]


def _subnet_of(subnet: Mapping[str, Any]) -> Subnet:
    return Subnet(
        id=subnet["SubnetId"],
        vpc=subnet["VpcId"],
        zone=subnet["AvailabilityZone"],
        is_default_for_zone=subnet.get("DefaultForAz", False),
    )


def _group_of(group: Mapping[str, Any]) -> SecurityGroup:
    return SecurityGroup(id=group["GroupId"], name=group["GroupName"], vpc=group["VpcId"])
