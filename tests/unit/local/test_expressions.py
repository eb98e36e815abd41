"""The cluster query language: what memberOf's expressions mean."""

from __future__ import annotations

import pytest

from awsecs_async.local.ecs.expressions import BadExpression, expression, subjects

INSTANCE = {
    "attribute:ecs.instance-type": "g5.2xlarge",
    "attribute:ecs.availability-zone": "us-east-1b",
    "attribute:ecs.cpu-architecture": "x86_64",
    "attribute:count": "7",
}
TYPE = "attribute:ecs.instance-type"
ZONE = "attribute:ecs.availability-zone"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (f"{TYPE} == g5.2xlarge", True),
        (f"{TYPE} == g5", False),
        (f"{TYPE} != g5.2xlarge", False),
        (f"{TYPE} equals g5.2xlarge", True),
        (f'{TYPE} == "g5.2xlarge"', True),
        (f"{TYPE} =~ g5.*", True),
        (f"{TYPE} =~ g5", False),  # the whole value must match
        (f"{TYPE} =~ 2xlarge", False),
        (f"{TYPE} =~ (g4dn|g5)\\..*", True),
        (f"({TYPE} =~ (g4dn|g5)\\.2.*)", True),
        (f"{TYPE} matches '(m|g)5[.]2xlarge'", True),
        (f"{TYPE} !~ g5.*", False),
        (f"{TYPE} in [m5.large, g5.2xlarge]", True),
        (f"{TYPE} in [m5.large]", False),
        (f"{TYPE} !in [m5.large]", True),
        (f"{TYPE} not_in [g5.2xlarge]", False),
        (f"{TYPE} not in [g5.2xlarge]", False),
        (f"{TYPE} exists", True),
        ("attribute:stack exists", False),
        ("attribute:stack !exists", True),
        ("attribute:stack == x", False),
        ("attribute:stack != x", True),
        ("attribute:stack =~ .*", False),
        ("attribute:count > 6", True),
        ("attribute:count >= 8", False),
        (f"{TYPE} =~ g5.* and {ZONE} == us-east-1b", True),
        (f"{TYPE} =~ g5.* && {ZONE} == us-east-1a", False),
        (f"{ZONE} == us-east-1a or {ZONE} == us-east-1b", True),
        (f"{ZONE} == us-east-1a || {ZONE} == us-east-1c", False),
        (f"not ({ZONE} == us-east-1a)", True),
        (f"!({ZONE} == us-east-1b)", False),
        (f"{ZONE} == us-east-1b or {ZONE} == x and {TYPE} == x", True),  # and binds closer
        (f"({ZONE} == us-east-1b or {ZONE} == x) and {TYPE} == x", False),
    ],
)
def test_what_an_expression_means(text: str, holds: bool) -> None:  # noqa: FBT001 - a column of the table
    """Each operator, alone and joined, is what AWS's page says it is."""
    assert expression(text)(INSTANCE) is holds


@pytest.mark.parametrize(
    "text",
    [
        *("", "==", f"{TYPE}", f"{TYPE} ==", f"{TYPE} ~ x", f"{TYPE} in m5.large", f"{TYPE} in [m5.large"),
        *("(a == b", "a == b c", "a == b and", f"{TYPE} =~ [", "not", "a == (b)"),
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """A typing error is told, with its place, and never means something else."""
    with pytest.raises(BadExpression, match="expected at character"):
        expression(text)


def test_the_subjects_are_known() -> None:
    """Whoever allows some attributes only can ask which ones an expression speaks of."""
    assert subjects(f"{TYPE} == a and not ({ZONE} == b or {TYPE} == c)") == {TYPE, ZONE}
