"""Serve the local cloud over HTTP until told to stop.

`serve` is the one way in for the child process, the command line's foreground command, and
tests: shutdown is an awaitable the caller hands in, readiness a callback with the address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from awsecs_async.local.carrier import Carrier
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.door import Door
from awsecs_async.local.ecs.script import Script, every_container, scripts_from_environment
from awsecs_async.local.faults import Faults
from awsecs_async.local.loopback import NotLoopback, is_loopback
from awsecs_async.local.moto import Moto
from awsecs_async.local.runtimes.choose import Runtimes
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.subnets import Subnets

SCRIPTED = "scripted"  # no container is carried out: each plays its AWSECS_SCRIPT, or ends at once
_CLOSE_SECONDS = 2.0  # for answers under way when the door closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How to serve: where, what carries containers out, and what the cloud is like."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one
    runtime: str = "auto"  # auto, container, podman, docker, process, scripted
    check_subnets: bool = False  # against moto's EC2, which starts for it
    settings: CloudSettings = field(default_factory=CloudSettings)
    faults: Faults = field(default_factory=Faults)


async def serve(serving: Serving, *, ready: Callable[[str], None], until: Awaitable[object]) -> None:
    """Open the door, call `ready` with its URL, and close everything once `until` is done.

    Raises:
        NotLoopback: others than this machine could reach it there.
    """
    if not is_loopback(serving.host):
        raise NotLoopback(serving.host)
    scripts = every_container(Script()) if serving.runtime == SCRIPTED else scripts_from_environment
    async with Cloud(serving.settings, faults=serving.faults, scripts=scripts) as cloud:
        carrier = _carrier(cloud, serving.runtime)
        cloud.containers = carrier
        moto = Moto(serving.settings.account, serving.settings.region, cloud.listen)
        carrier.fetch = moto.fetch
        if serving.check_subnets:
            cloud.subnets = Subnets(moto.subnets, cloud.ecs.hosts.fleets.zones)
        door = Door(cloud, moto.handle)
        application = door.application()
        application.router.add_routes(carrier.metadata.routes())
        door.route_the_rest(application)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_CLOSE_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, serving.host, serving.port).start()
            host, port = runner.addresses[0][:2]
            carrier.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            ready(carrier.address)
            await until
        finally:
            await runner.cleanup()
            await moto.close()


def _carrier(cloud: Cloud, wanted: str) -> Carrier:
    runtimes = Runtimes("auto" if wanted == SCRIPTED else wanted, cloud.notify)
    return Carrier(cloud, runtimes.choose, runtimes.close)
