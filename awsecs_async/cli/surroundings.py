"""Where a run takes place: on AWS as the settings say, or on a cloud of its own.

The local cloud is a child of this process and is started before anything heavy is imported, so that both
happen at once. botocore is led there by this process's own environment, which nothing else inherits: the
user's profiles, credentials and proxies are out of its sight while the run lasts.
"""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import SettingsError
from awsecs_async.model.settings import Settings

if TYPE_CHECKING:
    from awsecs_async.cli.request import Request

LOCAL_RUNTIME: Final = "container"  # "auto" would run another thing than was asked for
NOTICES_SECONDS: Final = 5.0

Notices = Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a run takes place.

    Args:
        settings: The dispatcher's.
        is_local: Whether all of it ends with this process.
        notices: What the local cloud wants users to know, all of it so far.

        gone: Returns when nothing can be done there any more: the local cloud has ended.
    """

    settings: Settings
    is_local: bool
    notices: Notices
    gone: Callable[[], Awaitable[None]]


@asynccontextmanager
async def surroundings(request: Request) -> AsyncIterator[Surroundings]:
    """The surroundings that the request asks for.

    Raises:
        SettingsError: if a setting is missing or wrong.
        LocalCloudFailed: if the local cloud does not come up.
    """
    if request.local:
        async with _local(request) as found:
            yield _patient(request, found)
    else:
        yield _patient(request, await asyncio.to_thread(_on_aws, request))


def _patient(request: Request, found: Surroundings) -> Surroundings:
    if request.wait_logs:
        return found
    return replace(found, settings=replace(found.settings, log_settle=0.0))


def _on_aws(request: Request) -> Surroundings:
    from awsecs_async import config

    wanted = request.spec.target
    settings = config.load(request.config, request.overrides, assignments=request.assignments, target=wanted)
    if request.key is not None and settings.journal is None:
        raise SettingsError(
            "--key needs a journal, for without one nobody remembers which task has which key: give "
            "--journal FILE, or AWSECS_JOURNAL=FILE in the environment, or journal in awsecs.toml"
        )

    if settings.journal is None:  # else it may hold tasks of the other targets
        settings = replace(settings, targets=(settings.target(wanted),))

    async def nothing() -> list[str]:
        return []

    async def never() -> None:
        await asyncio.Event().wait()

    return Surroundings(settings=settings, is_local=False, notices=nothing, gone=never)


@asynccontextmanager
async def _local(request: Request) -> AsyncIterator[Surroundings]:
    from awsecs_async.local.child import LocalCloud

    cloud = LocalCloud(runtime=request.runtime or LOCAL_RUNTIME)
    starting = asyncio.create_task(cloud.start())
    try:
        await asyncio.to_thread(_import_engine)
        await starting
        notices_url = f"{cloud.endpoint_url}/_local/notices"

        async def notices() -> list[str]:
            return await asyncio.to_thread(_fetch_notices, notices_url)

        with _environment(cloud.environment()):
            yield Surroundings(settings=cloud.settings(), is_local=True, notices=notices, gone=cloud.ended)
    finally:
        starting.cancel()
        await asyncio.wait([starting])
        await cloud.close()


def _import_engine() -> None:
    import awsecs_async.dispatcher  # noqa: F401 (while the cloud's own process starts)


def _fetch_notices(url: str) -> list[str]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=NOTICES_SECONDS) as answer:
        return list(dict.fromkeys(notice["text"] for notice in json.load(answer)["notices"]))


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Have botocore see these AWS variables and none of the user's, nor files, nor proxies."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_"):
            del os.environ[name]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "*"}
    os.environ.update(variables | nothing)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
