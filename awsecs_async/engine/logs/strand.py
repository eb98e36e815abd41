"""A Strand: one container's stream, as one follower reads it.

A stream exists from when its container has started, which for some is late or never, and asking for one
that does not exist spoils the whole call. So a strand knows whether its stream was ever there, and until
then is asked for apart from the others, now and then.

From the attempt's stop on the floor stays where it is, so that every further read covers the whole
uncertain time before the stop. (The first read of what had stopped before may raise it: it brought all.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsecs_async.engine.logs.cursor import SKEW_SECONDS

if TYPE_CHECKING:
    from awsecs_async.engine.logs.cursor import Cursor

QUIET_READS: Final = 2  # in a row, before a stopped container is taken to have said all
MISSING_RETRY_SECONDS: Final = 5.0  # between two questions for a stream that was not there, while it may come


class Strand:
    """One stream being read. Its state: the cursor, whether it was found, and the reads without news.

    ``stopped_at`` (epoch seconds) is set by its reading once the attempt has stopped.
    """

    __slots__ = (
        "_quiet_reads",
        "_read_at",
        "_retry_at",
        "container",
        "cursor",
        "found",
        "had_news",
        "stopped_at",
        "stream",
    )

    def __init__(self, stream: str, container: str, cursor: Cursor, stopped_at: float | None = None) -> None:
        self.stream = stream
        self.container = container
        self.cursor = cursor
        self.found = False
        self.had_news = False
        self.stopped_at = stopped_at
        self._read_at: float | None = None
        self._retry_at = 0.0
        self._quiet_reads = 0

    def __repr__(self) -> str:
        found = "found" if self.found else "not found yet"
        state = "live" if self.stopped_at is None else f"stopped, {self._quiet_reads} quiet reads"
        return f"<Strand {self.stream} {found}, {state}, {self.cursor!r}>"

    def is_due(self, now: float) -> bool:
        """Whether to ask for it now (epoch seconds)."""
        return self.found or self.stopped_at is not None or now >= self._retry_at

    def was_read(self, began: float, newest_ms: int, *, missing: bool) -> None:
        """A read begun then (epoch seconds) went through; nothing it brought is newer than ``newest_ms``."""
        self.found = not missing
        if missing:
            self._retry_at = began + MISSING_RETRY_SECONDS
        self._quiet_reads = 0 if self.had_news or self.stopped_at is None else self._quiet_reads + 1
        self.had_news = False
        if self.found and (self.stopped_at is None or self._read_at is None):
            self.cursor.advance(newest_ms, int(began * 1000))
        self._read_at = began

    def is_over(self, settle_seconds: float) -> bool:
        """Whether its last read was the last one needed."""
        if self.stopped_at is None or self._read_at is None:
            return False
        settled = self._read_at - self.stopped_at - settle_seconds
        # Of what stopped long ago nothing can be on its way: one whole read is enough.
        return settled >= SKEW_SECONDS or (settled >= 0 and self._quiet_reads >= QUIET_READS)
