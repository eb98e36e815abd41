"""A local cloud with three providers, each of which can be sold out: at RunTask, or when it goes to buy."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.cloud import Cloud
from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

SPOT, DEMAND, FARGATE = "mi-spot", "mi-demand", "FARGATE"
SHORT = "RESOURCE:CPU"


class Market(TappedCloud):
    """Says RESOURCE:CPU for the providers that are ``sold_out``."""

    def __init__(self, *, sold_out: tuple[str, ...] = (), **members: Any) -> None:  # noqa: ANN401
        super().__init__(**members)
        self.sold_out = set(sold_out)

    def perform(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """As the cloud does."""
        if operation == "RunTask" and provider_of(params) in self.sold_out:
            self.calls["ecs:RunTask"] += 1
            return {"tasks": [], "failures": [{"reason": SHORT}] * params.get("count", 1)}
        return super().perform(service, operation, params)

    def launches(self, since: float = -1.0) -> Counter[str]:
        """RunTask calls after that moment, by provider."""
        return Counter(provider_of(asked.params) for asked in self.of("RunTask") if asked.at > since)


def provider_of(request: dict[str, Any]) -> str:
    """The provider that a RunTask request names."""
    return str(request["capacityProviderStrategy"][0]["capacityProvider"])


async def add_providers(cloud: Cloud) -> None:
    """Make the two of Managed Instances."""
    for name, option in ((SPOT, "SPOT"), (DEMAND, "ON_DEMAND")):
        template = {
            "ec2InstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/x",
            "networkConfiguration": {"subnets": ["subnet-1"]},
            "capacityOptionType": option,
        }
        provider = {
            "infrastructureRoleArn": "arn:aws:iam::000000000000:role/infra",
            "instanceLaunchTemplate": template,
        }
        request = {"name": name, "cluster": "local", "managedInstancesProvider": provider}
        await cloud.call("ecs", "CreateCapacityProvider", request)


@asynccontextmanager
async def at_market(
    *providers: str,
    sold_out: tuple[str, ...] = (),
    duration_seconds: float = 1.0,
    **settings: Any,  # noqa: ANN401
) -> AsyncIterator[tuple[Dispatcher, Market]]:
    """A dispatcher whose tasks may run on these providers, in this order."""
    async with Market(sold_out=sold_out, duration_seconds=duration_seconds) as market:
        await add_providers(market)
        market.asked.clear()
        target = Target(
            cluster="local", runs_processes=True, capacity_providers=providers or (SPOT, DEMAND, FARGATE)
        )
        async with rehearsal(cloud=market, targets=(target,), **settings) as (dispatcher, _):
            yield dispatcher, market
