"""One account beside ECS, made two ways: by the fakes in process, and by moto behind HTTP.

What a test needs in it is put there by the same words; what the doors say of it must then be the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from awsecs_async.testing.transport import InProcessTransport

if TYPE_CHECKING:
    from awsecs_async.aws.session import Session
    from awsecs_async.testing.neighbours import Neighbours


class Neighbourhood(Protocol):
    """Puts things into the account."""

    async def add_role(self, name: str, trusts: Sequence[str]) -> str:
        """A role that these services may assume; its ARN."""

    async def add_bucket(self, name: str) -> None:
        """An empty bucket."""

    async def add_vpc(self, zones: Sequence[str]) -> str:
        """A VPC that is not the default one, with a subnet in each zone; its id."""


class Faked:
    """The account of the fakes."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours

    async def add_role(self, name: str, trusts: Sequence[str]) -> str:
        """A role of theirs."""
        return self._neighbours.add_role(name, trusts=trusts)

    async def add_bucket(self, name: str) -> None:
        """A bucket of theirs."""
        self._neighbours.buckets.add(name)

    async def add_vpc(self, zones: Sequence[str]) -> str:
        """A VPC of theirs."""
        self._neighbours.vpcs.add("vpc-0e", zones=zones)
        return "vpc-0e"


class Motos:
    """The account of moto."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add_role(self, name: str, trusts: Sequence[str]) -> str:
        """A role of moto's."""
        principal = {"Service": list(trusts)} if len(trusts) > 1 else {"Service": trusts[0]}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        params = {"RoleName": name, "AssumeRolePolicyDocument": policy}
        arn: str = (await self._session.ask("iam", "CreateRole", params))["Role"]["Arn"]
        return arn

    async def add_bucket(self, name: str) -> None:
        """A bucket of moto's."""
        await self._session.ask("s3", "CreateBucket", {"Bucket": name})

    async def add_vpc(self, zones: Sequence[str]) -> str:
        """A VPC of moto's."""
        vpc: str = (await self._session.ask("ec2", "CreateVpc", {"CidrBlock": "10.9.0.0/16"}))["Vpc"]["VpcId"]
        for number, zone in enumerate(zones):
            block = f"10.9.{number}.0/24"
            params: dict[str, Any] = {"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone}
            await self._session.ask("ec2", "CreateSubnet", params)
        return vpc


class NoCloud:
    """Where nothing is asked of ECS."""

    async def call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Nothing."""
        raise AssertionError((service, operation))


def in_process(neighbours: Neighbours) -> InProcessTransport:
    """A transport to these neighbours alone."""
    return InProcessTransport(NoCloud(), neighbours=neighbours)


@contextmanager
def motos_server() -> Iterator[str]:
    """moto's server as a child of the test's, and its URL on loopback."""
    command = [sys.executable, "-m", "awsecs_async.local.moto_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()  # it ends with its standard input


def emptied(url: str) -> str:
    """The same server, as new."""
    with urllib.request.urlopen(f"{url}/moto-api/reset", data=b"", timeout=30):
        return url
