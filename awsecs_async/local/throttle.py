"""Token buckets that answer yes or no: what AWS puts in front of its operations.

Nothing waits here. A request that finds too few tokens is refused, takes nothing, and is counted.
"""

from __future__ import annotations

from awsecs_async.model.quotas import BucketQuota


class TokenBucket:
    """One bucket; full at first, refilled as time passes."""

    __slots__ = ("_at", "_tokens", "quota", "refused")

    def __init__(self, quota: BucketQuota) -> None:
        self.quota = quota
        self.refused = 0  # requests refused so far
        self._tokens = quota.burst
        self._at: float | None = None  # epoch seconds of the last look; None before the first

    def take(self, now: float, tokens: float = 1) -> bool:
        """Take `tokens` at `now` (epoch seconds) if they are there, all or none."""
        if self._at is not None and now > self._at:
            refill = (now - self._at) * self.quota.rate_per_second
            self._tokens = min(self.quota.burst, self._tokens + refill)
        self._at = now if self._at is None else max(now, self._at)
        if self._tokens + 1e-9 < tokens:  # what floating point loses over many refills
            self.refused += 1
            return False
        self._tokens -= tokens
        return True

    def __repr__(self) -> str:
        level = f"{self._tokens:.1f}/{self.quota.burst:g} +{self.quota.rate_per_second:g}/s"
        return f"<TokenBucket {level} refused={self.refused}>"


class Throttle:
    """The buckets of one account and Region by name; a name without a bucket is not limited."""

    def __init__(self, quotas: dict[str, BucketQuota | None]) -> None:
        self.buckets = {name: TokenBucket(quota) for name, quota in quotas.items() if quota is not None}

    def allows(self, name: str | None, now: float, tokens: float = 1) -> bool:
        """Whether a request may pass; it has paid if so."""
        bucket = self.buckets.get(name) if name is not None else None
        return bucket is None or bucket.take(now, tokens)

    def __repr__(self) -> str:
        refused = {name: bucket.refused for name, bucket in self.buckets.items() if bucket.refused}
        return f"<Throttle buckets={len(self.buckets)} refused={refused}>"
