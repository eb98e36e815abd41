"""One local cloud, and both ways to it: in process, and by HTTP as AWS itself is reached.

A test that asks for `transport` runs once over each. The cloud is the same object either way, so that a
test can break it with `cloud.set_faults`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web

from awsecs_async.aws.ecs import EcsDoor
from awsecs_async.aws.logs import LogsDoor
from awsecs_async.aws.session import Session
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.door import Door
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.settings import CloudSettings, Delays
from awsecs_async.testing.transport import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from awsecs_async.aws.ports import Transport


async def _no_neighbour(_: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text="<html>not AWS</html>")


@asynccontextmanager
async def served(cloud: Cloud) -> AsyncIterator[str]:
    """The URL at which the cloud answers, on loopback."""
    door = Door(cloud, _no_neighbour)
    application = door.application()
    door.route_the_rest(application)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of this machine's AWS configuration is used; the credentials file to write is returned."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return path


@pytest.fixture
def from_file(monkeypatch: pytest.MonkeyPatch, credentials: Path) -> Path:
    """The credentials file, with no credentials in the environment."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    return credentials


@pytest_asyncio.fixture
async def cloud() -> AsyncIterator[Cloud]:
    """A cloud whose tasks run until they are stopped and change state as soon as they are told."""
    settings = CloudSettings(delays=Delays.none(), seed=1)
    scripts = every_container(Script(duration_seconds=3600, output=("a line",)))
    async with Cloud(settings, scripts=scripts) as service:
        yield service


@pytest_asyncio.fixture
async def url(cloud: Cloud) -> AsyncIterator[str]:
    """Where the cloud answers HTTP."""
    async with served(cloud) as found:
        yield found


@pytest_asyncio.fixture(params=["in-process", "http"])
async def transport(request: pytest.FixtureRequest, cloud: Cloud) -> AsyncIterator[Transport]:
    """Each way to the cloud."""
    if request.param == "in-process":
        yield InProcessTransport(cloud)
    else:
        async with served(cloud) as found, Session(region="us-east-1", endpoint_url=found) as session:
            yield session


@pytest.fixture
def ecs(transport: Transport) -> EcsDoor:
    """ECS, each way."""
    return EcsDoor(transport)


@pytest.fixture
def logs(transport: Transport) -> LogsDoor:
    """CloudWatch Logs, each way."""
    return LogsDoor(transport)
