"""The way to AWS: one long-lived session for one target, that any number of coroutines call at once.

One limiter. botocore's retries are off, and nothing is tried again here: the engine's buckets have to see
every throttle. In front of the connection pool stands a semaphore, because the pool's own waiters are not
served in turn (50 callers on 10 connections waited up to 4 s; in turn, 45 ms).

Credentials that botocore can refresh are refreshed by it. Others (a rewritten credentials file, new
environment variables, a new SSO login) are read anew after AWS has refused the old ones: the clients made
with them are retired, closed when their last call is over, and the next call makes new ones.

A call may be cancelled at any time. Its connection is then thrown away, never used for another answer.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, Self

from awsecs_async.aws.clients import Clients, make_clients
from awsecs_async.aws.connection import RAISED_BY_BOTOCORE, fault_from
from awsecs_async.aws.faults import CREDENTIAL_CODES, SIGNATURE_CODES
from awsecs_async.aws.making import configured_region
from awsecs_async.errors import AwsFault, SettingsError, TargetBlocked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

CONNECTIONS: Final = 64  # per service; RunTask at 40 a second and 0.25 s each keeps 10 busy
REREAD_SECONDS: Final = 1.0  # hot callers do not have the credentials read for every refusal

_NEW_CREDENTIALS_MAY_HELP: Final = CREDENTIAL_CODES | SIGNATURE_CODES | {"ProfileNotFound"}


class Session:
    """``ports.Transport`` to AWS, or to whatever endpoint botocore is pointed at.

    Args:
        region, profile, endpoint_url: As botocore has them; None lets botocore find out from the
            environment and from ~/.aws/config. An ``endpoint_url`` serves all services.
        credentials: An access key id and its secret, instead of what botocore finds.
        connections: At most so many calls are under way per service; others wait their turn.
        reread_seconds: Refused credentials are read anew if they were read longer ago than this.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        credentials: tuple[str, str] | None = None,
        connections: int = CONNECTIONS,
        reread_seconds: float = REREAD_SECONDS,
    ) -> None:
        self._region = region
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._connections = connections
        self._reread_seconds = reread_seconds
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._making = asyncio.Lock()
        self._clients: Clients | None = None

    def __repr__(self) -> str:
        where = self._endpoint_url or "AWS"
        state = "no clients yet" if self._clients is None else repr(self._clients)
        return f"<Session to {where} in {self._region}, profile {self._profile or 'default'}: {state}>"

    async def __aenter__(self) -> Self:
        """Find out the region.

        Raises:
            SettingsError: without a region, or if the profile does not exist.
        """
        if self._region is None:
            self._region = await asyncio.to_thread(configured_region, self._profile)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._clients is not None:
            await self._clients.close()
            self._clients = None

    @property
    def region(self) -> str:
        """The region that calls go to."""
        if self._region is None:
            raise SettingsError("the session is not open yet: use it inside its `async with` block")
        return self._region

    async def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as the service's own JSON. Raises AwsFault as ``faults`` tells."""
        return await self.send(service, operation, json.dumps(params, separators=(",", ":")))

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As ``call``, with the request's JSON text as it is."""
        data = body.encode()
        return await self._through(service, operation, lambda clients: clients.send(service, operation, data))

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of another service than ECS and Logs, as botocore reads it. Raises AwsFault too."""
        return await self._through(
            service, operation, lambda clients: clients.ask(service, operation, params)
        )

    async def _through(
        self, service: str, operation: str, use: Callable[[Clients], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """Wait for a turn, and call."""
        async with self._turn(service):
            clients = await self._current_clients(operation)
            try:
                return await use(clients)
            except RAISED_BY_BOTOCORE as error:
                fault = fault_from(operation, error)
                await self._retire_if_stale(clients, fault)
                raise fault from error

    def _turn(self, service: str) -> asyncio.Semaphore:
        if service not in self._turns:
            self._turns[service] = asyncio.Semaphore(self._connections)
        return self._turns[service]

    async def _current_clients(self, operation: str) -> Clients:
        async with self._making:
            if self._clients is None:
                try:
                    self._clients = await make_clients(
                        region=self.region,
                        profile=self._profile,
                        endpoint_url=self._endpoint_url,
                        key=self._credentials,
                        connections=self._connections,
                    )
                except RAISED_BY_BOTOCORE as error:
                    raise fault_from(operation, error) from error
            return self._clients

    async def _retire_if_stale(self, used: Clients, fault: AwsFault) -> None:
        """Have the next call read the credentials anew, if that may help and no other call did so yet."""
        stale = isinstance(fault, TargetBlocked) and fault.code in _NEW_CREDENTIALS_MAY_HELP
        if stale and self._clients is used and used.age_seconds >= self._reread_seconds:
            self._clients = None
            await used.retire()
