"""CloudWatch Logs without a cloud: what each stream holds, and from when on it can be found, is given.

``ports.Logs`` on the running loop's own time. It sorts and pages as FilterLogEvents does, shows late what
is given as late, refuses streams that do not exist, and raises or delays what it is told to.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from awsecs_async.aws.ports import LogEvent, LogGroup, LogPage
from awsecs_async.errors import LogStreamsMissing
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.quotas import LOG_FILTER_MAX_STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awsecs_async.errors import AwsFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call that was made. ``streams`` is None for the whole group; ``since`` is epoch milliseconds."""

    streams: tuple[str, ...] | None
    since: int
    token: str | None
    at: float


@dataclass(slots=True, eq=False)
class ScriptedLogs:
    """A log group.

    Args:
        page_events: Events on one page; the page after the last is empty, as CloudWatch's may be.
        latency_seconds: What each call takes.
        faults: Raised by the next calls, one each; None lets a call pass.
        broken: Raised by every call while it is set.
    """

    page_events: int = 10_000
    latency_seconds: float = 0.0
    faults: list[AwsFault | None] = field(default_factory=list)
    broken: Exception | None = None
    asked: list[Asked] = field(default_factory=list)
    _streams: dict[str, list[tuple[int, int, float, str]]] = field(default_factory=dict)
    _written: int = 0

    def __repr__(self) -> str:
        return f"<ScriptedLogs {len(self._streams)} streams, {self._written} events, {len(self.asked)} calls>"

    def create(self, stream: str) -> None:
        """Make an empty stream, as a starting container does."""
        self._streams.setdefault(stream, [])

    def write(
        self, stream: str, message: str, *, timestamp: int | None = None, found_at: float | None = None
    ) -> None:
        """Put an event in: ``timestamp`` epoch milliseconds, ``found_at`` epoch seconds; None is now."""
        now = wall_time()
        self._written += 1
        stamp = int(now * 1000) if timestamp is None else timestamp
        event = (stamp, self._written, now if found_at is None else found_at, message)
        self._streams.setdefault(stream, []).append(event)

    async def filter(
        self,
        group: str,
        *,
        streams: Sequence[str] | None,
        since: int,
        until: int | None = None,
        token: str | None = None,
    ) -> LogPage:
        """One page, as FilterLogEvents gives it."""
        names = None if streams is None else tuple(streams)
        self.asked.append(Asked(streams=names, since=since, token=token, at=wall_time()))
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        if self.broken is not None:
            raise self.broken
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return self._page(names, since, math.inf if until is None else until, token)

    async def group(self, name: str) -> LogGroup:
        """This one, by whatever name."""
        return LogGroup(name=name)

    def _page(self, names: tuple[str, ...] | None, since: int, until: float, token: str | None) -> LogPage:
        assert len(names or ()) <= LOG_FILTER_MAX_STREAMS
        if not self._streams.keys() >= set(names or ()):
            raise LogStreamsMissing("ResourceNotFoundException", "The specified log stream does not exist.")
        stamp, number = (since, 0) if token is None else map(int, token.split("/"))
        begin = (stamp, number)
        found = heapq.nsmallest(self.page_events, self._found(names or tuple(self._streams), begin, until))
        last = found[-1] if found else None
        more = last is not None and len(found) == self.page_events
        return LogPage(
            events=[
                LogEvent(id=f"{n:056d}", stream=stream, timestamp=stamp, message=message)
                for stamp, n, stream, message in found
            ],
            next_token=f"{last[0]}/{last[1] + 1}" if last is not None and more else None,
        )

    def _found(
        self, names: tuple[str, ...], begin: tuple[int, int], until: float
    ) -> Iterator[tuple[int, int, str, str]]:
        now = wall_time()
        for name in names:
            for stamp, number, found_at, message in self._streams[name]:
                if (stamp, number) >= begin and stamp <= until and found_at <= now:
                    yield stamp, number, name, message
