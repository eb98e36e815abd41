"""AWS's numbers: complete, consistent, and by Region where they differ."""

from __future__ import annotations

import pytest

from awsecs_async.model.quotas import (
    ECS_BUCKETS,
    ECS_CATEGORY,
    FARGATE_SIZES,
    BucketQuota,
    fargate_launches,
    logs_requests,
)


def test_every_operation_has_a_bucket_and_every_bucket_holds_a_token() -> None:
    """A category without a bucket would never be limited, an empty bucket never pass."""
    assert set(ECS_CATEGORY.values()) <= set(ECS_BUCKETS)
    assert all(quota.burst >= 1 and quota.rate_per_second > 0 for quota in ECS_BUCKETS.values())


def test_launching_and_stopping_share_a_bucket() -> None:
    """A dispatcher that stops tasks takes the tokens from its launches."""
    assert ECS_CATEGORY["RunTask"] == ECS_CATEGORY["StopTask"]
    assert ECS_BUCKETS[ECS_CATEGORY["RunTask"]] == BucketQuota(40, 100)


@pytest.mark.parametrize(
    ("operation", "region", "per_second"),
    [
        ("FilterLogEvents", "us-east-1", 25),
        ("FilterLogEvents", "eu-central-1", 5),
        ("FilterLogEvents", "eu-west-1", 10),
        ("GetLogEvents", "eu-west-3", 30),
        ("GetLogEvents", "us-west-2", 10),
        ("GetLogEvents", "us-east-1", 25),
        ("CreateLogStream", "us-east-1", 50),
    ],
)
def test_reading_logs_depends_on_the_region(operation: str, region: str, per_second: float) -> None:
    """The two calls that read logs cannot be raised, and are slow in some Regions."""
    assert logs_requests(operation, region).rate_per_second == per_second


def test_small_regions_launch_fewer_fargate_tasks() -> None:
    """A Region that is not among the large ones has a quarter of the rate."""
    assert fargate_launches("us-east-1") == BucketQuota(20, 100)
    assert fargate_launches("il-central-1") == BucketQuota(5, 25)


def test_a_share_keeps_a_whole_token() -> None:
    """A small share must still let a single request pass, and is never more than the whole."""
    assert BucketQuota(40, 100).share(0.25) == BucketQuota(10, 25)
    assert BucketQuota(1, 5).share(0.01).burst == 1
    with pytest.raises(ValueError, match="above 0"):
        BucketQuota(1, 1).share(0)


def test_fargate_sizes_grow_with_the_cpu() -> None:
    """Each row of the table is in order, and begins no lower than the row before."""
    rows = [sizes for _, sizes in sorted(FARGATE_SIZES.items())]
    assert all(list(row) == sorted(row) for row in rows)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
