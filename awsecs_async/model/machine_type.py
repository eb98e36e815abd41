"""Machine types as people ask for them, and as ECS is told: patterns over the names of EC2's instance types.

``c6i.2xlarge`` is one type, ``c6i`` a family, ``m5.*`` and ``c6i.?xlarge`` are patterns (``*`` stands for any
characters, ``?`` for one). Several, separated by commas, mean any of them. A task may narrow a choice twice,
by its machine type and by its accelerator, and the provider has allowed types of its own, so this module
also tells whether two patterns have a type in common, known to us or not: AWS adds types every month.

ECS takes the choice as a placement constraint in its cluster query language, whose expressions may hold no
parentheses within one comparison; hence one comparison for each pattern, joined by ``or``.
Source: AmazonECS/latest/developerguide/cluster-query-language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from awsecs_async.errors import InvalidTask

EXPRESSION_MAX_CHARACTERS: Final = 2_000  # API_PlacementConstraint, expression

Patterns = tuple[str, ...]  # any of these; names are small letters, digits, '-', one '.', '*' and '?'

_SUBJECT: Final = "attribute:ecs.instance-type"
_SHAPE: Final = re.compile(r"[a-z0-9*?][a-z0-9*?-]*(\.[a-z0-9*?-]+)?")
_FAMILY: Final = re.compile(r"[a-z]+\d[a-z0-9]*(-[a-z0-9]+)?")
_REMEMBERED: Final = 4_096


def parse(value: str | Sequence[str]) -> Patterns:
    """The patterns of ``"c6i"``, ``"m5.*, r5.large"`` or a list of such; a family becomes ``c6i.*``.

    Raises:
        InvalidTask: if there is none, or one that no instance type's name could match.
    """
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise InvalidTask("machine_type", f"{value!r} is no text and no list of texts, such as 'c6i.2xlarge'")
    patterns = tuple(dict.fromkeys(_pattern(text.strip().lower()) for text in texts if text.strip()))
    if not patterns:
        raise InvalidTask("machine_type", f"{value!r} names no instance type; write 'c6i.2xlarge' or 'c6i.*'")
    return patterns


def is_exact(pattern: str) -> bool:
    """Whether it is the name of one type."""
    return "*" not in pattern and "?" not in pattern


def matches(pattern: str, name: str) -> bool:
    """Whether the type of this name is meant by the pattern."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(_REMEMBERED)
def within(one: str, other: str) -> bool:
    """Whether every name that ``one`` matches is plainly matched by ``other`` too.

    Read as a text, ``one`` is matched by ``other`` where its wildcards fall on wildcards at least as wide.
    """
    narrow = "".join("[^*]" if mark == "?" else ".*" if mark == "*" else re.escape(mark) for mark in other)
    return re.fullmatch(narrow, one) is not None


@lru_cache(_REMEMBERED)
def may_meet(one: str, other: str) -> bool:
    """Whether some name is matched by both patterns."""
    # Column j holds whether one[:i] and other[:j] can match the same text.
    row = [True, *(other[:j].strip("*") == "" for j in range(1, len(other) + 1))]
    for i, mine in enumerate(one, 1):
        above, row = row, [one[:i].strip("*") == ""]
        for j, theirs in enumerate(other, 1):
            if "*" in (mine, theirs):
                row.append(above[j] or row[j - 1] or above[j - 1])
            else:
                row.append(above[j - 1] and ("?" in (mine, theirs) or mine == theirs))
    return row[-1]


def narrowed(wanted: Patterns, allowed: Patterns) -> Patterns:
    """The patterns of ``wanted`` that share a name with ``allowed``; where one side is narrower, that one.

    What comes back may still match more than ``allowed`` where two patterns merely overlap: ``constraint``
    takes both sides then.
    """
    found: dict[str, None] = {}
    for mine in wanted:
        for theirs in allowed:
            if may_meet(mine, theirs):
                found[theirs if within(theirs, mine) else mine] = None
    return tuple(found)


def constraint(*choices: Patterns) -> str:
    """The expression that holds on an instance whose type is in every one of the choices; "" for none.

    Raises:
        InvalidTask: if it is longer than ECS takes.
    """
    sides = [_one_of(patterns) for patterns in choices if patterns]
    text = " and ".join(f"({side})" if " or " in side and len(sides) > 1 else side for side in sides)
    if len(text) > EXPRESSION_MAX_CHARACTERS:
        raise InvalidTask(
            "machine_type",
            f"{sum(map(len, choices))} types and patterns make a placement constraint of {len(text):,} "
            f"characters; ECS takes {EXPRESSION_MAX_CHARACTERS:,}. Name families or patterns instead",
        )
    return text


def _pattern(text: str) -> str:
    if not _SHAPE.fullmatch(text):
        raise InvalidTask(
            "machine_type", f"{text!r} is not the name of an EC2 instance type, such as 'c6i.2xlarge', 'm5.*'"
        )
    if "." in text or not is_exact(text):
        return text
    if not _FAMILY.fullmatch(text):
        raise InvalidTask(
            "machine_type", f"{text!r} is no EC2 instance type and no family; write 'c6i.2xlarge' or 'c6i'"
        )
    return f"{text}.*"


def _one_of(patterns: Patterns) -> str:
    names = [pattern for pattern in patterns if is_exact(pattern)]
    tests = [f"{_SUBJECT} =~ {_java(pattern)}" for pattern in patterns if not is_exact(pattern)]
    if len(names) == 1:
        tests.insert(0, f"{_SUBJECT} == {names[0]}")
    elif names:
        tests.insert(0, f"{_SUBJECT} in [{', '.join(names)}]")
    return " or ".join(tests)


def _java(pattern: str) -> str:
    return pattern.replace(".", r"\.").replace("*", ".*").replace("?", ".")


@lru_cache(_REMEMBERED)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_java(pattern))
