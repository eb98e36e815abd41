"""CloudWatch's pages in the engine's words."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.aws.logs import LogsDoor
from awsecs_async.aws.ports import LogEvent, LogGroup
from awsecs_async.errors import LogStreamsMissing
from awsecs_async.local.wire import WireError
from awsecs_async.testing.transport import InProcessTransport
from tests.unit.aws.scripted import Scripted

Wire = dict[str, Any]


class Canned:
    """A cloud with one answer."""

    def __init__(self, answer: Wire | Exception) -> None:
        self.answer = answer
        self.asked: list[Wire] = []

    async def call(self, service: str, operation: str, params: Wire) -> Wire:
        """The canned answer."""
        self.asked.append(params)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_page() -> None:
    """Lines come with what tells them apart, and the token that leads on."""
    event = {"eventId": "1", "logStreamName": "s", "timestamp": 5, "message": "hi", "ingestionTime": 6}
    cloud = Canned({"events": [event], "nextToken": "t"})
    page = await LogsDoor(InProcessTransport(cloud)).filter("g", streams=["s"], since=1, until=9, token="u")
    assert page.events == [LogEvent(id="1", stream="s", timestamp=5, message="hi")]
    assert page.next_token == "t"
    assert cloud.asked == [
        {"logGroupName": "g", "logStreamNames": ["s"], "startTime": 1, "endTime": 9, "nextToken": "u"}
    ]


async def test_whole_group() -> None:
    """Without streams nothing is said of streams, so that the whole group is read; a group may be an ARN."""
    cloud = Canned({})
    page = await LogsDoor(InProcessTransport(cloud)).filter("arn:aws:logs:x", streams=None, since=1)
    assert (page.events, page.next_token) == ([], None)
    assert cloud.asked == [{"logGroupIdentifier": "arn:aws:logs:x", "startTime": 1}]


async def test_missing_stream() -> None:
    """A stream that does not exist yet is told apart from a refusal."""
    refusal = WireError("ResourceNotFoundException", "The specified log stream does not exist.")
    with pytest.raises(LogStreamsMissing):
        await LogsDoor(InProcessTransport(Canned(refusal))).filter("g", streams=["s"], since=1)


async def test_group() -> None:
    """A log group is found among all whose names begin with its own, by name and by ARN."""

    def answer(_: str, params: Wire) -> Wire:
        if "nextToken" in params:
            return {"logGroups": [{"logGroupName": "/ecs/a", "retentionInDays": 30}]}
        return {"logGroups": [{"logGroupName": "/ecs/ab"}], "nextToken": "t"}

    transport = Scripted(answer)
    door = LogsDoor(transport)
    found = LogGroup(name="/ecs/a", retention_days=30)
    assert await door.group("/ecs/a") == found
    assert await door.group("arn:aws:logs:us-east-1:123456789012:log-group:/ecs/a:*") == found
    assert await door.group("arn:aws:logs:us-east-1:123456789012:log-group:/ecs/a") == found
    assert await door.group("/ecs") is None
    assert {params["logGroupNamePrefix"] for _, _, params in transport.asked} == {"/ecs/a", "/ecs"}
    assert await door.group("/ecs/ab") == LogGroup(name="/ecs/ab")
