"""The neighbour: S3, SQS, EC2, STS, IAM, ECR and EventBridge, which are moto's.

moto is started as a child process when one of its services is first asked for, and requests
are passed on as they are. From then on it is also told of every task's state changes, so that
EventBridge rules and the queues behind them work. Without moto the answer says how to get it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web
from yarl import URL

from awsecs_async.local.environment_files import NoObject
from awsecs_async.local.wire import Wire

_NEEDED: Final = ("moto", "flask", "flask_cors")
_CURE: Final = "pip install awsecs-async[local]"
_READY_SECONDS: Final = 60.0  # importing moto takes seconds, on a busy machine many
_BROKEN: Final = 500  # what moto answers where it has no such service, or breaks
_EVENTS_PER_CALL: Final = 10  # PutEvents accepts no more
_EVENTS_WAITING: Final = 100_000  # more are dropped, as EventBridge's delivery may
_HOP_BY_HOP: Final = frozenset(
    {"connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")

_SUBNET: Final = re.compile(r"<subnetId>([^<]+)</subnetId>")  # DescribeSubnets has one of each a subnet
_ZONE: Final = re.compile(r"<availabilityZone>([^<]+)</availabilityZone>")

_log = logging.getLogger(__name__)


class MotoMissing(RuntimeError):
    """moto is not installed, or did not come up; the message says what to do."""


class Moto:
    """moto's server as a child of ours.

    The mutable state is the process, its address, and the events it has yet to be told.
    """

    def __init__(self, account: str, region: str, listen: Callable[[Callable[[Wire], None]], None]) -> None:
        self._account = account
        self._region = region
        self._listen = listen  # is given our sink once moto runs
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._address: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._events: asyncio.Queue[Wire] = asyncio.Queue(_EVENTS_WAITING)
        self._forwarder: asyncio.Task[None] | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Pass a request on to moto, and its answer back."""
        service = service_of(request)
        try:
            address, session = await self._started()
        except MotoMissing as missing:
            return _unavailable(service, str(missing))
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP_BY_HOP}
        body = request.content if request.body_exists else None
        url = f"{address}{request.raw_path}"
        async with session.request(
            request.method, _as_is(url), headers=headers, data=body, allow_redirects=False
        ) as answer:
            if answer.status == _BROKEN and answer.content_type == "text/html":  # its own error page
                return _unavailable(service, f"moto does not do this for {service}")
            return await _passed_back(request, answer)

    async def fetch(self, bucket: str, key: str) -> bytes:
        """An object of S3. Raises NoObject."""
        try:
            address, session = await self._started()
        except MotoMissing as missing:
            raise NoObject(str(missing)) from missing
        scope = f"local/20000101/{self._region}/s3/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        async with session.get(_as_is(f"{address}/{bucket}/{quote(key)}"), headers=headers) as answer:
            if not answer.ok:
                raise NoObject(f"NoSuchKey: status code: {answer.status}")
            return await answer.read()

    async def subnets(self) -> dict[str, str] | None:
        """Every subnet of EC2, and its zone; None where there is no EC2."""
        try:
            address, session = await self._started()
        except MotoMissing:
            return None
        scope = f"local/20000101/{self._region}/ec2/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        form = {"Action": "DescribeSubnets", "Version": "2016-11-15"}
        async with session.post(f"{address}/", data=form, headers=headers) as answer:
            text = await answer.text()
        return dict(zip(_SUBNET.findall(text), _ZONE.findall(text), strict=True))

    async def close(self) -> None:
        """End moto."""
        if self._forwarder is not None:
            self._forwarder.cancel()
            await asyncio.gather(self._forwarder, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()  # it has nothing to save
            await self._process.wait()

    async def _started(self) -> tuple[str, aiohttp.ClientSession]:
        async with self._starting:
            if self._address is None or self._session is None:
                self._address = await self._start()
                self._session = aiohttp.ClientSession(
                    auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None)
                )
                self._listen(self._hear)
                self._forwarder = asyncio.create_task(self._forward(), name="events to moto")
            return self._address, self._session

    async def _start(self) -> str:
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise MotoMissing(f"This service is moto's, and {', '.join(missing)} is not installed: {_CURE}")
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "awsecs_async.local.moto_server"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "MOTO_ACCOUNT_ID": self._account},
        )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            async with asyncio.timeout(_READY_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise MotoMissing(
                f"moto did not start; its error is on the local cloud's standard error. Try: {_CURE}"
            )
        return f"http://127.0.0.1:{int(line)}"

    # --- events ------------------------------------------------------------------------------

    def _hear(self, event: Wire) -> None:
        if not self._events.full():
            self._events.put_nowait(event)

    async def _forward(self) -> None:
        while True:
            batch = [await self._events.get()]
            while len(batch) < _EVENTS_PER_CALL and not self._events.empty():
                batch.append(self._events.get_nowait())
            try:
                await self._put(batch)
            except aiohttp.ClientError as error:
                _log.warning("EventBridge (moto) was not told of %d state changes: %s", len(batch), error)

    async def _put(self, batch: list[Wire]) -> None:
        assert self._session is not None  # noqa: S101 - forwarding begins after the start
        entries = [
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event["resources"],
            }
            for event in batch
        ]
        scope = f"local/20000101/{self._region}/events/aws4_request"
        headers = {
            "X-Amz-Target": "AWSEvents.PutEvents",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }
        body = json.dumps({"Entries": entries})
        async with self._session.post(f"{self._address}/", data=body, headers=headers) as answer:
            answer.raise_for_status()

    def __repr__(self) -> str:
        return f"<Moto {self._address or 'not started'} events={self._events.qsize()}>"


def service_of(request: web.Request) -> str:
    """The service a request was signed for, s3 where it was not signed (a public or presigned URL)."""
    found = _SCOPE.search(request.headers.get("Authorization", ""))
    return found[1] if found else "s3"


def _as_is(url: str) -> URL:
    return URL(url, encoded=True)  # a key's escapes are part of its signature and its name


async def _passed_back(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    headers = [(key, value) for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP]
    back = web.StreamResponse(status=answer.status, reason=answer.reason)
    back.headers.extend(headers)
    await back.prepare(request)
    async for chunk in answer.content.iter_any():
        await back.write(chunk)
    await back.write_eof()
    return back


def _unavailable(service: str, message: str) -> web.Response:
    """501 in the shape that the service's clients read."""
    if service in {"s3", "ec2", "sts", "iam"}:
        error = f"<Error><Code>UnsupportedOperation</Code><Message>{escape(message)}</Message></Error>"
        shapes = {"s3": error, "ec2": f"<Response><Errors>{error}</Errors></Response>"}
        body = shapes.get(service, f"<ErrorResponse>{error}</ErrorResponse>")
        return web.Response(text=body, status=501, content_type="text/xml")
    body = json.dumps({"__type": "UnsupportedFeatureException", "message": message})
    return web.Response(text=body, status=501, content_type="application/x-amz-json-1.1")
