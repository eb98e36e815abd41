"""Where log events are kept: groups of streams.

A group keeps its events twice, in one list of its own and in one per stream, both in the order
in which CloudWatch answers them: by timestamp, then by arrival. A query of a whole group, which
is what scales, then costs what it returns, however many streams there are.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from typing import NamedTuple

from awsecs_async.local.wire import Wire, WireError


class Event(NamedTuple):
    """One line, in its order of answering: timestamp first, then arrival."""

    timestamp_ms: int
    number: int  # counts arrivals in the whole cloud; also the eventId
    stream: str
    message: str
    found_ms: int  # when it can be found: its ingestion time


class Events:
    """A sorted list of events; almost always it only grows at its end."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Event] = []

    def add(self, event: Event) -> None:
        """Put an event in its place."""
        items = self.items
        if not items or items[-1] < event:
            items.append(event)
        else:
            insort(items, event)

    def position(self, timestamp_ms: int, number: int = -1) -> int:
        """The index of the first event at or after this point of the order."""
        return bisect_left(self.items, (timestamp_ms, number))

    def drop_oldest(self, count: int) -> list[Event]:
        """Take the oldest `count` events out."""
        dropped = self.items[:count]
        del self.items[:count]
        return dropped


class Stream:
    """A log stream: usually one container's output."""

    __slots__ = ("arn", "created_ms", "events", "ingested_ms", "name")

    def __init__(self, name: str, arn: str, created_ms: int) -> None:
        self.name = name
        self.arn = arn
        self.created_ms = created_ms
        self.events = Events()
        self.ingested_ms: int | None = None

    def wire(self) -> Wire:
        """As DescribeLogStreams shows it."""
        shown: Wire = {
            "logStreamName": self.name,
            "creationTime": self.created_ms,
            "arn": self.arn,
            "storedBytes": 0,  # AWS has answered 0 for every stream since 2019
        }
        if self.events.items:
            shown["firstEventTimestamp"] = self.events.items[0].timestamp_ms
            shown["lastEventTimestamp"] = self.events.items[-1].timestamp_ms
            shown["lastIngestionTime"] = self.ingested_ms
        return shown


class Group:
    """A log group: its streams, and every event of theirs in one order."""

    def __init__(self, name: str, arn: str, created_ms: int) -> None:
        self.name = name
        self.arn = arn
        self.created_ms = created_ms
        self.retention_days: int | None = None
        self.tags: dict[str, str] = {}
        self.streams: dict[str, Stream] = {}
        self.events = Events()
        self.stored_bytes = 0

    def stream(self, name: str) -> Stream:
        """The stream of this name. Raises ResourceNotFoundException."""
        try:
            return self.streams[name]
        except KeyError:
            raise WireError("ResourceNotFoundException", "The specified log stream does not exist.") from None

    def drop(self, name: str) -> None:
        """Delete a stream with its events."""
        self.stream(name)
        del self.streams[name]
        self.events.items = [event for event in self.events.items if event.stream != name]

    def keep_newest(self, count: int) -> None:
        """Drop the oldest events, a tenth more than needed so that it is not done for every event."""
        excess = len(self.events.items) - count
        if excess <= 0:
            return
        # A stream's events have the same order, so what it loses are its first ones.
        lost = Counter(event.stream for event in self.events.drop_oldest(excess + count // 10))
        for name, number in lost.items():
            self.streams[name].events.drop_oldest(number)

    def wire(self) -> Wire:
        """As DescribeLogGroups shows it."""
        shown: Wire = {
            "logGroupName": self.name,
            "creationTime": self.created_ms,
            "metricFilterCount": 0,
            "arn": f"{self.arn}:*",
            "logGroupArn": self.arn,
            "storedBytes": self.stored_bytes,
            "logGroupClass": "STANDARD",
        }
        if self.retention_days is not None:
            shown["retentionInDays"] = self.retention_days
        return shown

    def __repr__(self) -> str:
        return f"<Group {self.name} streams={len(self.streams)} events={len(self.events.items)}>"
