"""Every target looked at in turn, and what they have in common.

The checks of a target build on each other: without credentials nothing can be asked, without a cluster there
are no providers. So they run in order, and the first that makes the rest pointless is the last.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from awsecs_async.aws.account import AccountDoor
from awsecs_async.aws.faults import could_not_ask, cure
from awsecs_async.doctor.check import Check
from awsecs_async.doctor.compute import check_compute
from awsecs_async.doctor.desk import Desk
from awsecs_async.doctor.roles import check_roles
from awsecs_async.doctor.storage import check_bucket, check_logs
from awsecs_async.engine.registry import to_aws
from awsecs_async.errors import AwsFault, SettingsError

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Identity, Transport
    from awsecs_async.model.settings import Settings, Target

T = TypeVar("T")
OpenTransport = Callable[["Target"], AbstractAsyncContextManager["Transport"]]
ASKING_SECONDS = 60.0  # for all that one target is asked


async def examine(settings: Settings, open_transport: OpenTransport = to_aws) -> list[Check]:
    """All checks, in the order in which a person would make them."""
    checks = list(await asyncio.to_thread(_check_journal, settings))
    for target in settings.targets:
        checks += await _examine(settings, target, open_transport)
    return checks


async def _examine(settings: Settings, target: Target, open_transport: OpenTransport) -> list[Check]:
    desk = Desk(target)
    try:
        async with asyncio.timeout(ASKING_SECONDS), open_transport(target) as transport:
            identity = await _check_credentials(desk, transport)
            if desk.has_failed or not await check_compute(desk, transport, settings):
                return desk.checks
            await check_roles(desk, transport, identity)
            await check_logs(desk, transport)
            await check_bucket(desk, transport)
    except (AwsFault, SettingsError) as error:
        mend = cure(error) if isinstance(error, AwsFault) else ""
        desk.fails("connection", str(error), mend)
    except TimeoutError:
        desk.warns(
            "connection", f"AWS did not answer all questions within {ASKING_SECONDS:.0f} s", "try again"
        )
    return desk.checks


async def _check_credentials(desk: Desk, transport: Transport) -> Identity | None:
    try:
        identity = await AccountDoor(transport).identity()
    except AwsFault as fault:
        if could_not_ask(fault):
            desk.warns("credentials", f"STS could not be asked whose they are: {fault.code}", cure(fault))
        else:
            desk.fails("credentials", fault.message, cure(fault))
        return None
    desk.holds("credentials", f"{identity.arn} in {transport.region}")
    return identity


def _check_journal(settings: Settings) -> list[Check]:
    desk = Desk(None)
    path: Path | None = settings.journal
    if path is None:
        desk.holds("journal", "in memory: tasks are not found again after the process ends")
    elif not path.parent.is_dir():
        desk.fails("journal", f"there is no directory {path.parent}", f"mkdir -p {path.parent}")
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        desk.fails("journal", f"{path} cannot be written", "set journal to a file that this user may write")
    else:
        desk.holds("journal", str(path))
    return desk.checks
