"""botocore's clients, made for speed: one per service, all of one reading of the credentials.

Stock botocore checks every request and walks every answer shape by shape. Here the body that goes out is
JSON text, put in at botocore's ``before-call`` event, before signing; and the answer is what ``json.loads``
gives, by a parser factory registered as the session's component. Both are seams that botocore offers.
Endpoints, regions, credentials, proxies, signing and error answers stay botocore's own; timestamps are
epoch floats, as the services send them. Measured, in CPU time of the event loop:

    DescribeTasks of 100   11.4 ms stock    2.2 ms here, 1.75 ms if no task has a newer version
    RunTask of 1           0.63 ms stock    0.43 ms here

Making a client reads megabytes of JSON, and credentials may be files, programs or calls: all of it is
done in a thread with an event loop of its own. Nothing that it makes is tied to that loop, since
connections are opened by the first call. The loop is held up by no more than 14 ms at a time meanwhile
(json.loads keeps the interpreter), instead of 140 ms.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.parsers import AioJSONParser, AioResponseParserFactory
from aiobotocore.session import AioSession
from botocore import xform_name
from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from awsecs_async.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICES: Final = ("ecs", "logs")
CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 30  # a FilterLogEvents over a large group may take several
FIRST_ERROR_STATUS: Final = 300  # as botocore's parsers have it

_BODY: ContextVar[bytes] = ContextVar("_BODY")

_LOOPBACK: Final = re.compile(r"https?://(127\.|localhost\b|\[::1\])")


class Clients:
    """The clients; made by ``make_clients``, closed by ``close`` or, after ``retire``, by their last call."""

    def __init__(self, clients: Mapping[str, Any], opened: AsyncExitStack) -> None:
        self._clients = clients
        self._opened = opened
        self._in_flight = 0
        self._retired = False
        self._loop = asyncio.get_running_loop()
        self._made_at = self._loop.time()

    def __repr__(self) -> str:
        retired = ", retired" if self._retired else ""
        return f"<Clients {self.age_seconds:.0f} s old, {self._in_flight} calls in flight{retired}>"

    @property
    def age_seconds(self) -> float:
        """How long ago the credentials were read."""
        return self._loop.time() - self._made_at

    async def send(self, service: str, operation: str, body: bytes) -> dict[str, Any]:
        """The answer to this JSON text. Raises what botocore raises."""
        method = getattr(self._clients[service], xform_name(operation))
        self._in_flight += 1
        reset = _BODY.set(body)
        try:
            answer: dict[str, Any] = await method()
        finally:
            _BODY.reset(reset)
            self._in_flight -= 1
            if self._retired and not self._in_flight:
                await self.close()
        answer.pop("ResponseMetadata", None)  # what botocore's retries note down
        return answer

    async def retire(self) -> None:
        """No new call will come: close when the last one is over."""
        self._retired = True
        if not self._in_flight:
            await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._opened.aclose()


async def make_clients(
    *,
    region: str,
    profile: str | None,
    endpoint_url: str | None,
    key: tuple[str, str] | None,
    connections: int,
) -> Clients:
    """Clients with the credentials of this moment. Raises what botocore raises."""

    async def make() -> tuple[dict[str, Any], AsyncExitStack]:
        session = _botocore_session(profile)
        session.set_config_variable("region", region)  # STS, asked for the credentials, is in a region too
        if key is not None:
            session.set_credentials(*key)
        credentials = await session.get_credentials()
        if credentials is not None:
            await credentials.get_frozen_credentials()  # a role is assumed here, not while a call is signed
        found, opened = {}, AsyncExitStack()
        for service in SERVICES:
            making = session.create_client(
                service,
                region_name=region,
                endpoint_url=endpoint_url,
                config=_config(connections, endpoint_url),
            )
            found[service] = client = await opened.enter_async_context(making)
            event_name = client.meta.service_model.service_id.hyphenize()
            client.meta.events.register(f"before-call.{event_name}", _put_body)
        _forget_models(session)
        return found, opened

    return Clients(*await asyncio.to_thread(lambda: asyncio.run(make())))


def _forget_models(session: AioSession) -> None:
    """Let go of the JSON that the clients were made from.

    botocore caches it with the session, which the credentials keep alive: 23,000 objects, a quarter of the
    heap, that every full garbage collection walks while the host's loop waits.
    """
    getattr(session.get_component("data_loader"), "_cache", {}).clear()


def configured_region(profile: str | None) -> str:
    """The region of environment and profile. It reads files, so call it in a thread.

    Raises:
        SettingsError: if there is none, or no such profile.
    """
    try:
        region = _botocore_session(profile).get_config_variable("region")
    except BotoCoreError as error:
        raise SettingsError(f"{error}; set profile or AWS_PROFILE to a profile of ~/.aws/config") from error
    if not region:
        raise SettingsError(
            "no region is set: give --region NAME, or AWS_REGION=NAME in the environment, or region in the "
            "AWS profile"
        )
    return str(region)


def _botocore_session(profile: str | None) -> AioSession:
    session = AioSession(profile=profile)
    session.register_component("response_parser_factory", _PlainJsonParserFactory())
    return session


def _config(connections: int, endpoint_url: str | None) -> AioConfig:
    return AioConfig(
        proxies={} if endpoint_url and _LOOPBACK.match(endpoint_url) else None,  # no proxy leads to ourselves
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        parameter_validation=False,  # the body is ours already
        user_agent="awsecs-async",  # fixed, since botocore's own is put together for every call
    )


def _put_body(params: dict[str, Any], **_: object) -> None:
    """Have botocore sign and send the text that ``Clients.send`` was given. ``params`` is the request."""
    params["body"] = _BODY.get()


class _PlainJsonParserFactory(AioResponseParserFactory):  # type: ignore[misc] # botocore has no types
    """Plain JSON for services that speak it; STS and the like keep botocore's parsers."""

    def create_parser(self, protocol_name: str) -> Any:
        return _PlainJsonParser() if protocol_name == "json" else super().create_parser(protocol_name)


class _PlainJsonParser(AioJSONParser):  # type: ignore[misc] # botocore has no types
    """The answer's JSON as it is; errors as botocore reads them, with the members that they have."""

    async def parse(self, response: dict[str, Any], shape: Any) -> Any:
        if response["status_code"] >= FIRST_ERROR_STATUS:
            return await self._parse_error(response, shape)
        body = response["body"]
        try:
            answer = json.loads(body) if body else {}
        except ValueError as error:
            raise ResponseParserError(f"the answer is not JSON but {body[:80]!r}") from error
        if not isinstance(answer, dict):
            raise ResponseParserError(f"the answer is not a JSON object but {body[:80]!r}")
        return answer

    async def _parse_error(self, response: dict[str, Any], shape: Any) -> Any:
        try:
            return await super().parse(response, shape)
        except (AttributeError, TypeError) as error:  # botocore takes for granted that it is an object
            raise ResponseParserError(
                f"the error is not a JSON object but {response['body'][:80]!r}"
            ) from error
