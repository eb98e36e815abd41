"""Service Quotas for what this cloud limits: so that a dispatcher that asks is told what is in force.

Only the quotas whose codes are known, and only those that this cloud keeps: the rates of ECS's calls.
Fargate's vCPUs are not limited here and not listed. Other services are unknown to it, as one is that
has no quotas. Source: AWS API_ListServiceQuotas, and general/latest/gr/ecs-service for the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import Wire, WireError, page_of
from awsecs_async.model.quotas import (
    CLUSTER_RESOURCE_MODIFY,
    CLUSTER_RESOURCE_READ,
    ECS_BUCKETS,
    TASK_DEFINITION_MODIFY,
)

_CODES: Final = (  # category, sustained rate, burst
    (CLUSTER_RESOURCE_MODIFY, "L-C3AEE9D2", "L-3B4FAC68"),
    (CLUSTER_RESOURCE_READ, "L-80627E8A", "L-281CBA4C"),
    (TASK_DEFINITION_MODIFY, "L-1E6DEB89", "L-CDF9F16B"),
)
_SERVICES: Final = {"ecs": "Amazon Elastic Container Service (Amazon ECS)", "fargate": "AWS Fargate"}
_PAGE_MAX: Final = 100  # API_ListServiceQuotas, MaxResults


class AccountQuotas:
    """The two operations that read quotas; it has no state."""

    def __init__(self, settings: CloudSettings) -> None:
        self._settings = settings
        self.operations: Mapping[str, Operation] = {
            "ListServiceQuotas": self._list,
            "GetServiceQuota": self._get,
        }

    def _list(self, params: Wire, _now: float) -> Wire:
        told = {"maxResults": params.get("MaxResults"), "nextToken": params.get("NextToken")}
        page, token = page_of(self._of(params["ServiceCode"]), told, largest=_PAGE_MAX)
        return {"Quotas": page} if token is None else {"Quotas": page, "NextToken": token}

    def _get(self, params: Wire, _now: float) -> Wire:
        code = params["QuotaCode"]
        for quota in self._of(params["ServiceCode"]):
            if quota["QuotaCode"] == code:
                return {"Quota": quota}
        raise _no_such(f"the quota {code}")

    def _of(self, service: str) -> list[Wire]:
        if service not in _SERVICES:
            raise _no_such(f"the service {service!r}")
        shown = []
        for category, rate_code, burst_code in _CODES if service == "ecs" else ():
            quota = self._settings.quota(category, ECS_BUCKETS[category])
            if quota is not None:
                shown.append(self._quota(service, rate_code, f"{category}, sustained", quota.rate_per_second))
                shown.append(self._quota(service, burst_code, f"{category}, burst", quota.burst))
        return shown

    def _quota(self, service: str, code: str, name: str, value: float) -> Wire:
        place = f"{self._settings.region}:{self._settings.account}"
        return {
            "ServiceCode": service,
            "ServiceName": _SERVICES[service],
            "QuotaArn": f"arn:aws:servicequotas:{place}:{service}/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def _no_such(what: str) -> WireError:
    return WireError("NoSuchResourceException", f"The local cloud has no quotas for {what}.")
