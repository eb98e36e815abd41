"""Where an object is on S3: a bucket and a key, written ``s3://bucket/key``.

A value, parsed once and checked then, so that nobody splits strings later. A key may be empty: then it
is the bucket itself, as a work directory may be. Access points and S3 on Outposts have no such URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

KEY_MAX_BYTES: Final = 1_024  # in UTF-8; S3, object keys

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # S3, bucket naming rules


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Url:
    """A place on S3.

    Raises:
        ValueError: for a bucket or a key that S3 would not take.
    """

    bucket: str
    key: str = ""

    def __post_init__(self) -> None:
        if not _BUCKET.fullmatch(self.bucket) or ".." in self.bucket:
            raise ValueError(
                f"{self.bucket!r} is not the name of an S3 bucket: 3 to 63 lower-case letters, digits, "
                "hyphens and dots, with a letter or digit at both ends"
            )
        if len(self.key.encode("utf-8", "surrogatepass")) > KEY_MAX_BYTES:
            raise ValueError(f"the key {self.key[:40]!r}... has over {KEY_MAX_BYTES:,} bytes, S3's limit")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def __truediv__(self, name: str) -> Self:
        """The place of this name below this one."""
        key = self.key if not self.key or self.key.endswith("/") else f"{self.key}/"
        return type(self)(bucket=self.bucket, key=key + name)

    @property
    def arn(self) -> str:
        """The ARN of the object, or of the bucket where there is no key, as policies and ECS name it; of the
        partition ``aws`` until it is known where it will be used: see ``in_partition``.
        """
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else f"arn:aws:s3:::{self.bucket}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that ``s3://bucket/key`` names.

        Raises:
            ValueError: if it is not written so, or as the class says.
        """
        scheme, separator, rest = text.partition("://")
        if scheme.lower() != "s3" or not separator:
            raise ValueError(f"{text!r} is not a place on S3; write s3://bucket/key")
        bucket, _, key = rest.partition("/")
        return cls(bucket=bucket, key=key)


def in_partition(arn: str, partition: str) -> str:
    """The same object's ARN in China (``aws-cn``) or GovCloud, where nothing is reached in another."""
    return f"arn:{partition}:{arn.split(':', 2)[2]}"
