"""ECS's cluster query language, as far as our constraints are written in it: read as ECS documents it."""

from __future__ import annotations

import re


def holds(expression: str, name: str) -> bool:
    """Whether the expression holds on an instance of the type of this name; the empty one always does."""
    if not expression:
        return True
    sides = (side.strip("()").split(" or ") for side in expression.split(" and "))
    return all(any(_holds(test, name) for test in side) for side in sides)


def _holds(test: str, name: str) -> bool:
    subject, operator, argument = test.split(" ", 2)
    assert subject == "attribute:ecs.instance-type"
    if operator == "=~":
        assert not set(argument) & set("()[] "), "ECS takes no parentheses within one comparison"
        return re.fullmatch(argument, name) is not None
    return name == argument if operator == "==" else name in argument.strip("[]").split(", ")
