"""Making a client of botocore's, without holding up the event loop.

Making a client reads megabytes of JSON, and credentials may be files, programs or calls: all of it is
done in a thread with an event loop of its own. Nothing that it makes is tied to that loop, since
connections are opened by the first call. The loop is held up by no more than 14 ms at a time meanwhile
(json.loads keeps the interpreter), instead of 140 ms.

Endpoints, regions, credentials, proxies and signing are botocore's own. Its retries are off: the buckets
of the engine have to see every throttle.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError

from awsecs_async.errors import SettingsError

T = TypeVar("T")

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 30  # a FilterLogEvents over a large group may take several

_LOOPBACK: Final = re.compile(r"https?://(127\.|localhost\b|\[::1\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes clients of one reading of the credentials.

    Args:
        connections: At most so many are opened by each client.
    """

    session: AioSession
    region: str
    endpoint_url: str | None
    connections: int

    async def make(self, service: str, **config: Any) -> Any:
        """A client, to be left with its ``__aexit__``. ``config`` is what it has of its own (AioConfig)."""
        making = self.session.create_client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            config=self._common().merge(AioConfig(**config)),
        )
        return await making.__aenter__()

    def _common(self) -> AioConfig:
        own = self.endpoint_url and _LOOPBACK.match(self.endpoint_url)
        return AioConfig(
            proxies={} if own else None,  # no proxy leads to ourselves
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=self.connections,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            tcp_keepalive=True,
            user_agent="awsecs-async",  # fixed, since botocore's own is put together for every call
        )

    def forget_models(self) -> None:
        """Let go of the JSON that clients were made from.

        botocore caches it with the session, which the credentials keep alive: 23,000 objects, a quarter of
        the heap, that every full garbage collection walks while the host's loop waits.
        """
        getattr(self.session.get_component("data_loader"), "_cache", {}).clear()


async def elsewhere(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What this coroutine gives, run in a thread with an event loop of its own."""
    return await asyncio.to_thread(lambda: asyncio.run(work()))


def configured_region(profile: str | None) -> str:
    """The region of environment and profile. It reads files, so call it in a thread.

    Raises:
        SettingsError: if there is none, or no such profile.
    """
    try:
        found = AioSession(profile=profile).get_config_variable("region")
    except BotoCoreError as error:
        raise SettingsError(f"{error}; set profile or AWS_PROFILE to a profile of ~/.aws/config") from error
    region = found or os.environ.get("AWS_REGION")  # ECS sets it for its tasks; botocore does not read it
    if not region:
        raise SettingsError(
            "no region is set: give --region NAME, or AWS_REGION=NAME in the environment, or region in the "
            "AWS profile"
        )
    return str(region)
