"""What RunTask has no room for is put on S3, before the launch that refers to it is written down.

So whatever is sent, now or by a replay after a crash, finds its files. They are named by what is in them:
launching again, or all members of an array, need one file. A file is put again after an hour, lest a rule
of the bucket that deletes old files deletes one that is still in use. Nothing here deletes any, since a
replayed launch may need them: a lifecycle rule of some days is for the bucket's owner to set.

When the bucket cannot be written, these tasks wait and nothing fails: the station says so as "spilling".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import RequestRefused, TargetBlocked, Throttled, Unanswered
from awsecs_async.kit.once import Once
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.spill import Spilled, spill

if TYPE_CHECKING:
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.overrides import Work
    from awsecs_async.model.s3 import S3Url

REMEMBERED: Final = 10_000  # files; a dispatcher with more puts the oldest again
AGAIN_SECONDS: Final = 3_600.0

_BUCKETS_FAULT: Final = frozenset({"NoSuchBucket", "AccessDenied", "PermanentRedirect"})


class Overflow:
    """What goes to S3. Its mutable state is which files were put in the last hour."""

    def __init__(self, started_by: str) -> None:
        self._folder = started_by
        self._put: Once[tuple[str, S3Url, int], bool] = Once(capacity=REMEMBERED)

    def __repr__(self) -> str:
        return f"<Overflow into {self._folder}: {len(self._put)} files put>"

    def of(self, work: Work) -> Spilled | None:
        """What of this work RunTask has no room for; None for nearly all.

        Raises:
            InvalidTask: if there is no room elsewhere.
        """
        return spill(work, self._folder)

    def has(self, spilled: Spilled, station: Station) -> bool:
        """Whether its files were put lately."""
        return all(self._put.get(_key(url, station)) for url, _ in spilled.files)

    async def put(self, spilled: Spilled, station: Station) -> None:
        """Return when its files are on S3."""
        for url, text in spilled.files:
            await self._put(_key(url, station), partial(_put, url, text, station))


def _key(url: S3Url, station: Station) -> tuple[str, S3Url, int]:
    return station.account, url, int(wall_time() / AGAIN_SECONDS)


async def _put(url: S3Url, text: bytes, station: Station) -> bool:
    def cure(fault: TargetBlocked) -> str:
        if fault.code not in _BUCKETS_FAULT:
            return station.cure(fault)
        return (
            f"workBucket: s3://{url.bucket} cannot be written; create it, allow s3:PutObject there to this "
            "dispatcher's credentials and s3:GetObject to executionRole, or set another workBucket"
        )

    await station.call(lambda: _put_once(url, text, station), [], activity="spilling", cure=cure)
    return True


async def _put_once(url: S3Url, text: bytes, station: Station) -> None:
    try:
        await station.objects.put(url, text, content_type="text/plain; charset=utf-8")
    except Throttled as fault:  # S3 has no bucket of ours to slow: wait a little, then again
        raise Unanswered(fault.code, fault.message, operation=fault.operation) from fault
    except RequestRefused as fault:  # the bucket is at fault, never the task
        raise TargetBlocked(fault.code, fault.message, operation=fault.operation) from fault
