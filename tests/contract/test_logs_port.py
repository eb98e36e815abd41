"""One suite over the port to CloudWatch Logs: the scripted fake, and the door over the local cloud's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from awsecs_async.aws.logs import LogsDoor
from awsecs_async.errors import LogStreamsMissing
from awsecs_async.kit.wall import wall_time
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings
from awsecs_async.testing.logs import ScriptedLogs
from awsecs_async.testing.transport import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from awsecs_async.aws.ports import LogEvent, Logs

pytestmark = pytest.mark.virtual_time

GROUP = "/aws/ecs/test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A port to a log group, and the way lines get into it: ``put(stream, [(timestamp, message), ...])``."""

    port: Logs
    put: Callable[[str, Sequence[tuple[int, str]]], Awaitable[None]]

    async def all(self, streams: Sequence[str] | None, since: int) -> list[list[LogEvent]]:
        """All pages of an answer."""
        pages, token = [], None
        while True:
            page = await self.port.filter(GROUP, streams=streams, since=since, token=token)
            pages.append(list(page.events))
            token = page.next_token
            if token is None:
                return pages


def scripted() -> Shelf:
    """The fake."""
    logs = ScriptedLogs()

    async def put(stream: str, lines: Sequence[tuple[int, str]]) -> None:
        logs.create(stream)
        for timestamp, message in lines:
            logs.write(stream, message, timestamp=timestamp)

    return Shelf(port=logs, put=put)


def local() -> Shelf:
    """The local cloud, through the door that is used with AWS."""
    cloud = Cloud(CloudSettings(quotas=NO_QUOTAS))

    async def put(stream: str, lines: Sequence[tuple[int, str]]) -> None:
        cloud.logs.open_stream(GROUP, stream, wall_time(), create_group=True)
        events = [{"timestamp": timestamp, "message": message} for timestamp, message in lines]
        if events:
            params = {"logGroupName": GROUP, "logStreamName": stream, "logEvents": events}
            await cloud.call("logs", "PutLogEvents", params)

    return Shelf(port=LogsDoor(InProcessTransport(cloud)), put=put)


@pytest.fixture(params=[scripted, local], ids=["scripted", "local cloud"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """Each of the two."""
    made = request.param()
    assert isinstance(made, Shelf)
    return made


async def test_events_come_by_time_and_keep_their_ids(shelf: Shelf) -> None:
    """Streams are interleaved by time, equal milliseconds keep their order, ids are stable and unique."""
    now = int(wall_time() * 1000)
    await shelf.put("a", [(now - 3, "1"), (now - 1, "3"), (now - 1, "4")])
    await shelf.put("b", [(now - 2, "2")])
    await shelf.put("c", [(now - 2, "of another")])
    (first,), (again,) = await shelf.all(["a", "b"], 0), await shelf.all(["a", "b"], 0)
    assert [(e.stream, e.message) for e in first] == [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")]
    assert first == again
    assert len({event.id for event in first}) == 4


async def test_since_is_inclusive(shelf: Shelf) -> None:
    """The millisecond that is asked from is part of the answer."""
    now = int(wall_time() * 1000)
    await shelf.put("a", [(now - 2, "1"), (now - 1, "2"), (now, "3")])
    ((two, three),) = await shelf.all(["a"], now - 1)
    assert (two.message, three.message) == ("2", "3")


async def test_pages_go_on_until_there_is_no_token(shelf: Shelf) -> None:
    """An answer of more than 10,000 events comes in several pages, which repeat and leave out nothing."""
    now = int(wall_time() * 1000)
    numbers = range(12_000)
    await shelf.put("a", [(now - 20_000 + n, str(n)) for n in numbers[:7_000]])
    await shelf.put("a", [(now - 20_000 + n, str(n)) for n in numbers[7_000:]])
    pages = await shelf.all(["a"], 0)
    assert len(pages) > 1
    assert [event.message for page in pages for event in page] == [str(n) for n in numbers]


async def test_the_whole_group(shelf: Shelf) -> None:
    """Without a filter every stream of the group is in the answer."""
    now = int(wall_time() * 1000)
    await shelf.put("a", [(now - 2, "1")])
    await shelf.put("b", [(now - 1, "2")])
    ((one, two),) = await shelf.all(None, 0)
    assert (one.stream, two.stream) == ("a", "b")


async def test_an_empty_stream_is_no_missing_one(shelf: Shelf) -> None:
    """A stream that exists gives an empty answer; one that does not refuses the whole call."""
    await shelf.put("a", [])
    assert await shelf.all(["a"], 0) == [[]]
    with pytest.raises(LogStreamsMissing):
        await shelf.all(["a", "absent"], 0)
