"""Service Quotas tells what this cloud keeps to."""

from __future__ import annotations

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings
from awsecs_async.local.wire import WireError
from awsecs_async.model.quotas import CLUSTER_RESOURCE_MODIFY, BucketQuota


async def test_quotas_are_those_in_force() -> None:
    """A raised quota is told as raised, the others as documented, page by page."""
    settings = CloudSettings(quotas={CLUSTER_RESOURCE_MODIFY: BucketQuota(80, 200)})
    async with Cloud(settings) as cloud:
        page = await cloud.call(
            "service-quotas", "ListServiceQuotas", {"ServiceCode": "ecs", "MaxResults": 4}
        )
        rest = await cloud.call(
            "service-quotas", "ListServiceQuotas", {"ServiceCode": "ecs", "NextToken": page["NextToken"]}
        )
        told = {quota["QuotaCode"]: quota["Value"] for quota in [*page["Quotas"], *rest["Quotas"]]}
        assert (told["L-C3AEE9D2"], told["L-3B4FAC68"]) == (80, 200)
        assert (told["L-80627E8A"], told["L-281CBA4C"]) == (20, 100)
        one = await cloud.call(
            "service-quotas", "GetServiceQuota", {"ServiceCode": "ecs", "QuotaCode": "L-1E6DEB89"}
        )
        assert one["Quota"]["Value"] == 1


async def test_what_is_not_limited_is_not_listed() -> None:
    """Lifted quotas, Fargate's vCPUs and other services: nothing is made up."""
    async with Cloud(CloudSettings(quotas=NO_QUOTAS)) as cloud:
        for service in ("ecs", "fargate"):
            answer = await cloud.call("service-quotas", "ListServiceQuotas", {"ServiceCode": service})
            assert answer["Quotas"] == []
        for params in ({"ServiceCode": "ec2"}, {"ServiceCode": "ecs", "QuotaCode": "L-0"}):
            operation = "GetServiceQuota" if "QuotaCode" in params else "ListServiceQuotas"
            with pytest.raises(WireError) as refusal:
                await cloud.call("service-quotas", operation, params)
            assert refusal.value.code == "NoSuchResourceException"
