"""A dispatcher in front of a cloud in this process: everything but the network, in one `async with`.

    async with rehearsal(script=Script(duration_seconds=30)) as (dispatcher, cloud):
        task = await dispatcher.submit(command=["echo", "hello"])
        assert (await task.result()).exit_code == 0

On virtual time (`awsecs_async.testing.run`) a minute of it takes a millisecond. The cloud is the local one:
it counts the calls that it was asked, throttles what is too fast, and breaks where `faults` say so. Nothing
runs in its containers: each plays `script`, or the one that its environment names in AWSECS_SCRIPT.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.engine.registry import Registry
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.model.settings import Settings, Target
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.transport import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from awsecs_async.dispatcher import Leaving
    from awsecs_async.engine.journal.port import Journal

TARGET = Target(cluster="local", runs_processes=True)
"""The local cloud's own cluster, of Managed Instances."""


def registry_of(cloud: Cloud, neighbours: Neighbours | None = None) -> Registry:
    """Leads every target to this cloud and its neighbours, whatever its region and credentials are."""

    @asynccontextmanager
    async def to_cloud(target: Target) -> AsyncIterator[InProcessTransport]:
        yield InProcessTransport(cloud, region=target.region or cloud.settings.region, neighbours=neighbours)

    return Registry(to_cloud)


@asynccontextmanager
async def rehearsal(
    *,
    cloud: Cloud | None = None,
    neighbours: Neighbours | None = None,
    script: Script | None = None,
    leaving: Leaving = "cancel",
    journal: Journal | None = None,
    **settings: Any,  # noqa: ANN401 (the fields of Settings)
) -> AsyncIterator[tuple[Dispatcher, Cloud]]:
    """A dispatcher at work, and its cloud.

    Args:
        cloud: Instead of one made for this rehearsal; it is not closed then, so that another dispatcher
            can come to it afterwards. Its faults are `Cloud(faults=...)` or `cloud.set_faults(...)`.

        neighbours: EC2's networks, IAM, STS, Service Quotas and S3; by default an account as AWS makes it.

        script: What every container does that has no script of its own; by default it ends at once, with 0.

        leaving: What the end of the block does with live tasks; see Dispatcher.

        journal: See Dispatcher.

        settings: The fields of Settings; without `targets` the local cloud's own cluster is the target.
    """
    stage = cloud or Cloud(scripts=every_container(script or Script()))
    dispatcher = Dispatcher(
        Settings(**{"targets": (TARGET,)} | settings),
        leaving=leaving,
        registry=registry_of(stage, neighbours),
        journal=journal,
    )
    try:
        async with dispatcher:
            yield dispatcher, stage
    finally:
        if cloud is None:
            await stage.close()
