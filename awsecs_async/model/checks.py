"""What is acceptable in a field that several kinds of spec have: each check returns the value to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from awsecs_async.errors import InvalidTask

MAX_TAGS: Final = 50  # AWS: API_Tag
MAX_TAG_KEY: Final = 128  # characters; AWS: API_Tag
MAX_TAG_VALUE: Final = 256  # characters; AWS: API_Tag

MAX_ENVIRONMENT_FILES: Final = 10  # AWS: API_ContainerDefinition, environmentFiles

_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_SECRET = re.compile(r"arn:aws[\w-]*:(secretsmanager|ssm):[\w-]+:\d{12}:(secret:|parameter/).+")
_S3_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?")
_S3_ARN = re.compile(r"arn:aws[\w-]*:s3:::(?P<bucket>[^/]+)/(?P<key>.+)")
_MACHINE = re.compile(r"[a-z0-9*?][a-z0-9*?.-]*", re.IGNORECASE)
_ARCHITECTURES: Final = {
    "x86_64": "X86_64", "amd64": "X86_64", "x86-64": "X86_64",
    "arm64": "ARM64", "aarch64": "ARM64",
}  # fmt: skip
_ENVIRONMENT_NAME = re.compile(r"[^=\x00]+")


def image(value: str | None) -> str | None:
    """The name of an image, or None."""
    if value is not None and (not value or value != value.strip() or any(c.isspace() for c in value)):
        raise InvalidTask("container", f"{value!r} is not the name of an image, such as 'ubuntu:24.04'")
    return value


def words(field: str, value: Sequence[str]) -> tuple[str, ...]:
    """A command's words: a list, never one string."""
    if isinstance(value, str):
        raise InvalidTask(
            field, f"{value!r} is one string; write a list of words, such as ['sh', '-c', {value!r}]"
        )
    found = tuple(value)
    for word in found:
        if not isinstance(word, str) or "\x00" in word:
            raise InvalidTask(field, f"{word!r} is not a string of text")
    return found


def pairs(field: str, value: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Names and values, as pairs in their order."""
    # A tuple of pairs, not a dict: a third of the memory, and 100,000 specs may be live.
    found = tuple((pair[0], pair[1]) for pair in (value.items() if isinstance(value, Mapping) else value))
    for name, text in found:
        if not isinstance(name, str) or not isinstance(text, str):
            raise InvalidTask(field, f"{name!r}: {text!r}: names and values are strings")
        if not _ENVIRONMENT_NAME.fullmatch(name) or "\x00" in text:
            raise InvalidTask(field, f"{name!r} is not a name that can be set")
    if len({name for name, _ in found}) < len(found):
        raise InvalidTask(field, "the same name is given twice")
    return found


def tags(value: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """AWS tags, as pairs in their order."""
    found = pairs("tags", value)
    if len(found) > MAX_TAGS:
        raise InvalidTask("tags", f"{len(found)} of them; AWS allows {MAX_TAGS}")
    for key, text in found:
        if len(key) > MAX_TAG_KEY or len(text) > MAX_TAG_VALUE:
            raise InvalidTask("tags", f"{key[:40]!r}: keys have up to 128 characters, values up to 256")
        if key.lower().startswith("aws:"):
            raise InvalidTask("tags", f"{key!r}: names that begin with 'aws:' are AWS's own")
    return found


def several(field: str, value: object) -> tuple[object, ...]:
    """A list, never one string."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidTask(field, f"{value!r} is not a list")
    return tuple(value)


def texts(field: str, value: object) -> tuple[str, ...]:
    """A list of names; one string may hold several with commas between."""
    found = value.split(",") if isinstance(value, str) else several(field, value)
    names = tuple(each.strip() if isinstance(each, str) else "" for each in found)
    if not all(names):
        raise InvalidTask(field, f"{value!r} is not a list of names")
    return names


def machine_types(value: object) -> tuple[str, ...]:
    """Instance types, families and patterns, in small letters."""
    found = tuple(each.lower() for each in texts("machine_type", value))
    for each in found:
        if not _MACHINE.fullmatch(each):
            raise InvalidTask(
                "machine_type", f"{each!r} is not an instance type such as c6i.2xlarge, c6i or m5.*"
            )
    return found


def architecture(value: str) -> str:
    """``X86_64`` or ``ARM64``."""
    word = value.lower().removeprefix("linux/").split("/")[0] if isinstance(value, str) else ""
    if word not in _ARCHITECTURES:
        raise InvalidTask(
            "architecture", f"{value!r} is not one of X86_64 and ARM64 (or linux/amd64, linux/arm64)"
        )
    return _ARCHITECTURES[word]


def secrets(value: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Variables and the ARNs that hold their values."""
    found = pairs("secrets", value)
    for name, arn in found:
        if not _SECRET.fullmatch(arn):
            raise InvalidTask(
                "secrets",
                f"{name}: not the ARN of a Secrets Manager secret or an SSM parameter; the value itself does "
                "not belong here",
            )
    return found


def environment_files(value: object) -> tuple[str, ...]:
    """ARNs of ``.env`` files on S3."""
    found = texts("environment_files", value) if value else ()
    if len(found) > MAX_ENVIRONMENT_FILES:
        raise InvalidTask("environment_files", f"{len(found)} of them; ECS allows {MAX_ENVIRONMENT_FILES}")
    arns = []
    for each in found:
        match = _S3_URL.fullmatch(each) or _S3_ARN.fullmatch(each)
        if match is None or not (match["key"] or "").endswith(".env"):
            raise InvalidTask(
                "environment_files", f"{each!r} is not a file on S3 named *.env: s3://bucket/key.env"
            )
        arns.append(each if each.startswith("arn:") else f"arn:aws:s3:::{match['bucket']}/{match['key']}")
    return tuple(arns)


def role(field: str, value: str | None) -> None:
    """Refuse what is not a role's ARN."""
    if value is not None and not _ROLE.fullmatch(value):
        raise InvalidTask(
            field, f"{value!r} is not the ARN of an IAM role: arn:aws:iam::123456789012:role/NAME"
        )


def attempts(field: str, value: int | None) -> None:
    """Refuse what is not 0 or more."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise InvalidTask(field, f"{value!r} is not a number of attempts, 0 or more")


def s3_url(field: str, value: str | None) -> str | None:
    """``s3://bucket/path``, without a slash at its end."""
    if value is None:
        return None
    if not isinstance(value, str) or not _S3_URL.fullmatch(value):
        raise InvalidTask(field, f"{value!r} is not a directory on S3: s3://bucket/path")
    return value.rstrip("/")
