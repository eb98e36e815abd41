"""A gate that closes when something beyond it is broken, and lets one through at a time to see whether it is
mended.

While it is open, everyone passes at once. `close(reason)` makes those who come wait. After a delay one of
them is let through as a probe; it says `open()`, and all pass in the order they came, or `close(reason)`
again, and the next delay is longer. A probe that leaves without a word (cancelled, or failed for another
reason) is replaced by the next one at once.

`open` and `close` may be called by anyone who has news, not only by the probe: calls that were under way
when the gate closed bring theirs late. News of the same trouble while no probe is out changes the reason
and nothing else, or every late failure would lengthen the delay.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType


class Delays(Protocol):
    """What a gate needs of a backoff."""

    def next(self) -> float:
        """The next delay in seconds."""

    def reset(self) -> None:
        """Start over with the shortest."""


class Passage:
    """Leave to pass. A probe has to report: leaving its `with` block without a word is abandoning it."""

    __slots__ = ("_gate", "probe")

    def __init__(self, gate: Gate, *, probe: bool) -> None:
        self._gate = gate
        self.probe = probe

    def abandon(self) -> None:
        """A probe with nothing to report lets the next one try. No effect after a report or for others."""
        self._gate.abandoned(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()


class Gate:
    """Open at first. `delays` says how long it stays shut before each probe."""

    __slots__ = ("_closed_since", "_delays", "_probe", "_reason", "_timer", "_waiters")

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self._reason: str | None = None
        self._closed_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None  # set during a delay; else, if closed, a probe is due
        self._probe: Passage | None = None
        self._waiters: OrderedDict[asyncio.Future[Passage], None] = OrderedDict()

    @property
    def is_open(self) -> bool:
        """Whether everyone passes."""
        return self._closed_since is None

    @property
    def reason(self) -> str | None:
        """Why it is closed, by the latest news; None while it is open."""
        return self._reason

    @property
    def closed_since(self) -> float | None:
        """The loop time in seconds at which it was closed first; None while it is open."""
        return self._closed_since

    @property
    def waiters(self) -> int:
        """How many wait to pass."""
        return len(self._waiters)

    async def passage(self) -> Passage:
        """Wait for leave to pass: `with await gate.passage() as passage: ...`."""
        if self.is_open:
            return Passage(self, probe=False)
        leave: asyncio.Future[Passage] = asyncio.get_running_loop().create_future()
        self._waiters[leave] = None
        self._elect()
        try:
            return await leave
        except asyncio.CancelledError:
            self._waiters.pop(leave, None)
            if leave.done() and not leave.cancelled():  # let through in the same turn of the loop
                leave.result().abandon()
            raise

    def open(self) -> None:
        """It works: let all pass, in the order they came."""
        self._stop_timer()
        self._probe = self._reason = self._closed_since = None
        self._delays.reset()
        while self._admit(probe=False):
            pass

    def close(self, reason: str) -> None:
        """It does not work, for this reason: make all wait for the next probe."""
        first = self.is_open
        self._reason = reason
        if first:
            self._closed_since = asyncio.get_running_loop().time()
        if first or self._probe:
            self._probe = None
            self._stop_timer()
            self._timer = asyncio.get_running_loop().call_later(self._delays.next(), self._due)

    def abandoned(self, passage: Passage) -> None:
        """Called by a passage that ends; only that of the probe that is out matters."""
        if passage is self._probe:
            self._probe = None
            self._elect()

    def __repr__(self) -> str:
        if self._closed_since is None:
            return "<Gate open>"
        probe = "out" if self._probe else f"at {self._timer.when():.3f} s" if self._timer else "due"
        since = f"since {self._closed_since:.3f} s"
        return f"<Gate closed {since}: {self._reason}; {len(self._waiters)} waiting, probe {probe}>"

    def _due(self) -> None:
        self._timer = None
        self._elect()

    def _elect(self) -> None:
        if not (self.is_open or self._probe or self._timer):
            self._probe = self._admit(probe=True)

    def _admit(self, *, probe: bool) -> Passage | None:
        """Let the first one pass who was not cancelled."""
        while self._waiters:
            leave, _ = self._waiters.popitem(last=False)
            if not leave.done():
                passage = Passage(self, probe=probe)
                leave.set_result(passage)
                return passage
        return None

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
