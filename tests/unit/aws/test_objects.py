"""S3's objects in our words: exact requests, and the faults that are answers."""

from __future__ import annotations

import pytest

from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.aws.ports import Bucket
from awsecs_async.errors import RequestRefused, TargetBlocked
from awsecs_async.model.s3 import S3Url
from tests.unit.aws.scripted import Scripted, Wire

WORK = S3Url.parse("s3://work/a/key")
PLACE = {"Bucket": "work", "Key": "a/key"}


async def test_requests() -> None:
    """Every verb asks for exactly that object, in a form that botocore's model takes."""
    transport = Scripted(lambda *_: {"Body": b"data"})
    door = ObjectsDoor(transport)
    await door.put(WORK, b"data", content_type="text/plain")
    assert await door.get(WORK) == b"data"
    await door.delete(WORK)
    assert await door.exists(WORK)
    assert [(operation, params) for _, operation, params in transport.asked] == [
        ("PutObject", PLACE | {"Body": b"data", "ContentType": "text/plain"}),
        ("GetObject", PLACE),
        ("DeleteObject", PLACE),
        ("HeadObject", PLACE),
    ]


async def test_what_may_not_be_looked_at_is_not_absent() -> None:
    """Denied is not absent: whoever took it for that would write over what is there."""

    def denied(*_: object) -> Wire:
        raise TargetBlocked("AccessDenied", "Forbidden")

    with pytest.raises(TargetBlocked):
        await ObjectsDoor(Scripted(denied)).exists(WORK)

    def odd(*_: object) -> Wire:
        raise RequestRefused("400", "Bad Request")

    with pytest.raises(RequestRefused):
        await ObjectsDoor(Scripted(odd)).exists(WORK)


async def test_bucket() -> None:
    """A bucket's region is what S3 says; an endpoint that does not say is in the region asked."""
    assert await ObjectsDoor(Scripted(lambda *_: {"BucketRegion": "eu-west-1"})).bucket("b-b") == Bucket(
        name="b-b", region="eu-west-1"
    )
    assert (await ObjectsDoor(Scripted(lambda *_: {})).bucket("b-b")).region == "us-east-1"
