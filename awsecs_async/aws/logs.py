"""CloudWatch Logs in the engine's words, over any transport: one page of FilterLogEvents at a time.

Which streams to ask for, how far back, and what was seen before is the follower's business. A page may be
empty and still have a successor (AWS: API_FilterLogEvents); only the absence of a token ends a reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsecs_async.aws.ports import LogEvent, LogGroup, LogPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.aws.ports import Transport


class LogsDoor:
    """``ports.Logs`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<LogsDoor over {self._transport!r}>"

    async def filter(
        self,
        group: str,
        *,
        streams: Sequence[str] | None,
        since: int,
        until: int | None = None,
        token: str | None = None,
    ) -> LogPage:
        """FilterLogEvents of up to 100 streams, or of the whole group.

        ``since`` and ``until`` are epoch milliseconds, both inclusive. Raises LogStreamsMissing if the group
        or a stream does not exist.
        """
        params: dict[str, Any] = {
            "logGroupIdentifier" if group.startswith("arn:") else "logGroupName": group,
            "startTime": since,
        }
        if streams is not None:
            params["logStreamNames"] = list(streams)
        if until is not None:
            params["endTime"] = until
        if token is not None:
            params["nextToken"] = token
        answer = await self._transport.call("logs", "FilterLogEvents", params)
        return LogPage(
            events=[_event_of(event) for event in answer.get("events", ())],
            next_token=answer.get("nextToken"),
        )

    async def group(self, name: str) -> LogGroup | None:
        """DescribeLogGroups: the log group of this name or ARN, or None if there is none."""
        name = _name_of(name)
        params: dict[str, Any] = {"logGroupNamePrefix": name}
        while True:
            page = await self._transport.call("logs", "DescribeLogGroups", params)
            for found in page.get("logGroups", ()):
                if found["logGroupName"] == name:
                    return LogGroup(name=name, retention_days=found.get("retentionInDays"))
            if not (token := page.get("nextToken")):
                return None
            params["nextToken"] = token


def _name_of(group: str) -> str:
    """The name in a log group's ARN, ``arn:aws:logs:<region>:<account>:log-group:<name>``, or itself."""
    return group.partition(":log-group:")[2].removesuffix(":*") if group.startswith("arn:") else group


def _event_of(event: dict[str, Any]) -> LogEvent:
    return LogEvent(
        id=event["eventId"],
        stream=event["logStreamName"],
        timestamp=event["timestamp"],
        message=event["message"],
    )
