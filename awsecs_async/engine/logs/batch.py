"""Many strands, few calls: which streams are asked for together.

One call takes up to 100 streams and one moment to begin at, so strands go together whose floors are near
each other; else one that has to go back an hour would bring an hour of all the others again. Streams that
were never found are asked for apart, because one that is missing spoils the call. Where the log group is
ours alone, and more streams than one call takes are followed, the whole group is read instead: that costs
what is written, however many streams there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from awsecs_async.model.quotas import LOG_FILTER_MAX_STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from awsecs_async.engine.logs.reading import Reading
    from awsecs_async.engine.logs.strand import Strand

Followed = tuple["Reading", "Strand"]

FLOOR_SPAN_MS: Final = 60_000  # the floors of one call lie no further apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One question: these streams (None: the whole group) from ``since_ms`` on, for these followers."""

    streams: Sequence[str] | None
    since_ms: int
    followed: Sequence[Followed]

    def by_stream(self) -> dict[str, list[Followed]]:
        """Who follows which stream."""
        found: dict[str, list[Followed]] = {}
        for reading, strand in self.followed:
            found.setdefault(strand.stream, []).append((reading, strand))
        return found


def batches(followed: Iterable[Followed], *, group_is_ours: bool) -> list[Batch]:
    """The questions that together cover all of these."""
    made: list[Batch] = []
    ordered = sorted(followed, key=lambda f: (f[1].found, f[1].cursor.floor_ms))
    for found, alike in groupby(ordered, key=lambda f: f[1].found):
        for near in _near(list(alike)):
            chunks = list(_chunks(near))
            since_ms = near[0][1].cursor.floor_ms
            if group_is_ours and found and len(chunks) > 1:
                made.append(Batch(streams=None, since_ms=since_ms, followed=near))
            else:
                made += chunks
    return made


def _near(ordered: list[Followed]) -> Iterator[list[Followed]]:
    """Cut where the floors are too far apart."""
    begin = 0
    for end, (_, strand) in enumerate(ordered):
        if strand.cursor.floor_ms - ordered[begin][1].cursor.floor_ms > FLOOR_SPAN_MS:
            yield ordered[begin:end]
            begin = end
    yield ordered[begin:]


def _chunks(near: list[Followed]) -> Iterator[Batch]:
    """Cut so that no call asks for more streams than it may; followers of one stream share it."""
    streams: dict[str, None] = {}
    begin = 0
    for end, (_, strand) in enumerate(near):
        if strand.stream not in streams and len(streams) == LOG_FILTER_MAX_STREAMS:
            yield _batch(streams, near[begin:end])
            streams, begin = {}, end
        streams[strand.stream] = None
    yield _batch(streams, near[begin:])


def _batch(streams: Iterable[str], followed: list[Followed]) -> Batch:
    return Batch(streams=tuple(streams), since_ms=followed[0][1].cursor.floor_ms, followed=followed)
