"""Subnets that EC2 does not have, where they are looked up."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.local.subnets import Subnets
from awsecs_async.local.wire import WireError

EC2 = {"subnet-1": "us-east-1c", "subnet-2": "us-east-1a"}


def on(operation: str, *subnets: str) -> tuple[str, dict[str, Any]]:
    """A call that names these subnets."""
    network = {"subnets": list(subnets)}
    if operation == "RunTask":
        return operation, {"networkConfiguration": {"awsvpcConfiguration": network}}
    return operation, {
        "managedInstancesProvider": {"instanceLaunchTemplate": {"networkConfiguration": network}}
    }


@pytest.mark.parametrize("operation", ["RunTask", "CreateCapacityProvider"])
async def test_a_subnet_that_is_not_there_is_named(operation: str) -> None:
    """EC2 is asked once for those it has, and again for those it may have got since."""
    asked: list[int] = []
    zones: dict[str, str] = {}

    async def lookup() -> dict[str, str]:
        asked.append(1)
        return EC2

    subnets = Subnets(lookup, zones)
    await subnets.check(*on(operation, "subnet-1"))
    await subnets.check(*on(operation, "subnet-1", "subnet-2"))
    assert (len(asked), zones) == (1, EC2)
    with pytest.raises(WireError, match="subnet ID 'subnet-3' does not exist") as refusal:
        await subnets.check(*on(operation, "subnet-1", "subnet-3"))
    assert refusal.value.code == "InvalidParameterException"
    assert len(asked) == 2


async def test_without_ec2_nothing_is_refused() -> None:
    """Where moto is not installed there is nothing to look a subnet up in."""

    async def lookup() -> None:
        return None

    await Subnets(lookup, {}).check(*on("RunTask", "subnet-1"))


async def test_calls_without_subnets_ask_nobody() -> None:
    """Host networking, other operations, and what is malformed: the machine judges those."""

    async def lookup() -> dict[str, str]:
        raise AssertionError

    subnets = Subnets(lookup, {})
    for operation, params in (("RunTask", {}), ("DescribeTasks", {"tasks": []}), on("RunTask")):
        await subnets.check(operation, params)
