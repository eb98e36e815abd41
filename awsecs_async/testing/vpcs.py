"""EC2's networks, as far as a dispatcher asks about them: VPCs, subnets and security groups in memory.

    vpcs.add("vpc-2", zones=("us-east-1a",))     # a VPC with a subnet in each zone, and its default group

Answers and errors are in EC2's words. An id that does not exist is refused by itself, as EC2 does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from awsecs_async.aws.ports import SecurityGroup, Subnet
from awsecs_async.local.wire import Wire, WireError

T = TypeVar("T")


class Vpcs:
    """The VPCs of an account and region. The state is three dictionaries, open to tests."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.default: str | None = None
        self.subnets: dict[str, Subnet] = {}
        self.groups: dict[str, SecurityGroup] = {}

    def __repr__(self) -> str:
        return f"<Vpcs {', '.join(self.ids) or 'none'}>"

    def add(
        self, vpc: str, *, zones: Sequence[str] = ("us-east-1a", "us-east-1b"), is_default: bool = False
    ) -> Sequence[Subnet]:
        """A VPC with a subnet in each of these zones; the subnets, whose ids are made from its own."""
        self.ids.append(vpc)
        if is_default:
            self.default = vpc
        name = vpc.removeprefix("vpc-")
        made = [
            Subnet(id=f"subnet-{name}{number}", vpc=vpc, zone=zone, is_default_for_zone=is_default)
            for number, zone in enumerate(zones)
        ]
        self.subnets |= {subnet.id: subnet for subnet in made}
        self.add_group(SecurityGroup(id=f"sg-{name}", name="default", vpc=vpc))
        return made

    def add_group(self, group: SecurityGroup) -> None:
        """One more security group."""
        self.groups[group.id] = group

    def clear(self) -> None:
        """An account without a network."""
        self.__init__()  # type: ignore[misc]

    # --- EC2's operations ----------------------------------------------------------------------

    def describe_vpcs(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_DescribeVpcs."""
        vpcs = [{"VpcId": vpc, "IsDefault": vpc == self.default} for vpc in self.ids]
        return _answered("Vpcs", vpcs, params, {"is-default": lambda vpc: str(vpc["IsDefault"]).lower()})

    def describe_subnets(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_DescribeSubnets."""
        ids = params.get("SubnetIds")
        shown = [_shown(subnet) for subnet in _known("subnet ID", "InvalidSubnetID", self.subnets, ids)]
        return _answered("Subnets", shown, params, {"vpc-id": lambda subnet: str(subnet["VpcId"])})

    def describe_security_groups(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_DescribeSecurityGroups."""
        groups = _known("security group", "InvalidGroup", self.groups, params.get("GroupIds"))
        shown = [{"GroupId": each.id, "GroupName": each.name, "VpcId": each.vpc} for each in groups]
        filters = {
            "vpc-id": lambda group: str(group["VpcId"]),
            "group-name": lambda group: str(group["GroupName"]),
        }
        return _answered("SecurityGroups", shown, params, filters)


def _shown(subnet: Subnet) -> Wire:
    return {
        "SubnetId": subnet.id,
        "VpcId": subnet.vpc,
        "AvailabilityZone": subnet.zone,
        "DefaultForAz": subnet.is_default_for_zone,
    }


def _known(what: str, code: str, known: Mapping[str, T], ids: Iterable[str] | None) -> list[T]:
    if ids is None:
        return list(known.values())
    for each in ids:
        if each not in known:
            raise WireError(f"{code}.NotFound", f"The {what} '{each}' does not exist")
    return [known[each] for each in ids]


def _answered(
    member: str, found: list[Wire], params: Mapping[str, Any], filters: Mapping[str, Callable[[Wire], str]]
) -> Wire:
    """What the filters let through, a page of it where pages are asked for."""
    for each in params.get("Filters", ()):
        told = filters[each["Name"]]
        found = [item for item in found if told(item) in each["Values"]]
    start = int(params.get("NextToken", 0))
    end = start + params.get("MaxResults", len(found))
    page: Wire = {member: found[start:end]} if found[start:end] else {}
    return page | {"NextToken": str(end)} if end < len(found) else page
