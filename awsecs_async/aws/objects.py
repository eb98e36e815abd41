"""S3's objects in our words, over any transport: small ones, whole in memory.

What tasks read and write themselves, however large, never passes through here; these are commands that
are too long for a request, exit codes, reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.aws.faults import too_large
from awsecs_async.aws.ports import BODY_MAX_BYTES, Bucket
from awsecs_async.errors import RequestRefused

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Transport
    from awsecs_async.model.s3 import S3Url


class ObjectsDoor:
    """``ports.Objects`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<ObjectsDoor over {self._transport!r}>"

    async def put(self, url: S3Url, data: bytes, *, content_type: str = "application/octet-stream") -> None:
        """PutObject. Raises RequestRefused with code NoSuchBucket."""
        params = {"Bucket": url.bucket, "Key": url.key, "Body": data, "ContentType": content_type}
        await self._transport.ask("s3", "PutObject", params)

    async def get(self, url: S3Url, *, most: int = BODY_MAX_BYTES) -> bytes:
        """GetObject. Raises RequestRefused with code NoSuchBucket, NoSuchKey or EntityTooLarge."""
        answer = await self._transport.ask("s3", "GetObject", _of(url))
        body: bytes = answer["Body"]
        if len(body) > most:
            raise too_large("GetObject", len(body), most)
        return body

    async def delete(self, url: S3Url) -> None:
        """DeleteObject; no error if there is none. Raises RequestRefused with code NoSuchBucket."""
        await self._transport.ask("s3", "DeleteObject", _of(url))

    async def exists(self, url: S3Url) -> bool:
        """HeadObject; False for a bucket that does not exist too."""
        try:
            await self._transport.ask("s3", "HeadObject", _of(url))
        except RequestRefused as refusal:
            if refusal.code not in {"NoSuchKey", "NoSuchBucket"}:
                raise
            return False
        return True

    async def bucket(self, name: str) -> Bucket:
        """HeadBucket. Raises RequestRefused with code NoSuchBucket."""
        answer = await self._transport.ask("s3", "HeadBucket", {"Bucket": name})
        return Bucket(name=name, region=answer.get("BucketRegion") or self._transport.region)


def _of(url: S3Url) -> dict[str, str]:
    return {"Bucket": url.bucket, "Key": url.key}
