"""Places on S3, as they are written and as they are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.s3 import S3Url


def test_a_place_and_its_names() -> None:
    """A URL is read and said back; ECS and policies get its ARN."""
    url = S3Url.parse("s3://my-bucket.2/work/a b.env")
    assert (url.bucket, url.key) == ("my-bucket.2", "work/a b.env")
    assert str(url) == "s3://my-bucket.2/work/a b.env"
    assert url.arn == "arn:aws:s3:::my-bucket.2/work/a b.env"
    assert S3Url.parse("S3://bucket") == S3Url(bucket="bucket")
    assert S3Url(bucket="bucket").arn == "arn:aws:s3:::bucket"


@pytest.mark.parametrize("root", ["s3://bucket/work", "s3://bucket/work/"])
def test_below(root: str) -> None:
    """Names are put below a place, whether or not it is written with a slash at its end."""
    assert str(S3Url.parse(root) / "task" / "command.env") == "s3://bucket/work/task/command.env"
    assert str(S3Url.parse("s3://bucket") / "a") == "s3://bucket/a"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bucket/key", "write s3://bucket/key"),
        ("https://bucket.s3.amazonaws.com/key", "write s3://bucket/key"),
        ("", "write s3://bucket/key"),
        ("s3://", "name of an S3 bucket"),
        ("s3:///key", "name of an S3 bucket"),
        ("s3://ab/key", "name of an S3 bucket"),
        ("s3://Bucket/key", "lower-case"),
        ("s3://a..b/key", "name of an S3 bucket"),
        ("s3://-bucket/key", "name of an S3 bucket"),
        ("s3://" + "b" * 64 + "/key", "3 to 63"),
        ("s3://bucket/" + "k" * 1025, "1,024 bytes"),
        ("s3://bucket/" + "\u00fc" * 513, "1,024 bytes"),
    ],
)
def test_what_is_no_place(text: str, words: str) -> None:
    """What S3 would not take is refused with words that say how to write it."""
    with pytest.raises(ValueError, match=words):
        S3Url.parse(text)


@given(key=st.text(max_size=200))
def test_said_back_and_read_again(key: str) -> None:
    """Whatever a key holds, saying a place and reading it changes nothing."""
    url = S3Url(bucket="bucket", key=key)
    assert S3Url.parse(str(url)) == url
