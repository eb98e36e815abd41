"""The services beside ECS and Logs: EC2, IAM, STS, S3, Service Quotas. Their clients are botocore's own.

They speak other protocols and are asked little, most of them at the start alone. So botocore writes the
requests, checks them against its models and reads the answers. A client is made when its service is first
asked, with the credentials that all have, and let go when nobody has asked it for a while: EC2's alone is
30,000 objects and 17 MB, which every full garbage collection would walk.

    first call of   sts 17 ms   service-quotas 17 ms   iam 24 ms   s3 32 ms   ec2 65 ms, in a thread

EC2's model is one JSON text of megabytes, which holds up the event loop for 30 ms, once.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiobotocore.response import StreamingBody
from botocore import xform_name

from awsecs_async.aws.faults import too_large
from awsecs_async.aws.making import Maker, elsewhere
from awsecs_async.aws.ports import BODY_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

KEPT_SECONDS: Final = 60.0  # a client that nobody asks; all calls of one start or doctor share it

_OF_AWS: Final = re.compile(r"https://[^/]*\.(amazonaws\.com(\.cn)?|api\.aws)(/|$)")


@dataclass(slots=True, eq=False)
class _Open:
    """A client that is open, how many calls use it, and what will let it go."""

    client: Any
    users: int = 0
    end: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class Neighbours:
    """Their clients. The state is which are open, and which are being closed."""

    maker: Maker
    kept_seconds: float = KEPT_SECONDS
    _open: dict[str, _Open] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"<Neighbours: {', '.join(self._open) or 'none asked'}>"

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, with a streamed body read whole.

        Raises what botocore raises, and RequestRefused of a body of over BODY_MAX_BYTES.
        """
        async with self._client(service) as client:
            answer: dict[str, Any] = await getattr(client, xform_name(operation))(**params)
            answer.pop("ResponseMetadata", None)
            for name, value in answer.items():
                if isinstance(value, StreamingBody):
                    answer[name] = await _whole(operation, value, answer.get("ContentLength", 0))
            return answer

    async def close(self) -> None:
        """Close all connections."""
        for service in list(self._open):
            self._let_go(service)
        if self._closing:
            await asyncio.wait(self._closing)

    @asynccontextmanager
    async def _client(self, service: str) -> AsyncIterator[Any]:
        async with self._making:
            if service not in self._open:
                self._open[service] = _Open(await elsewhere(lambda: self._make(service)))
            one = self._open[service]
            one.users += 1
            if one.end is not None:
                one.end.cancel()
        try:
            yield one.client
        finally:
            one.users -= 1
            if not one.users and self._open.get(service) is one:
                one.end = asyncio.get_running_loop().call_later(self.kept_seconds, self._let_go, service)

    async def _make(self, service: str) -> Any:
        client = await self.maker.make(service)
        if service == "s3" and not _OF_AWS.match(client.meta.endpoint_url):
            await client.__aexit__(None, None, None)  # any other endpoint seldom has a host for each bucket
            client = await self.maker.make(service, s3={"addressing_style": "path"})
        self.maker.forget_models()
        return client

    def _let_go(self, service: str) -> None:
        one = self._open.pop(service)
        if one.end is not None:
            one.end.cancel()
        closing = asyncio.get_running_loop().create_task(one.client.__aexit__(None, None, None))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _whole(operation: str, body: StreamingBody, length: int) -> bytes:
    """All of a streamed body; one that is too large is not read, and its connection is closed."""
    async with body as stream:
        parts: list[bytes] = []
        size = length if length > BODY_MAX_BYTES else 0
        while size <= BODY_MAX_BYTES and (part := await stream.read(BODY_MAX_BYTES)):
            parts.append(part)
            size += len(part)
    if size > BODY_MAX_BYTES:
        raise too_large(operation, size)
    return b"".join(parts)
