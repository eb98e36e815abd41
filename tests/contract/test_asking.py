"""What only the way to the services beside ECS promises: endpoints, faults, turns, and what is let go."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from typing import TYPE_CHECKING

import pytest
from aiobotocore.session import AioSession
from aiohttp import web
from botocore.loaders import JSONFileLoader

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.faults import could_not_ask, cure
from awsecs_async.aws.making import Maker
from awsecs_async.aws.neighbours import Neighbours
from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.aws.session import Session
from awsecs_async.errors import AwsFault, RequestRefused, TargetBlocked, Throttled, Unanswered
from awsecs_async.model.s3 import S3Url
from tests.contract.recorder import recorded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.recorder import Answer

REGION = "us-east-1"
WORK = S3Url.parse("s3://work/a/key")
VPCS = (
    b'<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>'
)
ME = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
EC2_ERROR = "<Response><Errors><Error><Code>{}</Code><Message>words</Message></Error></Errors></Response>"
QUERY_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>words</Message></Error></ErrorResponse>"
)
S3_ERROR = "<Error><Code>{}</Code><Message>words</Message></Error>"


def saying(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """A service that always answers this."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer


CALLS = {
    "ec2": ("DescribeVpcs", {}),
    "iam": ("GetRole", {"RoleName": "r"}),
    "sts": ("GetCallerIdentity", {}),
    "s3": ("GetObject", {"Bucket": "work", "Key": "k"}),
    "service-quotas": ("ListServiceQuotas", {"ServiceCode": "ecs"}),
}


@pytest.mark.parametrize(
    ("service", "status", "body", "kind", "is_unasked"),
    [
        ("ec2", 503, EC2_ERROR.format("RequestLimitExceeded"), Throttled, True),
        ("ec2", 403, EC2_ERROR.format("UnauthorizedOperation"), TargetBlocked, True),
        ("ec2", 401, EC2_ERROR.format("AuthFailure"), TargetBlocked, False),
        ("ec2", 400, EC2_ERROR.format("InvalidVpcID.NotFound"), RequestRefused, False),
        ("ec2", 501, EC2_ERROR.format("UnsupportedOperation"), TargetBlocked, True),
        ("iam", 404, QUERY_ERROR.format("NoSuchEntity"), RequestRefused, False),
        ("iam", 403, QUERY_ERROR.format("AccessDenied"), TargetBlocked, True),
        ("iam", 400, QUERY_ERROR.format("Throttling"), Throttled, True),
        ("sts", 403, QUERY_ERROR.format("ExpiredToken"), TargetBlocked, False),
        ("sts", 404, "<html>not AWS</html>", TargetBlocked, True),
        ("s3", 503, S3_ERROR.format("SlowDown"), Throttled, True),
        ("s3", 403, S3_ERROR.format("AccessDenied"), TargetBlocked, True),
        ("s3", 404, S3_ERROR.format("NoSuchBucket"), RequestRefused, False),
        ("s3", 500, "", Unanswered, True),
        ("service-quotas", 400, '{"__type":"AccessDeniedException","Message":"no"}', TargetBlocked, True),
        ("service-quotas", 429, '{"__type":"TooManyRequestsException"}', Throttled, True),
        ("service-quotas", 404, "<html>not AWS</html>", TargetBlocked, True),
    ],
)
async def test_errors_of_every_protocol(
    service: str,
    status: int,
    body: str,
    kind: type[AwsFault],
    is_unasked: bool,  # noqa: FBT001
) -> None:
    """Whatever form a service's errors have, they are faults by the one table."""
    operation, params = CALLS[service]
    async with (
        recorded(saying(body.encode(), status)) as (recorder, url),
        Session(region=REGION, endpoint_url=url) as session,
    ):
        with pytest.raises(AwsFault) as caught:
            await session.ask(service, operation, params)
    assert type(caught.value) is kind
    assert could_not_ask(caught.value) is is_unasked
    assert len(recorder.requests) == 1  # nobody below tried again
    assert len(cure(caught.value).splitlines()) == 1


async def test_quotas_come_in_pages() -> None:
    """All pages of an account's quotas are read, and one without a value is not made up."""

    async def pages(request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        assert asked["ServiceCode"] == "ecs"
        if "NextToken" not in asked:
            first = [{"QuotaCode": "L-1", "Value": 40.0}, {"QuotaCode": "L-2", "ErrorReason": {}}]
            return web.json_response({"Quotas": first, "NextToken": "2"})
        return web.json_response({"Quotas": [{"QuotaCode": "L-3", "Value": 0.5}]})

    async with recorded(pages) as (_, url), Session(region=REGION, endpoint_url=url) as session:
        assert await AccountDoor(session).quotas("ecs") == {"L-1": 40.0, "L-3": 0.5}


async def test_a_bucket_elsewhere_says_where() -> None:
    """Who asks a bucket in the wrong region and is not led on reads the right one."""
    answer = saying(S3_ERROR.format("PermanentRedirect").encode(), 301, {"x-amz-bucket-region": "eu-west-1"})
    async with recorded(answer) as (_, url), Session(region=REGION, endpoint_url=url) as session:
        with pytest.raises(RequestRefused, match="eu-west-1"):
            await ObjectsDoor(session).get(WORK)


@pytest.mark.parametrize("where", ["explicit", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "config"])
async def test_buckets_are_in_the_path(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint of one's own needs no host name for every bucket, however it was set."""
    async with recorded(saying(b"data")) as (recorder, numeric):
        url = numeric.replace("127.0.0.1", "localhost")
        if where == "config":
            text = f"[default]\nservices = here\n[services here]\ns3 =\n  endpoint_url = {url}\n"
            (tmp_path / "config").write_text(text)
        elif where != "explicit":
            monkeypatch.setenv(where, url)
        async with Session(region=REGION, endpoint_url=url if where == "explicit" else None) as session:
            assert await ObjectsDoor(session).get(WORK) == b"data"
    assert recorder.paths == ["/work/a/key"]


async def test_a_broken_body_is_no_answer() -> None:
    """An object of which the connection brought a part is not taken for the whole."""

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    async with recorded(cut) as (_, url), Session(region=REGION, endpoint_url=url) as session:
        with pytest.raises(Unanswered):
            await ObjectsDoor(session).get(WORK)


async def test_a_body_without_a_length_is_bounded() -> None:
    """A body that never says how long it is is read to the limit and no further."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(1_000):
            await response.write(b"x" * 65_536)
        return response

    async with recorded(endless) as (_, url), Session(region=REGION, endpoint_url=url) as session:
        with pytest.raises(RequestRefused, match="of at most 1,048,576"):
            await ObjectsDoor(session).get(WORK)


async def test_expired_credentials_are_read_anew(from_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What EC2 or S3 says of the credentials counts for all services."""
    key = "[default]\naws_access_key_id = {}\naws_secret_access_key = made-up\n"
    from_file.write_text(key.format("old"))
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, reread_seconds=0) as session,
    ):

        async def only_new(_: web.Request) -> web.StreamResponse:
            if recorder.keys[-1] == "old":
                return web.Response(text=QUERY_ERROR.format("ExpiredToken"), status=403)
            return web.Response(body=ME)

        recorder.answer = only_new
        with pytest.raises(TargetBlocked):
            await AccountDoor(session).identity()
        from_file.write_text(key.format("new"))
        assert (await AccountDoor(session).identity()).account == "123456789012"
    gc.collect()  # the retired client's connections are closed: one that is not would warn


async def test_services_take_turns_apart() -> None:
    """Calls that hang at one service hold up no other, and give their turn back when cancelled."""
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, connections=1) as session,
    ):
        arrived = asyncio.Event()

        async def stuck(request: web.Request) -> web.StreamResponse:
            if "work" in request.path:
                arrived.set()
                await asyncio.Event().wait()
            return web.Response(body=ME)

        recorder.answer = stuck
        hanging = [asyncio.create_task(ObjectsDoor(session).get(WORK)) for _ in range(3)]
        await arrived.wait()
        await AccountDoor(session).identity()
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        recorder.answer = saying(b"data")
        assert await ObjectsDoor(session).get(WORK) == b"data"


async def test_who_never_asks_never_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """EC2's models are megabytes: they are read when EC2 is asked, in a thread, and not before."""
    here = threading.get_ident()
    read: list[tuple[bool, bool]] = []
    load = JSONFileLoader.load_file

    def watched(self: JSONFileLoader, path: str) -> object:
        read.append(("/ec2/" in path, threading.get_ident() == here))
        return load(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", watched)
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:
        await session.call("ecs", "ListTasks", {})
        assert not any(of_ec2 for of_ec2, _ in read)
        recorder.answer = saying(VPCS)
        await asyncio.gather(*(session.ask("ec2", "DescribeVpcs", {}) for _ in range(5)))
    assert sum(of_ec2 for of_ec2, _ in read) < 10  # five callers share one client
    assert not any(on_loop for _, on_loop in read)


async def test_idle_clients_are_let_go() -> None:
    """A client that nobody asks any more goes, with its models and connections; the next call makes one."""
    async with recorded(saying(ME)) as (recorder, url):
        session = AioSession()
        maker = Maker(session=session, region=REGION, endpoint_url=url, connections=1)
        neighbours = Neighbours(maker, kept_seconds=0)
        for _ in range(2):
            assert (await neighbours.ask("sts", "GetCallerIdentity", {}))["Account"] == "123456789012"
            async with asyncio.timeout(10):
                while "sts" in repr(neighbours):
                    await asyncio.sleep(0)
        await neighbours.close()
        assert len(recorder.requests) == 2
    gc.collect()  # an unclosed connection would warn, and warnings are errors


async def test_leaving_closes_what_was_asked() -> None:
    """A session that is left in mid use of its neighbours has no connection open."""
    async with recorded(saying(ME)) as (_, url):
        async with Session(region=REGION, endpoint_url=url) as session:
            await AccountDoor(session).identity()
            assert "sts" in repr(session)
        gc.collect()
