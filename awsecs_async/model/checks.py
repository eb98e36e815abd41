"""What is acceptable in a field that several kinds of spec have: each check returns the value to keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from awsecs_async.errors import InvalidTask

MAX_TAGS: Final = 50  # AWS: API_Tag
MAX_TAG_KEY: Final = 128  # characters; AWS: API_Tag
MAX_TAG_VALUE: Final = 256  # characters; AWS: API_Tag

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
