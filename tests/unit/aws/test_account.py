"""The account's quotas in our words."""

from __future__ import annotations

import pytest

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.ports import Identity
from awsecs_async.errors import RequestRefused, Throttled
from tests.unit.aws.scripted import Scripted, Wire


async def test_all_pages_of_quotas_are_read() -> None:
    """A quota on a later page counts as much as one on the first; one without a value is left out."""

    def answer(_: str, params: Wire) -> Wire:
        if "NextToken" in params:
            return {"Quotas": [{"QuotaCode": "L-2", "Value": 0}]}
        return {"Quotas": [{"QuotaCode": "L-1", "Value": 5.0}, {"QuotaCode": "L-9"}], "NextToken": "2"}

    transport = Scripted(answer)
    assert await AccountDoor(transport).quotas("fargate") == {"L-1": 5.0, "L-2": 0.0}
    assert [params["ServiceCode"] for _, _, params in transport.asked] == ["fargate", "fargate"]


@pytest.mark.parametrize(
    "fault", [Throttled("TooManyRequestsException", ""), RequestRefused("IllegalArgumentException", "")]
)
async def test_an_unknown_service_has_no_quotas(fault: Exception) -> None:
    """A service that is not known has none of its own; any other fault is the caller's to see."""

    def refuse(error: Exception) -> Wire:
        raise error

    unknown = RequestRefused("NoSuchResourceException", "no such service")
    assert await AccountDoor(Scripted(lambda *_: refuse(unknown))).quotas("ecs") == {}
    with pytest.raises(type(fault)):
        await AccountDoor(Scripted(lambda *_: refuse(fault))).quotas("ecs")


async def test_identity() -> None:
    """Account and ARN come through as STS says them."""
    answer = {"Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/r/s", "UserId": "x"}
    found = await AccountDoor(Scripted(lambda *_: answer)).identity()
    assert found == Identity(account="123456789012", arn="arn:aws:sts::123456789012:assumed-role/r/s")
