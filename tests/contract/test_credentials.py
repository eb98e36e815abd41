"""Credentials that expire, rotate or come from elsewhere, and the session that goes on with new ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from awsecs_async.aws.faults import cure
from awsecs_async.aws.session import Session
from awsecs_async.errors import TargetBlocked
from tests.contract.recorder import recorded

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"
EXPIRED = {"__type": "ExpiredTokenException", "message": "The security token is expired"}
ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
DENIED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>ValidationError</Code><Message>no such role</Message></Error></ErrorResponse>"""


def write_key(path: Path, key: str) -> None:
    """Put a key into the credentials file."""
    path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = made-up\n")


def soon() -> str:
    """A time stamp so near that botocore refreshes at every call."""
    return (datetime.now(UTC) + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_rewritten_credentials_are_picked_up(from_file: Path) -> None:
    """After AWS refused expired credentials the next call is signed with the new ones of the file."""
    write_key(from_file, "old")
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, reread_seconds=0) as session,
    ):

        async def only_new(_: web.Request) -> web.StreamResponse:
            expired = recorder.keys[-1] == "old"
            return web.json_response(EXPIRED, status=400) if expired else web.json_response({"fine": 1})

        recorder.answer = only_new
        with pytest.raises(TargetBlocked):
            await session.call("ecs", "ListTasks", {})
        write_key(from_file, "new")
        assert await session.call("ecs", "ListTasks", {}) == {"fine": 1}
        assert await session.call("logs", "DescribeLogGroups", {}) == {"fine": 1}
        assert recorder.keys == ["old", "new", "new"]


async def test_refusals_do_not_have_credentials_read_all_the_time(from_file: Path) -> None:
    """Many calls refused at once read the credentials again once, if at all, and none is disturbed."""
    write_key(from_file, "old")
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:

        async def expired(_: web.Request) -> web.StreamResponse:
            return web.json_response(EXPIRED, status=400)

        recorder.answer = expired
        calls = (session.call("ecs", "ListTasks", {}) for _ in range(20))
        refusals = await asyncio.gather(*calls, return_exceptions=True)
        write_key(from_file, "new")
        with pytest.raises(TargetBlocked):
            await session.call("ecs", "ListTasks", {})
    assert {type(refusal) for refusal in refusals} == {TargetBlocked}
    assert set(recorder.keys) == {"old"}  # within reread_seconds


async def test_retired_clients_finish_their_calls(from_file: Path) -> None:
    """A long call under way survives that the credentials it was signed with are replaced."""
    write_key(from_file, "old")
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, reread_seconds=0) as session,
    ):
        arrived, let_go = asyncio.Event(), asyncio.Event()

        async def long_or_expired(request: web.Request) -> web.StreamResponse:
            if request.headers["X-Amz-Target"].endswith("FilterLogEvents"):
                arrived.set()
                await let_go.wait()
                return web.json_response({"events": []})
            return web.json_response(EXPIRED, status=400)

        recorder.answer = long_or_expired
        long = asyncio.create_task(session.call("logs", "FilterLogEvents", {}))
        await arrived.wait()
        with pytest.raises(TargetBlocked):
            await session.call("ecs", "ListTasks", {})
        let_go.set()
        assert await long == {"events": []}


async def test_processes_credentials_are_refreshed(from_file: Path, tmp_path: Path) -> None:
    """Credentials that botocore can refresh are refreshed by it before they expire, without a refusal."""
    counter = tmp_path / "count"
    program = tmp_path / "program.sh"
    program.write_text(
        f"#!/bin/sh\necho x >> {counter}\n"
        f'n=$(wc -l < {counter} | tr -d " ")\n'
        'if [ "$n" = 1 ]; then when=2001-01-01T00:00:00Z; else when=2999-01-01T00:00:00Z; fi\n'
        'echo "{\\"Version\\":1,\\"AccessKeyId\\":\\"key$n\\",\\"SecretAccessKey\\":\\"s\\",'
        '\\"SessionToken\\":\\"t\\",\\"Expiration\\":\\"$when\\"}"\n'
    )
    program.chmod(0o700)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {program}\n")
    async with recorded() as (recorder, url), Session(region=REGION, endpoint_url=url) as session:
        await session.call("ecs", "ListTasks", {})
        await session.call("ecs", "ListTasks", {})
    assert recorder.keys == ["key2", "key2"]


async def test_without_credentials(from_file: Path) -> None:
    """No credentials block the target, with a cure; once there are some the same session works."""
    async with (
        recorded() as (recorder, url),
        Session(region=REGION, endpoint_url=url, reread_seconds=0) as session,
    ):
        with pytest.raises(TargetBlocked) as caught:
            await session.call("ecs", "ListTasks", {})
        assert "aws sso login" in cure(caught.value)
        write_key(from_file, "new")
        await session.call("ecs", "ListTasks", {})
        assert recorder.keys == ["new"]


async def test_container_credentials_are_refreshed(from_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that itself runs on ECS goes on after its task role's credentials are replaced."""
    served = 0

    async def role(_: web.Request) -> web.StreamResponse:
        nonlocal served
        served += 1
        key = {"AccessKeyId": f"key{served}", "SecretAccessKey": "s", "Token": "t", "Expiration": soon()}
        return web.json_response(key)

    async with (
        recorded() as (recorder, url),
        recorded(role) as (_, agent),
        Session(region=REGION, endpoint_url=url) as session,
    ):
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent)
        await session.call("ecs", "ListTasks", {})
        await session.call("ecs", "ListTasks", {})
        first, second = recorder.keys
        assert first.startswith("key")
        assert second.startswith("key")
        assert first != second


async def test_roles_are_assumed_again(
    from_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile's role is assumed anew before it expires; a role that is refused blocks the target."""
    write_key(from_file, "source")
    (tmp_path / "config").write_text(
        "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n"
    )
    assumed = 0

    async def role(_: web.Request) -> web.StreamResponse:
        nonlocal assumed
        assumed += 1
        if assumed == 1:
            return web.Response(text=DENIED, status=400, content_type="text/xml")
        return web.Response(text=ROLE % (f"role{assumed}", soon()), content_type="text/xml")

    async with (
        recorded() as (recorder, url),
        recorded(role) as (sts, sts_url),
        Session(region=REGION, profile="work", endpoint_url=url) as session,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts_url)
        with pytest.raises(TargetBlocked, match="AssumeRole"):
            await session.call("ecs", "ListTasks", {})
        await session.call("ecs", "ListTasks", {})
        await session.call("ecs", "ListTasks", {})
    assert set(sts.keys) == {"source"}
    assert len(set(recorder.keys)) == 2
    assert all(key.startswith("role") for key in recorder.keys)
