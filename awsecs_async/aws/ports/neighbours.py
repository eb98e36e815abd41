"""The services beside ECS: EC2's networks, IAM's roles, the account, and S3's objects.

They are asked at the start, by ``doctor``, and for what does not fit into a request. Each may be denied to
the dispatcher or be absent at an endpoint: ``faults.could_not_ask`` tells that from a bad answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from awsecs_async.model.s3 import S3Url

BODY_MAX_BYTES: Final = 1_048_576  # what is read of an S3 object into memory: commands, exit codes, reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet of a VPC. ``is_default_for_zone``: the one that AWS made for its zone in a default VPC."""

    id: str
    vpc: str
    zone: str
    is_default_for_zone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """A security group of a VPC."""

    id: str
    name: str
    vpc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An IAM role; ``trusts`` are the services that may assume it, say ``ecs-tasks.amazonaws.com``.

    Conditions and denials in its trust policy are not weighed: a service that is absent here is not trusted,
    one that is present may still be refused.
    """

    name: str
    arn: str
    trusts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose credentials these are: the account's twelve digits, and the ARN of the user or assumed role."""

    account: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An S3 bucket and the region that it is in."""

    name: str
    region: str


class Network(Protocol):
    """The VPCs of an account and region. The operations are EC2's.

    Raises RequestRefused for an id that does not exist (``InvalidSubnetID.NotFound``,
    ``InvalidGroup.NotFound``, ``InvalidVpcID.NotFound``) or is none (``...Malformed``); the message names it.
    """

    async def default_vpc(self) -> str | None:
        """DescribeVpcs: the id of the default VPC, or None if the region has none."""

    async def subnets(self, ids: Sequence[str]) -> Sequence[Subnet]:
        """DescribeSubnets: these, in this order."""

    async def subnets_of(self, vpc: str) -> Sequence[Subnet]:
        """DescribeSubnets: all of a VPC's, by zone and id; none for a VPC that does not exist."""

    async def security_groups(self, ids: Sequence[str]) -> Sequence[SecurityGroup]:
        """DescribeSecurityGroups: these, in this order."""

    async def default_security_group(self, vpc: str) -> SecurityGroup | None:
        """DescribeSecurityGroups: the one that AWS made with the VPC, or None for no such VPC."""


class Roles(Protocol):
    """IAM's roles."""

    async def role(self, arn: str) -> Role | None:
        """GetRole: the role of this ARN, or of this bare name; None if the account has none.

        IAM is asked by name, in the account of the credentials: a role of another account is None too.
        """


class Account(Protocol):
    """The account: whose it is, and what it may do."""

    async def identity(self) -> Identity:
        """STS GetCallerIdentity, which needs no permission. Raises TargetBlocked without credentials."""

    async def quotas(self, service: str) -> Mapping[str, float]:
        """ListServiceQuotas: the account's own values, by quota code (say ``L-3B4FAC68``).

        ``service`` is a service code: ``ecs``, ``fargate``, ``logs``. What is not told is not there; AWS's
        defaults are ``model.quotas``'s to know. Empty for a service that Service Quotas does not know.
        """


class Objects(Protocol):
    """S3's objects, small ones: whole in memory, up to BODY_MAX_BYTES.

    Raises RequestRefused with code ``NoSuchBucket`` for a bucket that does not exist, and TargetBlocked
    with code ``AccessDenied``. S3 says the latter of an absent key too where the bucket may not be listed.
    """

    async def put(self, url: S3Url, data: bytes, *, content_type: str = "application/octet-stream") -> None:
        """PutObject."""

    async def get(self, url: S3Url, *, most: int = BODY_MAX_BYTES) -> bytes:
        """GetObject.

        Raises:
            RequestRefused: with code ``NoSuchKey``, or ``EntityTooLarge`` for more than ``most`` bytes.
        """

    async def delete(self, url: S3Url) -> None:
        """DeleteObject; no error if there is none."""

    async def exists(self, url: S3Url) -> bool:
        """HeadObject; False for a bucket that does not exist too."""

    async def bucket(self, name: str) -> Bucket:
        """HeadBucket."""
