"""What dispatchers of one event loop share: sessions and buckets, by account and region.

AWS counts calls by account and region, so two dispatchers (or two targets) there must draw from the same
buckets, and need no second set of connections. Sharing is explicit: give them the same Registry. A
dispatcher that is given none makes its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.ecs import EcsDoor
from awsecs_async.aws.faults import cure
from awsecs_async.aws.logs import LogsDoor
from awsecs_async.aws.network import NetworkDoor
from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.aws.session import Session
from awsecs_async.engine.buckets import Buckets, open_buckets
from awsecs_async.engine.survey import asked, survey
from awsecs_async.engine.targets import Station
from awsecs_async.errors import AwsFault, Throttled, Unanswered
from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.speech import get_logger
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import quota_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from awsecs_async.aws.ports import Cluster, Transport
    from awsecs_async.kit.bucket import Bucket
    from awsecs_async.model.settings import Quotas, Target

OPENING_TRIES = 8  # about 20 s
QUOTAS_SECONDS = 5.0  # for the account's own quotas; the documented ones do otherwise

log = get_logger()

OpenTransport = Callable[["Target"], AbstractAsyncContextManager["Transport"]]


def to_aws(target: Target) -> AbstractAsyncContextManager[Transport]:
    """A session to AWS, or to whatever endpoint botocore is pointed at."""
    return Session(
        region=target.region,
        profile=target.profile,
        endpoint_url=target.endpoint_url,
        credentials=target.credentials,
    )


@dataclass(slots=True, kw_only=True)
class _Account:
    transport: Transport
    ecs: EcsDoor
    logs: LogsDoor
    buckets: Buckets
    close: AsyncExitStack
    users: int = 0


class Registry:
    """Accounts at work in this event loop. Its state is them, and who uses them."""

    def __init__(self, open_transport: OpenTransport = to_aws) -> None:
        self._open = open_transport
        self._accounts: dict[str, _Account] = {}

    def __repr__(self) -> str:
        return f"<Registry of {', '.join(self._accounts) or 'nothing'}>"

    async def station(self, target: Target, quotas: Quotas) -> Station:
        """The target at work; to be given back with ``release``.

        Raises:
            AwsFault: if the cluster cannot be asked about.

            SettingsError: if nothing can run there as the settings are.
        """
        name, account = await self._join(target, quotas)
        try:
            cluster = await _ask_for_cluster(account, target)
            found = await survey(target, cluster, NetworkDoor(account.transport))
        except BaseException:
            await self._leave(name)
            raise
        return Station(
            target=target if target.region else replace(target, region=account.transport.region),
            ecs=account.ecs,
            logs=account.logs,
            buckets=account.buckets,
            cluster=cluster,
            account=name,
            objects=ObjectsDoor(account.transport),
            cure=cure,
            default_network=found.default_network,
            unfit=found.unfit,
        )

    async def release(self, station: Station) -> None:
        """Give a station back; the last one closes its account's session."""
        await self._leave(station.account)

    async def _join(self, target: Target, quotas: Quotas) -> tuple[str, _Account]:
        """The account that the target belongs to, with one more user."""
        async with AsyncExitStack() as stack:
            name = _account_name(target, target.region) if target.region else ""
            if name not in self._accounts:
                transport = await stack.enter_async_context(self._open(target))
                name = _account_name(target, transport.region)
                if target.check_at_start:
                    quotas = await _own_quotas(transport, quotas)
                if name not in self._accounts:  # another may have been faster
                    self._accounts[name] = _Account(
                        transport=transport,
                        ecs=EcsDoor(transport),
                        logs=LogsDoor(transport),
                        buckets=open_buckets(quotas, transport.region),
                        close=stack.pop_all(),
                    )
            account = self._accounts[name]
            account.users += 1
        return name, account

    async def _leave(self, name: str) -> None:
        account = self._accounts[name]
        account.users -= 1
        if not account.users:
            del self._accounts[name]
            await account.close.aclose()


async def _ask_for_cluster(account: _Account, target: Target) -> Cluster:
    """The cluster and its providers; a throttle or a lost answer at the start is no reason to give up."""
    backoff = Backoff(0.2, 5.0)
    while True:
        await account.buckets.cluster_read.acquire()
        try:
            return await account.ecs.cluster(target.cluster)
        except (Throttled, Unanswered):
            if backoff.attempts >= OPENING_TRIES:
                raise
        await asyncio.sleep(backoff.next())


async def _own_quotas(transport: Transport, asked_for: Quotas) -> Quotas:
    """The quotas asked for, the others as the account has them, as far as it may be asked in time."""
    account = AccountDoor(transport)
    told: dict[str, float] = {}
    try:
        async with asyncio.timeout(QUOTAS_SECONDS):
            for service in quota_codes.SERVICES:
                told |= await asked(lambda service=service: account.quotas(service))  # type: ignore[misc]
    except (AwsFault, TimeoutError) as why:
        log.debug("quotas not asked", said=str(why) or "no answer in time")
    return quota_codes.in_force(asked_for, told)


def _account_name(target: Target, region: str) -> str:
    # Two profiles may lead to one account; then each keeps to the whole quota, and a throttle corrects it.
    who = target.credentials[0] if target.credentials else target.profile or "default"
    return "/".join((who, region, target.endpoint_url or "AWS"))


def levels(station: Station) -> dict[str, float]:
    """The levels of its buckets, for the journal."""
    return {name: bucket.snapshot() for name, bucket in _finite(station.buckets)}


def fill(station: Station, noted: str) -> None:
    """Give its buckets what the last run left, plus what has come in since."""
    found: Mapping[str, float] = json.loads(noted)
    for name, bucket in _finite(station.buckets):
        if name in found:
            bucket.restore(found[name], max(0.0, wall_time() - found["at"]))


def _finite(buckets: Buckets) -> Iterator[tuple[str, Bucket]]:
    for each in fields(buckets):
        bucket: Bucket = getattr(buckets, each.name)
        if bucket.rate != float("inf"):
            yield each.name, bucket
