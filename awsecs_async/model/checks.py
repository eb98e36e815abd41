"""What is acceptable in a field that several kinds of spec have: each check returns the value to keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model.s3 import S3Url

MAX_TAGS: Final = 50  # AWS: API_Tag
MAX_TAG_KEY: Final = 128  # characters; AWS: API_Tag
MAX_TAG_VALUE: Final = 256  # characters; AWS: API_Tag

MAX_ENVIRONMENT_FILES: Final = 10  # AWS: API_ContainerDefinition, environmentFiles

_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_SECRET = re.compile(r"arn:aws[\w-]*:(secretsmanager|ssm):[\w-]+:\d{12}:(secret:|parameter/).+")
_S3_ARN = re.compile(r"arn:aws[\w-]*:s3:::[^/]+/.+")
_USER = re.compile(r"[^\s:\x00-\x1f]+(:[^\s:\x00-\x1f]+)?")  # AWS: API_ContainerDefinition, user
_ARCHITECTURES: Final = {
    "x86_64": "X86_64", "amd64": "X86_64", "x86-64": "X86_64",
    "arm64": "ARM64", "aarch64": "ARM64",
}  # fmt: skip
_ENVIRONMENT_NAME = re.compile(r"[^=\x00]+")
_PAIR: Final = 2


def text(field: str, value: object, what: str, *, most: int) -> str:
    """A name of 1 to ``most`` characters."""
    if not isinstance(value, str) or "\x00" in value:
        raise InvalidTask(field, f"{value!r} is not text; {what} has 1 to {most} characters")
    if not 0 < len(value) <= most:
        raise InvalidTask(
            field, f"{value[:40]!r} has {len(value):,} characters; {what} has 1 to {most} characters"
        )
    return value


def flag(field: str, value: object) -> bool:
    """True or False, and nothing that merely looks so."""
    if not isinstance(value, bool):
        raise InvalidTask(field, f"{value!r} is not true or false")
    return value


def whole(field: str, value: object, least: int, most: int, what: str = "") -> int:
    """A whole number within a range; ``what`` says of what."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        of = f" of {what}" if what else ""
        raise InvalidTask(field, f"{value!r:.40} is not a whole number{of}, {least} to {most}")
    return value


def path(field: str, value: object) -> str:
    """An absolute path."""
    if not isinstance(value, str) or not value.startswith("/") or "\x00" in value:
        raise InvalidTask(field, f"{value!r} is not an absolute path, such as '/data'")
    return value


def mount(field: str, value: object) -> str:
    """Where something is mounted: an absolute path below the root, whose place belongs to the image."""
    found = path(field, value)
    if not found.strip("/"):
        raise InvalidTask(
            field, f"{value!r} is the root of the image's own files; write a path such as '/data'"
        )
    return found


def user(field: str, value: object) -> str:
    """Whom a container runs as: a name or a number, and perhaps a group."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else value
    if not isinstance(found, str) or not _USER.fullmatch(found):
        raise InvalidTask(field, f"{value!r} is not a user: a name or a number, or user:group")
    return found


def image(value: object) -> str:
    """The name of an image."""
    if not isinstance(value, str) or not value or any(c.isspace() or c == "\x00" for c in value):
        raise InvalidTask("container", f"{value!r} is not the name of an image, such as 'ubuntu:24.04'")
    return value


def words(field: str, value: object) -> tuple[str, ...]:
    """A command's words: a list, never one string."""
    if isinstance(value, str):
        raise InvalidTask(
            field, f"{value!r} is one string; write a list of words, such as ['sh', '-c', {value!r}]"
        )
    found = several(field, value, "a list of words, such as ['echo', 'hello']")
    for word in found:
        if not isinstance(word, str) or "\x00" in word:
            raise InvalidTask(field, f"{word!r} is not a string of text; a command is a list of words")
    return found  # type: ignore[return-value]  # just looked at


def pairs(field: str, value: object) -> tuple[tuple[str, str], ...]:
    """Names and values, as pairs in their order. What is refused is told without the values: they may be
    passwords, and messages end in logs.
    """
    # A tuple of pairs, not a dict: a third of the memory, and 100,000 specs may be live.
    found: tuple[Any, ...]
    if isinstance(value, Mapping):
        found = tuple(value.items())
    elif isinstance(value, str | bytes | AbstractSet) or not isinstance(value, Iterable):
        raise InvalidTask(
            field, f"a {type(value).__name__} is no table of names and values, such as {{'NAME': 'value'}}"
        )
    else:
        found = tuple(map(_pair, value))
    for number, pair in enumerate(found, 1):
        if len(pair) != _PAIR or not isinstance(pair[0], str):
            raise InvalidTask(field, f"number {number} is not a name and a value, both of them text")
        if not isinstance(pair[1], str):
            raise InvalidTask(field, f"{pair[0]}: not a name and a value, both of them text")
        if not _ENVIRONMENT_NAME.fullmatch(pair[0]):
            raise InvalidTask(field, f"{pair[0]!r} is not a name that can be set")
        if "\x00" in pair[1]:
            raise InvalidTask(field, f"{pair[0]}: the value has a NUL, which nothing can carry")
    if len({name for name, _ in found}) < len(found):
        raise InvalidTask(field, "the same name is given twice")
    return found


def _pair(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def tags(value: object) -> tuple[tuple[str, str], ...]:
    """AWS tags, as pairs in their order."""
    found = pairs("tags", value)
    if len(found) > MAX_TAGS:
        raise InvalidTask("tags", f"{len(found)} of them; AWS allows {MAX_TAGS}")
    for key, text in found:
        if len(key) > MAX_TAG_KEY or len(text) > MAX_TAG_VALUE:
            raise InvalidTask("tags", f"{key[:40]!r}: keys have up to 128 characters, values up to 256")
        if key.lower().startswith("aws:"):
            raise InvalidTask("tags", f"{key!r}: names that begin with 'aws:' are AWS's own")
        if wrong := next((c for c in key + text if not _may_be_in_tag(c)), None):
            raise InvalidTask(
                "tags", f"{key!r}: AWS takes letters, digits, spaces and _.:/=+-@, not {wrong!r}"
            )
    return found


def _may_be_in_tag(character: str) -> bool:
    """AWS: API_Tag of ECS, the pattern of TagKey and TagValue."""
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LNZ"


def several(field: str, value: object, what: str = "a list") -> tuple[object, ...]:
    """A list, never one string; ``what`` says of what."""
    if isinstance(value, str | bytes | Mapping | AbstractSet) or not isinstance(value, Iterable):
        raise InvalidTask(field, f"{value!r} is not {what}")
    return tuple(value)


def texts(field: str, value: object) -> tuple[str, ...]:
    """A list of names; one string may hold several with commas between."""
    found = value.split(",") if isinstance(value, str) else several(field, value, "a list of names")
    names = tuple(each.strip() if isinstance(each, str) else "" for each in found)
    if not all(names) or any("\x00" in name for name in names):
        raise InvalidTask(field, f"{value!r} is not a list of names")
    return names


def architecture(value: object) -> str:
    """``X86_64`` or ``ARM64``."""
    word = value.lower().removeprefix("linux/").split("/")[0] if isinstance(value, str) else ""
    if word not in _ARCHITECTURES:
        raise InvalidTask(
            "architecture", f"{value!r} is not one of X86_64 and ARM64 (or linux/amd64, linux/arm64)"
        )
    return _ARCHITECTURES[word]


def secrets(value: object) -> tuple[tuple[str, str], ...]:
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
    found = texts("environment_files", value)
    if len(found) > MAX_ENVIRONMENT_FILES:
        raise InvalidTask("environment_files", f"{len(found)} of them; ECS allows {MAX_ENVIRONMENT_FILES}")
    return tuple(map(_environment_file, found))


def _environment_file(value: str) -> str:
    if value.endswith(".env"):
        if _S3_ARN.fullmatch(value):
            return value
        try:
            return S3Url.parse(value).arn
        except ValueError as error:
            raise InvalidTask("environment_files", str(error)) from None
    raise InvalidTask("environment_files", f"{value!r} is not a file on S3 named *.env: s3://bucket/key.env")


def role(field: str, value: object) -> str:
    """The ARN of a role."""
    if not isinstance(value, str) or not _ROLE.fullmatch(value):
        raise InvalidTask(
            field, f"{value!r} is not the ARN of an IAM role: arn:aws:iam::123456789012:role/NAME"
        )
    return value


def s3_url(field: str, value: object) -> str | None:
    """``s3://bucket/path``, without a slash at its end."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidTask(field, f"{value!r} is not a directory on S3: s3://bucket/path")
    try:
        return str(S3Url.parse(value)).rstrip("/")
    except ValueError as error:
        raise InvalidTask(field, str(error)) from None
