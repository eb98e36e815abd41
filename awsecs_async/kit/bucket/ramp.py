"""How fast a bucket fills: at its nominal rate, or on the way back to it.

After a throttle the rate starts low and grows in a straight line, so what was gained between two moments
is the area under that line and the moment of the next token is the root of a quadratic. Both are closed
formulas: no ticking, no rounding that adds up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """A rate in tokens per second that is `low` at `began` and `nominal` from `began + seconds` on."""

    nominal: float
    low: float
    began: float = 0.0  # loop time, in seconds
    seconds: float = 0.0

    @classmethod
    def level(cls, rate: float) -> Ramp:
        """A rate that stays what it is."""
        return cls(nominal=rate, low=rate)

    @property
    def ended(self) -> float:
        """The loop time at which the rate is nominal again."""
        return self.began + self.seconds

    def rate_at(self, at: float) -> float:
        """Tokens per second at this loop time."""
        if at >= self.ended:
            return self.nominal
        return self.low + self._slope * max(0.0, at - self.began)

    def gained(self, since: float, until: float) -> float:
        """Tokens that flow in between two loop times; without a limit, any number at once."""
        if math.isinf(self.nominal):
            return math.inf
        slow_until = min(until, self.ended)
        slow = max(0.0, slow_until - since) * (self.rate_at(since) + self._rate_before(slow_until)) / 2
        return slow + max(0.0, until - max(since, self.ended)) * self.nominal

    def when(self, since: float, amount: float) -> float:
        """The loop time at which `amount` tokens will have flown in since then."""
        if amount <= 0 or math.isinf(self.nominal):
            return since
        slowly = self.gained(since, self.ended) if since < self.ended else 0.0
        if amount >= slowly:
            return max(since, self.ended) + (amount - slowly) / self.nominal
        rate = self.rate_at(since)
        return since + 2 * amount / (rate + math.sqrt(rate * rate + 2 * self._slope * amount))

    @property
    def _slope(self) -> float:
        return (self.nominal - self.low) / self.seconds if self.seconds else 0.0

    def _rate_before(self, at: float) -> float:
        """The rate on the line itself, also at its end."""
        return self.low + self._slope * max(0.0, at - self.began)
