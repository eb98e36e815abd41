"""Reading events back: FilterLogEvents over a group, GetLogEvents over one stream.

Both walk the sorted lists from a point of the order, and a token *is* such a point: an event
that arrives late behind it is not seen by who pages on, exactly as with the real service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice

from awsecs_async.local.logs.groups import Event, Events, Group
from awsecs_async.local.logs.pattern import matcher
from awsecs_async.local.wire import Wire, invalid_parameter
from awsecs_async.model.quotas import (
    LOG_EVENT_OVERHEAD_BYTES,
    LOG_FILTER_MAX_STREAMS,
    LOG_PAGE_MAX_BYTES,
    LOG_PAGE_MAX_EVENTS,
)


def filter_events(group: Group, params: Wire, now_ms: int) -> Wire:
    """AWS: API_FilterLogEvents. startTime and endTime are both inclusive, in milliseconds."""
    start = _point(params.get("nextToken"), "n", params.get("startTime", 0))
    end_ms = params.get("endTime", now_ms)
    matches = matcher(params.get("filterPattern"))
    page: list[Wire] = []
    room, limit = LOG_PAGE_MAX_BYTES, _limit(params)
    token: str | None = None
    for event in _walk(_sources(group, params), start):
        if event.timestamp_ms > end_ms:
            break
        if event.found_ms > now_ms or (matches is not None and not matches(event.message)):
            continue
        room -= len(event.message) + LOG_EVENT_OVERHEAD_BYTES
        if page and (room < 0 or len(page) == limit):
            token = f"n/{event.timestamp_ms}/{event.number}"
            break
        page.append(_filtered(event))
    answer: Wire = {"events": page, "searchedLogStreams": []}
    if token is not None:
        answer["nextToken"] = token
    return answer


def get_events(events: Events, params: Wire, now_ms: int) -> Wire:
    """AWS: API_GetLogEvents. endTime is exclusive; the end is where the forward token stays the same."""
    token, limit = params.get("nextToken"), _limit(params)
    first_ms, end_ms = params.get("startTime", 0), params.get("endTime")
    low = events.position(first_ms)
    high = len(events.items) if end_ms is None else events.position(end_ms)
    if token is None and not params.get("startFromHead", False):
        low = max(low, high - limit)
    elif token is not None and token.startswith("b/"):
        high = min(high, events.position(*_point(token, "b", 0)))
        low = max(low, high - limit)
    elif token is not None:
        low = max(low, events.position(*_point(token, "f", first_ms)))
    shown = list(_fitting(islice(events.items, low, high), now_ms, limit))
    return {
        "events": [_got(event) for event in shown],
        "nextForwardToken": _after(shown[-1]) if shown else _stay(token, "f", first_ms),
        "nextBackwardToken": _at(shown[0]) if shown else _stay(token, "b", first_ms),
    }


def _fitting(events: Iterable[Event], now_ms: int, limit: int) -> Iterator[Event]:
    room = LOG_PAGE_MAX_BYTES
    for event in islice((event for event in events if event.found_ms <= now_ms), limit):
        room -= len(event.message) + LOG_EVENT_OVERHEAD_BYTES
        if room < 0:
            return
        yield event


def _after(event: Event) -> str:
    return f"f/{event.timestamp_ms}/{event.number + 1}"


def _at(event: Event) -> str:
    return f"b/{event.timestamp_ms}/{event.number}"


def _stay(token: str | None, side: str, first_ms: int) -> str:
    return token if token is not None and token.startswith(side) else f"{side}/{first_ms}/-1"


def _point(token: str | None, side: str, first_ms: int) -> tuple[int, int]:
    if token is None:
        return first_ms, -1
    kind, _, point = token.partition("/")
    timestamp, _, number = point.partition("/")
    try:
        found = int(timestamp), int(number)
    except ValueError:
        kind, found = "", (0, 0)
    if kind != side:
        raise invalid_parameter("The specified nextToken is invalid.")
    return found


def _limit(params: Wire) -> int:
    limit = params.get("limit", LOG_PAGE_MAX_EVENTS)
    if not 1 <= limit <= LOG_PAGE_MAX_EVENTS:
        raise invalid_parameter(f"limit must be between 1 and {LOG_PAGE_MAX_EVENTS}, not {limit}.")
    return int(limit)


def _sources(group: Group, params: Wire) -> list[Events]:
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        raise invalid_parameter("logStreamNames and logStreamNamePrefix cannot be used together.")
    if names is not None:
        if not 1 <= len(names) <= LOG_FILTER_MAX_STREAMS:
            raise invalid_parameter(
                f"logStreamNames takes 1 to {LOG_FILTER_MAX_STREAMS} names, not {len(names)}."
            )
        return [group.stream(name).events for name in dict.fromkeys(names)]
    if prefix is not None:
        return [stream.events for name, stream in group.streams.items() if name.startswith(prefix)]
    return [group.events]


def _walk(sources: list[Events], start: tuple[int, int]) -> Iterator[Event]:
    walks = [islice(source.items, source.position(*start), None) for source in sources]
    return iter(walks[0]) if len(walks) == 1 else merge(*walks)


def _filtered(event: Event) -> Wire:
    return {
        "logStreamName": event.stream,
        "timestamp": event.timestamp_ms,
        "message": event.message,
        "ingestionTime": event.found_ms,
        "eventId": f"{event.number:056d}",
    }


def _got(event: Event) -> Wire:
    return {"timestamp": event.timestamp_ms, "message": event.message, "ingestionTime": event.found_ms}
