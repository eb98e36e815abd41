"""The lag probe: how late a loop calls back what it should call back every few milliseconds.

What a host application feels of us is this lateness. On a shared machine the operating system makes a loop
late too, so the probe also takes the processor time that the loop's thread used between two calls: it is
what the loop itself can have been held up by, and no neighbour adds to it. Collections of the oldest
generation of garbage are timed apart, because they grow with what is live, whatever the code does.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping
from typing import Self

from tests.bench.figures import Figure, percentile

EVERY_SECONDS = 0.005
LIMIT_MS = 20.0  # what a host application should never wait for us
OLDEST_GENERATION = 2
CALIBRATION_SECONDS = 2.0


class LagProbe:
    """To be used with `with`, inside a running loop. Its state is what it has measured, in seconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.busy: list[float] = []
        self.collections: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._due = self._used = self._collecting = 0.0

    def __repr__(self) -> str:
        return f"<LagProbe {len(self.late)} calls, {1000 * max(self.late, default=0.0):.1f} ms at worst>"

    def __enter__(self) -> Self:
        gc.callbacks.append(self._collected)
        self._plan()
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._collected)
        if self._handle:
            self._handle.cancel()

    def _plan(self) -> None:
        self._due, self._used = time.perf_counter() + EVERY_SECONDS, time.thread_time()
        self._handle = self._loop.call_later(EVERY_SECONDS, self._called)

    def _called(self) -> None:
        late = max(0.0, time.perf_counter() - self._due)
        self.late.append(late)
        self.busy.append(min(late, time.thread_time() - self._used))
        self._plan()

    def _collected(self, phase: str, about: Mapping[str, int]) -> None:
        if about["generation"] == OLDEST_GENERATION:
            now = time.perf_counter()
            if phase == "stop":
                self.collections.append(now - self._collecting)
            self._collecting = now

    def figures(self, during: str = "") -> list[Figure]:
        """What the table shows of it."""
        collection = 1000 * max(self.collections, default=0.0)
        return [
            _milliseconds(f"{during}loop lag, p99", percentile(self.late, 0.99)),
            _milliseconds(f"{during}loop lag, maximum", max(self.late)),
            _milliseconds(f"{during}loop lag, maximum by our own CPU time", max(self.busy)),
            Figure(measure=f"{during}longest full garbage collection", value=collection, unit="ms"),
        ]


async def probing_costs() -> float:
    """Processor time that a probe takes for itself, in seconds a second; other figures leave it out."""
    with LagProbe():
        used = time.process_time()
        await asyncio.sleep(CALIBRATION_SECONDS)
        return (time.process_time() - used) / CALIBRATION_SECONDS


def _milliseconds(measure: str, seconds: float) -> Figure:
    return Figure(measure=measure, value=1000 * seconds, unit="ms", against=LIMIT_MS, what="limit")
