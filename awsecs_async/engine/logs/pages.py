"""The calls: all that CloudWatch holds of some streams since some moment, page by page.

One question may take many calls: pages follow each other until one has no token, and empty ones are no
end. If a stream does not exist CloudWatch refuses the whole call and does not say which, so the question
is halved until the missing ones are found.

A closed gate makes a call wait, since what blocks a target is usually mended; but nobody waits for lines
for ever: after a minute without an answer it is ``NoAnswer``. Access that is denied does not come back by
waiting, so that is told at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from awsecs_async.aws.faults import DENIED_CODES
from awsecs_async.errors import LogStreamsMissing, LogsUnavailable, RequestRefused, TargetBlocked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from awsecs_async.aws.ports import LogEvent, LogPage
    from awsecs_async.engine.targets import Station

PATIENCE_SECONDS: Final = 60.0
ACTIVITY: Final = "logs"  # the gate of the station's that log calls wait at


class NoAnswer(LogsUnavailable):
    """CloudWatch Logs has not answered for a minute; it may yet."""


async def pages(
    station: Station, streams: Sequence[str] | None, since_ms: int, missing: set[str]
) -> AsyncGenerator[Sequence[LogEvent]]:
    """Everything of these streams (None: of the whole group) from ``since_ms`` on, oldest first in each.

    Streams that do not exist are put into ``missing``.

    Raises:
        LogsUnavailable: saying why, and what to do.
    """
    questions = [streams]
    while questions:
        asked = questions.pop()
        token: str | None = None
        while True:
            try:
                page = await _page(station, asked, since_ms, token)
            except LogStreamsMissing as fault:
                questions += _halves(asked, fault, missing)
                break
            yield page.events
            token = page.next_token
            if token is None:
                break


def _halves(asked: Sequence[str] | None, fault: LogStreamsMissing, missing: set[str]) -> list[Sequence[str]]:
    if asked is None:
        return []
    if len(asked) == 1 or "log group" in fault.message.lower():  # without the group there are no streams
        missing.update(asked)
        return []
    middle = len(asked) // 2
    return [asked[middle:], asked[:middle]]


async def _page(station: Station, streams: Sequence[str] | None, since_ms: int, token: str | None) -> LogPage:
    group = station.target.logs_group

    async def ask() -> LogPage:
        try:
            return await station.logs.filter(group, streams=streams, since=since_ms, token=token)
        except TargetBlocked as fault:
            if fault.code in DENIED_CODES:
                raise LogsUnavailable(
                    f"log group {group} may not be read: {fault.message}; allow logs:FilterLogEvents "
                    "on it to the identity that this dispatcher runs as"
                ) from fault
            raise

    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await station.call(ask, [(station.buckets.filter_logs, 1)], activity=ACTIVITY)
    except LogStreamsMissing:
        raise
    except RequestRefused as fault:
        raise LogsUnavailable(
            f"CloudWatch Logs refuses to read log group {group}: {fault.message}; check the setting logsGroup"
        ) from fault
    except TimeoutError as late:
        why = station.gate(ACTIVITY).reason or "neither lines nor an error came"
        raise NoAnswer(
            f"CloudWatch Logs has not answered for {PATIENCE_SECONDS:.0f} s ({why}); "
            f"the lines are kept in log group {group}: read them again later"
        ) from late
