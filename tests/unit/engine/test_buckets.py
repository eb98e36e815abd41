"""The buckets of an account: AWS's documented sizes, less what a first burst's late arrival costs."""

from __future__ import annotations

import pytest

from awsecs_async.engine.buckets import TOP_LEFT, TOP_LEFT_SECONDS, open_buckets
from awsecs_async.model.settings import Quotas


def test_what_a_late_first_burst_gains_is_left_at_the_top() -> None:
    """A burst whose connections are still to be opened does not make the calls after it be throttled."""
    buckets = open_buckets(Quotas(), "us-east-1")
    assert buckets.modify.rate == pytest.approx(40)
    assert buckets.modify.burst == pytest.approx(100 - 40 * TOP_LEFT_SECONDS)


def test_a_slow_bucket_leaves_two_tokens() -> None:
    """Where a fifth of a second is less than a token, clocks that differ are still allowed for."""
    assert open_buckets(Quotas(), "us-east-1").register.burst == pytest.approx(20 - TOP_LEFT)


def test_a_lifted_quota_has_no_end() -> None:
    """An infinite rate makes nobody wait, and infinity less infinity is never asked for."""
    lifted = (float("inf"), float("inf"))
    assert open_buckets(Quotas(run_task=lifted), "us-east-1").modify.burst == float("inf")
