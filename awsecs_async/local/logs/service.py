"""CloudWatch Logs: the operations, and the way containers' output comes in.

Containers write through `open_stream` and `write`, which no quota touches here: the awslogs
driver's own calls are not the dispatcher's. Users' calls come through `operations`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from awsecs_async.local.logs.groups import Event, Group, Stream
from awsecs_async.local.logs.queries import filter_events, get_events
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import Wire, WireError, invalid_parameter
from awsecs_async.model.quotas import (
    LOG_BATCH_MAX_BYTES,
    LOG_BATCH_MAX_EVENTS,
    LOG_EVENT_MAX_AGE_SECONDS,
    LOG_EVENT_MAX_AHEAD_SECONDS,
    LOG_EVENT_OVERHEAD_BYTES,
    LOG_LINE_SPLIT_BYTES,
)

_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_STREAM_NAME = re.compile(r"[^:*]{1,512}")
_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
_STREAMS_PAGE = 50  # DescribeLogStreams and DescribeLogGroups show no more at once

Operation = Callable[[Wire, float], Wire]


class Logs:
    """The log groups of one account and Region.

    The mutable state is `groups` and the count of events that ever arrived.
    """

    def __init__(self, settings: CloudSettings) -> None:
        self._settings = settings
        self._arrived = 0
        self.groups: dict[str, Group] = {}
        self.operations: Mapping[str, Operation] = {
            "CreateLogGroup": self._create_group,
            "DeleteLogGroup": self._delete_group,
            "DescribeLogGroups": self._describe_groups,
            "PutRetentionPolicy": self._put_retention,
            "CreateLogStream": self._create_stream,
            "DeleteLogStream": self._delete_stream,
            "DescribeLogStreams": self._describe_streams,
            "PutLogEvents": self._put_events,
            "GetLogEvents": self._get_events,
            "FilterLogEvents": self._filter_events,
        }

    # --- what containers use ---------------------------------------------------------------

    def open_stream(self, group: str, stream: str, now: float, *, create_group: bool = False) -> None:
        """Make a container's stream. Raises ResourceNotFoundException when the group is missing."""
        if create_group and group not in self.groups:
            self._make_group(group, now)
        target = self.group(group)
        if stream not in target.streams:
            self._make_stream(target, stream, now)

    def write(self, group: str, stream: str, now: float, lines: Iterable[str]) -> None:
        """Add a container's lines; long ones are split as the awslogs driver does.

        Lines for a group or stream that was deleted meanwhile are lost, as they are with AWS.
        """
        target = self.groups.get(group)
        into = target.streams.get(stream) if target is not None else None
        if target is None or into is None:
            return
        for line in lines:
            for start in range(0, max(len(line), 1), LOG_LINE_SPLIT_BYTES):
                self._add(target, into, int(now * 1000), line[start : start + LOG_LINE_SPLIT_BYTES], now)

    def group(self, name: str) -> Group:
        """The group of this name or ARN. Raises ResourceNotFoundException."""
        if name.startswith("arn:"):
            name = name.removesuffix(":*").partition(":log-group:")[2]
        try:
            return self.groups[name]
        except KeyError:
            raise WireError("ResourceNotFoundException", "The specified log group does not exist.") from None

    # --- groups ----------------------------------------------------------------------------

    def _create_group(self, params: Wire, now: float) -> Wire:
        name = params["logGroupName"]
        if not _GROUP_NAME.fullmatch(name):
            raise invalid_parameter(
                f"1 validation error detected: Value '{name}' at 'logGroupName' is not a log group name."
            )
        if name in self.groups:
            raise WireError("ResourceAlreadyExistsException", "The specified log group already exists")
        self._make_group(name, now).tags.update(params.get("tags") or {})
        return {}

    def _delete_group(self, params: Wire, _now: float) -> Wire:
        del self.groups[self.group(params["logGroupName"]).name]
        return {}

    def _describe_groups(self, params: Wire, _now: float) -> Wire:
        prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
        if prefix is not None and pattern is not None:
            raise invalid_parameter(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        names = sorted(
            name
            for name in self.groups
            if name.startswith(prefix or "") and (pattern or "").lower() in name.lower()
        )
        shown, token = _page(names, params)
        return _answer("logGroups", [self.groups[name].wire() for name in shown], token)

    def _put_retention(self, params: Wire, _now: float) -> Wire:
        days = params["retentionInDays"]
        if days not in _RETENTION_DAYS:
            raise invalid_parameter(f"retentionInDays must be one of {sorted(_RETENTION_DAYS)}, not {days}.")
        self.group(params["logGroupName"]).retention_days = days
        return {}

    def _make_group(self, name: str, now: float) -> Group:
        arn = f"arn:aws:logs:{self._settings.region}:{self._settings.account}:log-group:{name}"
        self.groups[name] = group = Group(name, arn, int(now * 1000))
        return group

    # --- streams ---------------------------------------------------------------------------

    def _create_stream(self, params: Wire, now: float) -> Wire:
        group, name = self.group(params["logGroupName"]), params["logStreamName"]
        if not _STREAM_NAME.fullmatch(name):
            raise invalid_parameter(
                f"1 validation error detected: Value '{name}' at 'logStreamName' is not a log stream name."
            )
        if name in group.streams:
            raise WireError("ResourceAlreadyExistsException", "The specified log stream already exists")
        self._make_stream(group, name, now)
        return {}

    def _delete_stream(self, params: Wire, _now: float) -> Wire:
        self.group(params["logGroupName"]).drop(params["logStreamName"])
        return {}

    def _describe_streams(self, params: Wire, _now: float) -> Wire:
        group = self._group_of(params)
        prefix = params.get("logStreamNamePrefix") or ""
        by_time = params.get("orderBy") == "LastEventTime"
        if by_time and prefix:
            raise invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
        names = [name for name in group.streams if name.startswith(prefix)]
        names.sort(
            reverse=bool(params.get("descending")),
            key=(lambda name: _last_event(group, name)) if by_time else None,
        )
        shown, token = _page(names, params)
        return _answer("logStreams", [group.streams[name].wire() for name in shown], token)

    @staticmethod
    def _make_stream(group: Group, name: str, now: float) -> None:
        group.streams[name] = Stream(name, f"{group.arn}:log-stream:{name}", int(now * 1000))

    def _group_of(self, params: Wire) -> Group:
        name = params.get("logGroupName") or params.get("logGroupIdentifier")
        if name is None:
            raise invalid_parameter("Either logGroupName or logGroupIdentifier must be given.")
        return self.group(name)

    # --- events ----------------------------------------------------------------------------

    def _put_events(self, params: Wire, now: float) -> Wire:
        group = self.group(params["logGroupName"])
        stream = group.stream(params["logStreamName"])
        events = params["logEvents"]
        _check_batch(events)
        oldest = (now - LOG_EVENT_MAX_AGE_SECONDS) * 1000
        newest = (now + LOG_EVENT_MAX_AHEAD_SECONDS) * 1000
        old = sum(event["timestamp"] < oldest for event in events)
        new = next((index for index, event in enumerate(events) if event["timestamp"] > newest), None)
        for event in events[old:new]:
            self._add(group, stream, event["timestamp"], event["message"], now)
        rejected: Wire = {}
        if old:
            rejected["tooOldLogEventEndIndex"] = old
        if new is not None:
            rejected["tooNewLogEventStartIndex"] = new
        return {"rejectedLogEventsInfo": rejected} if rejected else {}

    def _get_events(self, params: Wire, now: float) -> Wire:
        stream = self._group_of(params).stream(params["logStreamName"])
        return get_events(stream.events, params, int(now * 1000))

    def _filter_events(self, params: Wire, now: float) -> Wire:
        return filter_events(self._group_of(params), params, int(now * 1000))

    def _add(self, group: Group, stream: Stream, timestamp_ms: int, message: str, now: float) -> None:
        found_ms = int((now + self._settings.log_delay_seconds) * 1000)
        self._arrived += 1
        event = Event(timestamp_ms, self._arrived, stream.name, message, found_ms)
        group.events.add(event)
        stream.events.add(event)
        stream.ingested_ms = found_ms
        group.stored_bytes += len(message) + LOG_EVENT_OVERHEAD_BYTES
        group.keep_newest(self._settings.log_events_per_group)

    def __repr__(self) -> str:
        return f"<Logs groups={len(self.groups)} arrived={self._arrived}>"


def _check_batch(events: list[Wire]) -> None:
    if not 1 <= len(events) <= LOG_BATCH_MAX_EVENTS:
        raise invalid_parameter(f"logEvents takes 1 to {LOG_BATCH_MAX_EVENTS} events, not {len(events)}.")
    size = sum(len(event["message"].encode()) + LOG_EVENT_OVERHEAD_BYTES for event in events)
    if size > LOG_BATCH_MAX_BYTES:
        raise invalid_parameter(f"Upload too large: {size} bytes exceeds limit of {LOG_BATCH_MAX_BYTES}")
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        raise invalid_parameter("Log events in a single PutLogEvents request must be in chronological order.")


def _last_event(group: Group, name: str) -> int:
    items = group.streams[name].events.items
    return items[-1].timestamp_ms if items else 0


def _page(names: list[str], params: Wire) -> tuple[list[str], str | None]:
    limit = params.get("limit", _STREAMS_PAGE)
    if not 1 <= limit <= _STREAMS_PAGE:
        raise invalid_parameter(f"limit must be between 1 and {_STREAMS_PAGE}, not {limit}.")
    try:
        start = int(params.get("nextToken") or 0)
    except ValueError:
        raise invalid_parameter("The specified nextToken is invalid.") from None
    end = start + limit
    return names[start:end], str(end) if end < len(names) else None


def _answer(member: str, shown: list[Wire], token: str | None) -> Wire:
    return {member: shown} if token is None else {member: shown, "nextToken": token}
