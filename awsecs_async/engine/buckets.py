"""What one account and region allows: a token bucket for each of AWS's own, as far as it is ours to use.

The figures are the documented ones of ``model/quotas``, or what the settings say instead, times our share.
A few tokens are left at the top of each. Our bucket fills again from the moment when the first call is sent,
AWS's from when it arrives; the first burst opens its connections and arrives late, the calls that follow do
not, and a bucket that is emptied to the last token is throttled by the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from awsecs_async.kit.bucket import Bucket
from awsecs_async.model import quotas
from awsecs_async.model.placement import Kind

if TYPE_CHECKING:
    from awsecs_async.model.placement import Provider
    from awsecs_async.model.settings import Quotas

Demand = tuple[Bucket, float]
TOP_LEFT = 2.0  # tokens at least
TOP_LEFT_SECONDS = 0.2  # of the rate: so much later than those after it may the first burst arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """What one account and region allows, as far as it is ours to use."""

    modify: Bucket
    read: Bucket
    polling: Bucket
    register: Bucket
    definition_read: Bucket
    cluster_read: Bucket
    fargate_calls: Bucket
    fargate: Bucket
    fargate_spot: Bucket
    network_interfaces: Bucket
    filter_logs: Bucket

    def launch(self, provider: Provider, *, count: int, awsvpc: bool) -> list[Demand]:
        """All the tokens that one RunTask call of ``count`` tasks takes, or as many as the buckets hold."""
        demands: list[Demand] = [(self.modify, 1)]
        if provider.kind is Kind.FARGATE:
            launches = self.fargate_spot if provider.is_spot else self.fargate
            demands += [(self.fargate_calls, 1), (launches, min(count, launches.burst))]
        elif awsvpc:
            demands.append((self.network_interfaces, min(count, self.network_interfaces.burst)))
        return demands


def open_buckets(asked: Quotas, region: str) -> Buckets:
    """The buckets of one account and region: documented sizes, what the settings say instead, our share."""

    def bucket(
        name: str, documented: quotas.BucketQuota, setting: tuple[float, float] | None, part: float = 1.0
    ) -> Bucket:
        quota = quotas.BucketQuota(*setting) if setting else documented
        own = quota.share(asked.share * part)
        left = max(TOP_LEFT, own.rate_per_second * TOP_LEFT_SECONDS) if isfinite(own.burst) else 0.0
        return Bucket(own.rate_per_second, max(1.0, own.burst - left), name=name)

    ecs = quotas.ECS_BUCKETS
    read = ecs[quotas.CLUSTER_RESOURCE_READ]
    unlimited = quotas.BucketQuota(float("inf"), float("inf"))
    return Buckets(
        modify=bucket("RunTask", ecs[quotas.CLUSTER_RESOURCE_MODIFY], asked.run_task),
        read=bucket("DescribeTasks", read, asked.read),
        polling=bucket("polling", read, asked.read, asked.poll_share),
        register=bucket("RegisterTaskDefinition", ecs[quotas.TASK_DEFINITION_MODIFY], asked.register),
        definition_read=bucket(
            "DescribeTaskDefinition", ecs[quotas.TASK_DEFINITION_READ], asked.definition_read
        ),
        cluster_read=bucket("DescribeClusters", ecs[quotas.CLUSTER_READ], None),
        fargate_calls=bucket("Fargate calls", quotas.FARGATE_RUN_TASK_CALLS, asked.fargate_calls),
        fargate=bucket("Fargate launches", quotas.fargate_launches(region), asked.fargate_launches),
        fargate_spot=bucket(
            "Fargate Spot launches", quotas.fargate_launches(region), asked.fargate_spot_launches
        ),
        network_interfaces=bucket("network interfaces", unlimited, asked.network_interfaces),
        filter_logs=bucket(
            "FilterLogEvents", quotas.logs_requests("FilterLogEvents", region), asked.filter_logs
        ),
    )
