"""How long to wait before trying again: longer each time, up to a ceiling, and never all at the same moment.

A value with a counter, and no waiting of its own: who asks for the next delay also sleeps it, on whatever
loop. The jitter only shortens a delay, so the ceiling is one. With `jitter=1` a delay lies anywhere
between zero and its full length ("full jitter"), with `0.5` in the upper half ("equal jitter"), with `0`
it is exact.
"""

from __future__ import annotations

import random


class Backoff:
    """Delays in seconds: `first`, then `factor` times more each time, at most `ceiling`.

    Raises:
        ValueError: unless 0 < first <= ceiling, factor >= 1 and 0 <= jitter <= 1.
    """

    __slots__ = ("_full", "_rng", "attempts", "ceiling", "factor", "first", "jitter")

    def __init__(
        self,
        first: float,
        ceiling: float,
        *,
        factor: float = 2.0,
        jitter: float = 0.2,
        rng: random.Random | None = None,
    ) -> None:
        if not (0 < first <= ceiling and factor >= 1 and 0 <= jitter <= 1):
            raise ValueError(
                f"a backoff needs 0 < first <= ceiling, factor >= 1 and 0 <= jitter <= 1, "
                f"not first={first:g}, ceiling={ceiling:g}, factor={factor:g}, jitter={jitter:g}"
            )
        self.first = first
        self.ceiling = ceiling
        self.factor = factor
        self.jitter = jitter
        self.attempts = 0  # delays given since the last reset
        self._full = first
        self._rng = rng or random.Random()

    def next(self) -> float:
        """The next delay in seconds, in (1 - jitter) to 1 times its full length."""
        full = self._full
        self._full = min(self.ceiling, full * self.factor)
        self.attempts += 1
        return full * (1 - self.jitter * self._rng.random())

    def reset(self) -> None:
        """It went well: the next delay is the first again."""
        self._full = self.first
        self.attempts = 0

    def __repr__(self) -> str:
        return f"<Backoff next {self._full:g} s of {self.ceiling:g} s, after {self.attempts} attempts>"
