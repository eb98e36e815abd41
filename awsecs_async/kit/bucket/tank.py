"""How many tokens there are, and when there will be enough: arithmetic over loop times, without a loop.

A `Tank` is settled to a moment and then taken from. A level may fall below zero by a sliver (`SLACK`): a
token is given out a tenth of a microsecond early rather than waited for in a loop of ever smaller steps,
and since the debt is kept, the rate stays exact.

A `Plan` is a tank together with withdrawals that have an appointment in the future. It answers the one
question of fairness: what is the earliest moment at which something can be taken without making an
appointment late?
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from awsecs_async.kit.bucket.ramp import Ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

SLACK_SECONDS: Final = 1e-7  # far below what a timer or a network keeps to, far above what floats lose
SLACK_TOKENS: Final = 1e-9  # what floats lose at very low rates
STORM_SECONDS: Final = 0.5  # throttles within this time of the first are one storm and halve the rate once
LOWEST_SHARE: Final = 1 / 32  # of the nominal rate; five storms in a row go no lower


@dataclass(slots=True, eq=False)
class Tank:
    """`level` tokens at loop time `at`, of at most `burst`, filling by `ramp`."""

    level: float
    burst: float
    ramp: Ramp
    recovery_seconds: float
    at: float | None = None  # None until it is first used within a loop
    slowed_at: float = field(default=-math.inf)

    def level_at(self, now: float) -> float:
        """Tokens at a later loop time if none are taken."""
        since = now if self.at is None else self.at
        return min(self.burst, self.level + self.ramp.gained(since, now))

    def settle(self, now: float) -> None:
        """Bring the level up to this loop time."""
        self.level = self.level_at(now)
        self.at = now

    def holds(self, amount: float, now: float) -> bool:
        """Whether this much can be taken."""
        return self.level_at(now) >= amount - self.slack(now)

    def take(self, amount: float, now: float) -> None:
        """Take tokens out, or with a negative amount put them back."""
        self.settle(now)
        self.level = min(self.burst, self.level - amount)

    def slack(self, at: float) -> float:
        """Tokens that may be missing."""
        return self.ramp.rate_at(at) * SLACK_SECONDS + SLACK_TOKENS

    def slow(self, now: float) -> None:
        """Empty it, and halve its rate if this is not the same storm as before."""
        self.settle(now)
        self.level = min(self.level, 0.0)
        if now - self.slowed_at < STORM_SECONDS or math.isinf(self.ramp.nominal):
            return
        low = max(self.ramp.rate_at(now) / 2, self.ramp.nominal * LOWEST_SHARE)
        self.ramp = Ramp(nominal=self.ramp.nominal, low=low, began=now, seconds=self.recovery_seconds)
        self.slowed_at = now

    def resize(self, rate: float, burst: float, now: float) -> None:
        """Change the limits; a recovery that is under way goes on in proportion."""
        self.settle(now)
        old = self.ramp
        self.ramp = Ramp.level(rate)
        if now < old.ended and math.isfinite(rate):
            low = rate * old.rate_at(now) / old.nominal
            self.ramp = Ramp(nominal=rate, low=low, began=now, seconds=old.ended - now)
        self.burst = burst
        self.level = min(self.level, burst)


class Plan:
    """A tank that was settled to `now`, and the withdrawals that older waiters have an appointment for."""

    __slots__ = ("appointments", "now", "tank")

    def __init__(self, tank: Tank, now: float) -> None:
        tank.settle(now)
        self.tank = tank
        self.now = now
        self.appointments: list[tuple[float, float]] = []  # (loop time, tokens), in the order of time

    def add(self, when: float, amount: float) -> None:
        """Note an appointment."""
        bisect.insort(self.appointments, (when, amount), key=lambda appointment: appointment[0])

    def earliest(self, amount: float, not_before: float) -> float:
        """The first loop time, not before this one, at which `amount` is there and no appointment suffers.

        Within each gap between appointments the earliest moment is also the kindest to those that follow:
        what is taken early has the longest time to flow in again.
        """
        ramp, level, since = self.tank.ramp, self.tank.level, self.now
        for position in range(len(self.appointments) + 1):
            when = max(not_before, ramp.when(since, amount - level))
            later = self.appointments[position:]
            if not later:
                return when
            if when < later[0][0] and self._keeps([(when, amount), *later], level, since):
                return when
            level, since = self._after(later[0], level, since)
        raise AssertionError("after the last appointment there is always a time")

    def _keeps(self, withdrawals: Sequence[tuple[float, float]], level: float, since: float) -> bool:
        for withdrawal in withdrawals:
            level, since = self._after(withdrawal, level, since)
            if level < -self.tank.slack(since):
                return False
        return True

    def _after(self, withdrawal: tuple[float, float], level: float, since: float) -> tuple[float, float]:
        when, amount = withdrawal
        return min(self.tank.burst, level + self.tank.ramp.gained(since, when)) - amount, when
