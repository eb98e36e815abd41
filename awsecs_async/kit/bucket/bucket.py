"""The token bucket: `burst` tokens at most, `rate` more each second.

Those who find too few wait in line, first come, first served, with one exception: the urgent go before
the others. A remote side that throttles all the same says that its bucket is emptier than ours;
`throttled()` then empties ours and halves its rate at once, and the rate grows back in a straight line.
What is not here: retries, and any idea of what a token is for.

A bucket belongs to one event loop, whose time it lives by, and may be made before that loop runs.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from awsecs_async.kit.bucket.line import Source, serve, stand_in_line
from awsecs_async.kit.bucket.ramp import Ramp
from awsecs_async.kit.bucket.tank import Tank

if TYPE_CHECKING:
    from collections.abc import Sequence

RECOVERY_SECONDS: Final = 30.0  # from a halved rate back to the nominal one


class Bucket:
    """Tokens at `rate` per second, at most `burst` at a time; starts full unless `level` says otherwise.

    `rate` and `burst` are positive and may be `math.inf`: with an infinite rate nobody ever waits.

    Raises:
        ValueError: a rate or burst is not positive, or the level does not lie between 0 and `burst`.
    """

    __slots__ = ("name", "source")

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        level: float | None = None,
        name: str = "",
        recovery_seconds: float = RECOVERY_SECONDS,
    ) -> None:
        self.name = name
        self._check_limits(rate, burst)
        start = burst if level is None else level
        if not 0 <= start <= burst:
            raise ValueError(
                f"{self._title} cannot start with {start:g} tokens: it holds from 0 to {burst:g}"
            )
        tank = Tank(level=start, burst=burst, ramp=Ramp.level(rate), recovery_seconds=recovery_seconds)
        self.source = Source(tank)  # what `acquire_all` draws from

    @property
    def level(self) -> float:
        """Tokens that are there now."""
        return max(0.0, self.source.tank.level_at(self._seen_at()))

    @property
    def burst(self) -> float:
        """Tokens that it holds at most."""
        return self.source.tank.burst

    @property
    def rate(self) -> float:
        """Tokens per second that flow in now, fewer than nominal while it recovers from a throttle."""
        return self.source.tank.ramp.rate_at(self._seen_at())

    @property
    def nominal_rate(self) -> float:
        """Tokens per second when nothing was throttled lately."""
        return self.source.tank.ramp.nominal

    @property
    def waiters(self) -> int:
        """How many wait for tokens, also those who wait for another bucket together with this one."""
        return sum(len(lane) for lane in self.source.lanes.values())

    async def acquire(self, n: float = 1, *, urgent: bool = False) -> None:
        """Wait in line for `n` tokens and take them; cancelled, it has taken nothing.

        Raises:
            ValueError: `n` is negative or more than `burst`.
        """
        await acquire_all([(self, n)], urgent=urgent)

    def try_acquire(self, n: float = 1) -> bool:
        """Take `n` tokens now if they are there and nobody waits for them.

        Raises:
            ValueError: `n` is negative or more than `burst`.
        """
        self.check(n)
        now, tank = self._now(), self.source.tank
        tank.settle(now)
        if self.source.lanes or not tank.holds(n, now):
            return False
        tank.take(n, now)
        return True

    def throttled(self) -> None:
        """The remote side refused for being asked too often: empty the bucket and halve its rate.

        Many calls within half a second are one storm and halve it once. The rate never falls below 1/32 of
        the nominal one, and is nominal again `recovery_seconds` after the last storm began.
        """
        self.source.tank.slow(self._now())
        self._serve()

    def resize(self, rate: float, burst: float) -> None:
        """Change the limits. Tokens over the new burst are gone; who waits for more than it gets all of it.

        Raises:
            ValueError: a rate or burst is not positive.
        """
        self._check_limits(rate, burst)
        self.source.tank.resize(rate, burst, self._now())
        self._serve()

    def snapshot(self) -> float:
        """The level, to be kept across a restart together with the wall-clock time."""
        return self.level

    def restore(self, level: float, seconds_ago: float) -> None:
        """Go on from a `snapshot` of an earlier run: its level, and what has flown in since."""
        tank = self.source.tank
        gained = tank.ramp.nominal * seconds_ago if seconds_ago > 0 else 0.0
        if tank.at is not None:  # else it starts to fill when it is first used
            tank.settle(self._now())
        tank.level = min(tank.burst, max(0.0, level) + gained)
        self._serve()

    def check(self, n: float) -> None:
        """Refuse an amount that could never be there.

        Raises:
            ValueError: `n` is negative or more than `burst`.
        """
        if not 0 <= n <= self.burst:
            raise ValueError(
                f"{self._title} cannot give {n:g} tokens at once: it holds {self.burst:g} at most; "
                "ask for fewer at a time or raise its burst"
            )

    def _check_limits(self, rate: float, burst: float) -> None:
        if not (rate > 0 and burst > 0):
            raise ValueError(f"{self._title} needs a rate and a burst above 0, not {rate:g}/s and {burst:g}")

    def _serve(self) -> None:
        if self.source.lanes:
            serve([self.source])

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _seen_at(self) -> float:
        try:
            return self._now()
        except RuntimeError:  # no loop runs: what is shown is what was when it was last used
            return self.source.tank.at or 0.0

    @property
    def _title(self) -> str:
        return f"bucket {self.name}" if self.name else "bucket"

    def __repr__(self) -> str:
        wakes = [lane.wakes_at for lane in self.source.lanes.values()]
        next_wake = min((when for when in wakes if when is not None), default=math.inf)
        waiting = f", next in {next_wake - self._seen_at():.3f} s" if next_wake < math.inf else ""
        slowed = f" of {self.nominal_rate:g}" if self.rate < self.nominal_rate else ""
        name = f" {self.name}" if self.name else ""
        filled = f"{self.level:.6g}/{self.burst:g} at {self.rate:.4g}{slowed}/s"
        return f"<Bucket{name} {filled}, {self.waiters} waiting{waiting}>"


async def acquire_all(demands: Sequence[tuple[Bucket, float]], *, urgent: bool = False) -> None:
    """Take from several buckets together, at the first moment that suits all, or, cancelled, from none.

    Nothing is held of one bucket while another is waited for. Who waits here for one bucket delays those
    who need only the others by no more than the tokens it will take.

    Raises:
        ValueError: an amount is negative or more than its bucket's burst.
    """
    amounts: dict[Source, float] = {}
    for bucket, n in demands:
        total = amounts.get(bucket.source, 0.0) + n
        bucket.check(total)
        if total:
            amounts[bucket.source] = total
    if amounts:
        await stand_in_line(amounts, urgent=urgent)
