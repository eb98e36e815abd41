"""How far one reading has come: which events of an answer are new to it, and from when to ask again.

CloudWatch shows events late, and not in the order in which it shows others: what was written at noon may
be found after what was written ten seconds past noon. So a reading never asks from where it ended, but
from a *floor* some way behind it, and remembers the ids of what it has had since the floor. An event that
is found within that overlap is delivered, once; one that comes later still is not seen.

The floor rises with the newest event that any stream of the same call brought, for that is the best sign
of how late it is for CloudWatch. A clock of ours that is wrong costs nothing then. Where all streams are
silent the floor follows our own clock, at the distance by which it can be wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from awsecs_async.aws.ports import LogEvent

SKEW_SECONDS: Final = 300.0  # AWS refuses signatures of clocks further off than this
SEEN_LIMIT: Final = 100_000  # ids that one reading remembers: about 10 MB


class Cursor:
    """Where one reading is.

    Its state is the floor (epoch milliseconds) and the ids seen since, by the second of their event.
    """

    __slots__ = ("_overlap_ms", "_remembered", "_seen", "floor_ms")

    def __init__(self, floor_ms: int, *, overlap_seconds: float) -> None:
        self.floor_ms = floor_ms
        self._overlap_ms = int(overlap_seconds * 1000)
        self._seen: dict[int, set[str]] = {}
        self._remembered = 0

    def __repr__(self) -> str:
        return f"<Cursor from {self.floor_ms} ms, {self._remembered} ids since>"

    def takes(self, event: LogEvent) -> bool:
        """Whether this event is new; asked again, it is not."""
        if event.timestamp < self.floor_ms:
            return False
        ids = self._seen.setdefault(event.timestamp // 1000, set())
        if event.id in ids:
            return False
        ids.add(event.id)
        self._remembered += 1
        while self._remembered > SEEN_LIMIT and len(self._seen) > 1:
            self._rise((min(self._seen) + 1) * 1000)
        return True

    def advance(self, newest_ms: int, now_ms: int) -> None:
        """All from the floor on was read, at ``now_ms`` by our clock; the newest was of ``newest_ms``.

        An event of the future (a host's clock is ahead) counts as one of now.
        """
        watermark = min(max(newest_ms, now_ms - int(SKEW_SECONDS * 1000)), now_ms)
        self._rise(watermark - self._overlap_ms)

    def _rise(self, floor_ms: int) -> None:
        if floor_ms > self.floor_ms:
            self.floor_ms = floor_ms
            for second in [s for s in self._seen if s < floor_ms // 1000]:
                self._remembered -= len(self._seen.pop(second))
