"""What only the way to AWS promises: endpoints, exact bodies, turns, and an undisturbed loop."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from botocore.loaders import JSONFileLoader

from awsecs_async.aws.faults import cure
from awsecs_async.aws.session import Session
from awsecs_async.errors import RequestRefused, SettingsError, TargetBlocked, Unanswered
from tests.contract.recorder import recorded

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"


async def test_body_is_sent_as_it_is() -> None:
    """A recorded request is replayed to the byte: blanks, order, unknown members and all."""
    text = '{ "zebra": 1,\n "cluster" :"caf\\u00e9 é", "count":1.0}'
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:
        await session.send("ecs", "RunTask", text)
    assert recorder.requests == [("AmazonEC2ContainerServiceV20141113.RunTask", text.encode(), "made-up")]


async def test_profile_and_region(from_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Region and profile are found where botocore finds them; what is missing is said on opening."""
    with pytest.raises(SettingsError, match="AWS_REGION"):
        async with Session():
            pass
    with pytest.raises(SettingsError, match="nobody"):
        async with Session(profile="nobody"):
            pass
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-3\n")
    async with Session(profile="work") as session:
        assert session.region == "eu-west-3"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    async with Session() as session:
        assert session.region == "eu-north-1"


async def test_the_region_of_an_ecs_task_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dispatcher that runs on ECS has its region in AWS_REGION, which botocore does not read."""
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    async with Session() as session:
        assert session.region == "eu-north-1"


@pytest.mark.parametrize("where", ["AWS_ENDPOINT_URL", "service", "config"])
async def test_endpoint_settings(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every endpoint setting of botocore's leads there, per service too."""
    async with recorded() as (recorder, url), recorded() as (other, other_url):
        if where == "AWS_ENDPOINT_URL":
            monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        elif where == "service":
            monkeypatch.setenv("AWS_ENDPOINT_URL", other_url)
            monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", url)
            monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", url)
        else:
            (tmp_path / "config").write_text(
                "[default]\nservices = here\n[services here]\n"
                f"ecs =\n  endpoint_url = {url}\ncloudwatch_logs =\n  endpoint_url = {url}\n"
            )
        async with Session(region=REGION) as session:
            await session.call("ecs", "ListTasks", {})
            await session.call("logs", "DescribeLogGroups", {})
        assert len(recorder.requests) == 2
        assert not other.requests


async def test_nobody_listens() -> None:
    """Where nothing can be reached nothing was sent: the target is blocked, with a cure."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with Session(region=REGION, endpoint_url=url) as session:
            with pytest.raises(TargetBlocked) as caught:
                await session.call("ecs", "ListTasks", {})
    assert "network" in cure(caught.value)


@pytest.mark.parametrize("answer", [b"<html>welcome</html>", b"[1]"])
async def test_no_json_is_no_answer(answer: bytes) -> None:
    """What is not the service's JSON is no answer of the service."""
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:

        async def html(_: web.Request) -> web.StreamResponse:
            return web.Response(body=answer)

        recorder.answer = html
        with pytest.raises(Unanswered):
            await session.call("ecs", "ListTasks", {})


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (502, b"<html>Bad Gateway</html>", Unanswered),
        (403, b"<html>Forbidden</html>", TargetBlocked),
        (400, b'{"__type":"com.amazonaws.ecs#ClientException:http://x","Message":"no"}', RequestRefused),
        (400, b"[]", Unanswered),
        (500, b"", Unanswered),
    ],
)
async def test_errors_in_every_form(status: int, answer: bytes, kind: type[Exception]) -> None:
    """Errors of services, gateways and portals alike become faults."""
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:

        async def refuse(_: web.Request) -> web.StreamResponse:
            return web.Response(body=answer, status=status)

        recorder.answer = refuse
        with pytest.raises(kind):
            await session.call("ecs", "ListTasks", {})


async def test_callers_take_turns() -> None:
    """No more calls than connections are under way, and callers are served in the order they came."""
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, connections=2) as session,
    ):
        done: list[int] = []

        async def one(number: int) -> None:
            await session.call("ecs", "ListTasks", {"number": number})
            done.append(number)

        await asyncio.gather(*(one(i) for i in range(20)))
    assert recorder.most_in_flight <= 2
    assert [json.loads(body)["number"] for _, body, _ in recorder.requests] == pytest.approx(range(20), abs=1)
    assert sorted(done) == list(range(20))


async def test_cancelled_waiters_and_calls_give_their_turn_back() -> None:
    """However many callers go away, waiting or in mid call, none takes a connection's turn with it."""
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, connections=2) as session,
    ):
        arrived = asyncio.Semaphore(0)

        async def stuck(_: web.Request) -> web.StreamResponse:
            arrived.release()
            await asyncio.Event().wait()
            raise AssertionError

        recorder.answer, answer = stuck, recorder.answer
        calls = [asyncio.create_task(session.call("ecs", "ListTasks", {})) for _ in range(6)]
        await arrived.acquire()
        await arrived.acquire()
        for call in reversed(calls):
            call.cancel()
        assert all(
            isinstance(r, asyncio.CancelledError)
            for r in await asyncio.gather(*calls, return_exceptions=True)
        )
        recorder.answer = answer
        await asyncio.gather(*(session.call("ecs", "ListTasks", {}) for _ in range(4)))


async def test_making_clients_happens_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hundred milliseconds of reading botocore's models are not the event loop's."""
    here = threading.get_ident()
    readers: list[int] = []
    load = JSONFileLoader.load_file

    def watched(self: JSONFileLoader, path: str) -> object:
        readers.append(threading.get_ident())
        return load(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", watched)
    async with recorded() as (_, url), Session(region=REGION, endpoint_url=url) as session:
        await session.call("ecs", "ListTasks", {})
    assert readers
    assert here not in readers


async def test_closing_leaves_nothing_open() -> None:
    """A session that is left has no connection open, and says what state it is in."""
    async with recorded() as (_, url):
        session = Session(region=REGION, endpoint_url=url)
        with pytest.raises(SettingsError, match="async with"):
            _ = Session().region
        async with session:
            assert "no clients yet" in repr(session)
            await session.call("ecs", "ListTasks", {})
            assert "0 calls in flight" in repr(session)
        gc.collect()  # an unclosed connection would warn, and warnings are errors
