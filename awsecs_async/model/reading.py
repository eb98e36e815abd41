"""How a value of ours is made of what people write: each field is read once, when the value is made.

Specs come from Python, from JSON and TOML, and from our own journal, so a field may hold anything. Every kind
of spec has one list of readings: a field, its default, and what makes of the given value the one to keep, or
refuses it as InvalidTask. A field at its default is not read, which keeps the plain task cheap: 100,000 of
them are made in a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from awsecs_async.errors import InvalidTask

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Read: TypeAlias = Callable[[Any], object]
Readings: TypeAlias = tuple[tuple[str, object, Read], ...]

# What goes to the container by S3 may have bytes of any kind in it, as Python has them of a file's name.
_CARRIED: Final = dict.fromkeys(("command", "entry_point", "environment"), "surrogateescape")

T = TypeVar("T", bound="DataclassInstance")


def readings(kind: type[DataclassInstance], reads: Mapping[str, Read]) -> Readings:
    """Every field of a kind with its default and how it is read; a field without a reading is a KeyError."""
    return tuple((each.name, each.default, reads[each.name]) for each in fields(kind))


def settle(spec: object, each: Readings) -> None:
    """Put what its reading makes of it in the place of every field that is not at its default."""
    for name, default, read in each:
        value = getattr(spec, name)
        if value is not default:
            kept = read(value)
            if not _is_text(kept, _CARRIED.get(name, "strict")):  # not repeated: it may be a password
                raise InvalidTask(name, "it is not all UTF-8 text, and ECS takes nothing else")
            object.__setattr__(spec, name, kept)


def within(field: str, spec: object, each: Readings) -> None:
    """``settle``, but what is refused is told as a part of ``field``."""
    try:
        settle(spec, each)
    except InvalidTask as refused:
        raise InvalidTask(field, f"{refused.field}: {refused.problem}") from None


def optional(read: Read) -> Read:
    """A reading that takes None as well."""
    return lambda value: None if value is None else read(value)


def _is_text(value: object, errors: str) -> bool:
    """Whether every string in it can be sent."""
    if isinstance(value, tuple):
        return all(_is_text(each, errors) for each in value)
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode(errors=errors)
    except UnicodeEncodeError:
        return False
    return True


def made(kind: type[T], field: str, value: Mapping[Any, object]) -> T:
    """A value of this kind from its members, as TOML and JSON have them."""
    names = {each.name: each.default is MISSING for each in fields(kind)}
    for name in value:
        if name not in names:
            raise InvalidTask(field, f"{name!r} is not one of {', '.join(sorted(names))}")
    if missing := [name for name, is_needed in names.items() if is_needed and name not in value]:
        raise InvalidTask(field, f"{' and '.join(missing)} must be given")
    return kind(**value)
