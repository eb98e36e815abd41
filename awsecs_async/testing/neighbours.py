"""The services beside ECS and Logs in this process: small, pure, and as a test wants them.

    neighbours = Neighbours()
    role = neighbours.add_role("runner", trusts=("ecs-tasks.amazonaws.com",))
    neighbours.buckets.add("work")
    neighbours.deny("iam")                       # AccessDenied, in IAM's words
    async with rehearsal(neighbours=neighbours) as (dispatcher, cloud): ...

A new one is an account as AWS makes it: a default VPC with a subnet in two zones and its default security
group, no role, no bucket, and nothing known to Service Quotas. What was asked is in `asked`, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from awsecs_async.aws.ports import Role
from awsecs_async.local.wire import Wire, WireError
from awsecs_async.testing.buckets import Buckets
from awsecs_async.testing.vpcs import Vpcs

DEFAULT_VPC: Final = "vpc-0d"

_DENIED_CODES: Final = {"ec2": "UnauthorizedOperation", "service-quotas": "AccessDeniedException"}


class Neighbours:
    """EC2's networks, IAM's roles, STS, Service Quotas and S3.

    The state is theirs (`vpcs`, `buckets`, `roles` by name, `quotas` by service and quota code), and which
    of them are off or denied.

    Args:
        account: The account that the credentials are of.
        region: The region that buckets are made in.
    """

    def __init__(self, *, account: str = "000000000000", region: str = "us-east-1") -> None:
        self.account = account
        self.vpcs = Vpcs()
        self.vpcs.add(DEFAULT_VPC, zones=(f"{region}a", f"{region}b"), is_default=True)
        self.buckets = Buckets(region)
        self.roles: dict[str, Role] = {}
        self.quotas: dict[str, dict[str, float]] = {}
        self.asked: list[tuple[str, str]] = []
        self._off: set[str] = set()
        self._denied: set[str] = set()

    def __repr__(self) -> str:
        return f"<Neighbours of {self.account}: {self.vpcs!r}, {self.buckets!r}, {len(self.roles)} roles>"

    def add_role(self, name: str, *, trusts: Sequence[str] = ()) -> str:
        """A role that these services may assume; its ARN."""
        arn = f"arn:aws:iam::{self.account}:role/{name}"
        self.roles[name] = Role(name=name, arn=arn, trusts=frozenset(trusts))
        return arn

    def turn_off(self, service: str) -> None:
        """From now on the endpoint has no such service; `service` is botocore's name of it, say `iam`."""
        self._off.add(service)

    def deny(self, what: str) -> None:
        """From now on a service (`s3`) or one operation (`s3:PutObject`) is denied."""
        self._denied.add(what)

    def answer(self, service: str, operation: str, params: Mapping[str, Any]) -> Wire:
        """The answer. Raises WireError as the service would, and NotImplementedError of what is not faked."""
        self.asked.append((service, operation))
        if service in self._off:
            raise WireError("UnknownOperationException", "", 404)
        if self._denied & {service, f"{service}:{operation}"}:
            raise self._denial(service, operation)
        perform = self._operations().get((service, operation))
        if perform is None:
            raise NotImplementedError(f"the neighbours do not do {service}:{operation}")
        return perform(params)

    def _denial(self, service: str, operation: str) -> WireError:
        if operation.startswith("Head"):
            return WireError("403", "Forbidden", 403)
        words = f"User: arn:aws:iam::{self.account}:user/tester is not authorized to perform: "
        return WireError(_DENIED_CODES.get(service, "AccessDenied"), f"{words}{service}:{operation}", 403)

    def _operations(self) -> dict[tuple[str, str], Callable[[Mapping[str, Any]], Wire]]:
        return {
            ("ec2", "DescribeVpcs"): self.vpcs.describe_vpcs,
            ("ec2", "DescribeSubnets"): self.vpcs.describe_subnets,
            ("ec2", "DescribeSecurityGroups"): self.vpcs.describe_security_groups,
            ("iam", "GetRole"): self._get_role,
            ("sts", "GetCallerIdentity"): self._get_caller_identity,
            ("service-quotas", "ListServiceQuotas"): self._list_service_quotas,
            ("s3", "PutObject"): self.buckets.put_object,
            ("s3", "GetObject"): self.buckets.get_object,
            ("s3", "DeleteObject"): self.buckets.delete_object,
            ("s3", "HeadObject"): self.buckets.head_object,
            ("s3", "HeadBucket"): self.buckets.head_bucket,
        }

    def _get_role(self, params: Mapping[str, Any]) -> Wire:
        role = self.roles.get(params["RoleName"])
        if role is None:
            words = f"The role with name {params['RoleName']} cannot be found."
            raise WireError("NoSuchEntity", words, 404)
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": sorted(role.trusts)},
            "Action": "sts:AssumeRole",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement] if role.trusts else []}
        return {"Role": {"RoleName": role.name, "Arn": role.arn, "AssumeRolePolicyDocument": policy}}

    def _get_caller_identity(self, _: Mapping[str, Any]) -> Wire:
        arn = f"arn:aws:iam::{self.account}:user/tester"
        return {"Account": self.account, "Arn": arn, "UserId": "tester"}

    def _list_service_quotas(self, params: Mapping[str, Any]) -> Wire:
        found = self.quotas.get(params["ServiceCode"])
        if found is None:
            raise WireError("NoSuchResourceException", "The request failed: the service does not exist.")
        quotas = [{"QuotaCode": code, "Value": value} for code, value in found.items()]
        start = int(params.get("NextToken", 0))
        end = start + params.get("MaxResults", 100)
        page: Wire = {"Quotas": quotas[start:end]}
        return page | {"NextToken": str(end)} if end < len(quotas) else page
