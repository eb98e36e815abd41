"""Machine types: read as people write them, compared as patterns, told to ECS in its own language."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model import machine_type
from awsecs_async.model.instances import CATALOGUE
from tests.unit.model.constraints import holds

small_patterns = st.text("ab*?", max_size=5)
WORDS = ["".join(letters) for length in range(8) for letters in itertools.product("ab", repeat=length)]
TYPES = sorted(CATALOGUE)
real_patterns = st.sampled_from(TYPES) | st.sampled_from(
    ["c6i.*", "m5.*", "*.8xlarge", "r*.8xlarge", "c6i.?xlarge", "g*", "c?i.large", "p6-b200.*"]
)


@pytest.mark.parametrize(
    ("written", "patterns"),
    [
        ("c6i.2xlarge", ("c6i.2xlarge",)),
        ("c6i", ("c6i.*",)),
        (" C6i.Large , m5.*,", ("c6i.large", "m5.*")),
        (["r*.8xlarge", "c6i.?xlarge"], ("r*.8xlarge", "c6i.?xlarge")),
        ("u7i-12tb", ("u7i-12tb.*",)),
        ("m5*", ("m5*",)),
        ("c6i, c6i.*", ("c6i.*",)),
    ],
)
def test_machine_types_as_people_write_them(written: str | list[str], patterns: tuple[str, ...]) -> None:
    """Exact names, families, patterns and lists; case and blanks do not matter, nor does saying it twice."""
    assert machine_type.parse(written) == patterns


@pytest.mark.parametrize(
    "written", ["", " , ", "n1-standard-4", "c6i 2xlarge", "c6i.", "[cm]5.large", "large", 7]
)
def test_what_no_instance_type_is_called_is_refused(written: str) -> None:
    """Before anything is asked of AWS, and with an example of what would do."""
    with pytest.raises(InvalidTask, match=r"machine_type: .*c6i"):
        machine_type.parse(written)


@given(small_patterns, small_patterns)
def test_two_patterns_meet_if_some_word_matches_both(one: str, other: str) -> None:
    """May-meet agrees with trying every word that is no longer than both patterns' letters."""
    common = any(machine_type.matches(one, word) and machine_type.matches(other, word) for word in WORDS)
    if common:
        assert machine_type.may_meet(one, other)
    elif len(one.replace("*", "")) + len(other.replace("*", "")) <= 7:
        assert not machine_type.may_meet(one, other)


@given(small_patterns, small_patterns)
def test_a_pattern_within_another_matches_nothing_else(one: str, other: str) -> None:
    """What within() promises holds for every word; it may be silent where it cannot tell."""
    if machine_type.within(one, other):
        matched = [word for word in WORDS if machine_type.matches(one, word)]
        assert all(machine_type.matches(other, word) for word in matched)


@given(st.lists(real_patterns, min_size=1, max_size=4), st.lists(real_patterns, min_size=1, max_size=4))
def test_narrowing_loses_no_type_that_both_mean(wanted: list[str], allowed: list[str]) -> None:
    """A type meant by both sides is meant by what is left, which means nothing that the first did not."""
    left = machine_type.narrowed(tuple(wanted), tuple(allowed))
    for name in TYPES:
        mine = any(machine_type.matches(p, name) for p in wanted)
        theirs = any(machine_type.matches(p, name) for p in allowed)
        is_left = any(machine_type.matches(p, name) for p in left)
        assert is_left or not (mine and theirs)
        assert mine or not is_left


@given(st.lists(real_patterns, min_size=1, max_size=5), st.lists(real_patterns, max_size=5))
def test_the_constraint_holds_on_the_types_that_are_meant_and_no_other(
    one: list[str], two: list[str]
) -> None:
    """The expression, read as ECS reads it, agrees with the patterns."""
    text = machine_type.constraint(tuple(one), tuple(two))
    for name in TYPES[::7]:
        meant = all(any(machine_type.matches(p, name) for p in side) for side in (one, two) if side)
        assert holds(text, name) == meant


def test_the_constraint_as_ecs_is_told() -> None:
    """One name is compared, several are listed, patterns are regular expressions with their dots escaped."""
    subject = "attribute:ecs.instance-type"
    assert machine_type.constraint(("c6i.large",)) == f"{subject} == c6i.large"
    assert machine_type.constraint(("c6i.large", "m5.large")) == f"{subject} in [c6i.large, m5.large]"
    assert machine_type.constraint(("c6i.?xlarge",)) == rf"{subject} =~ c6i\..xlarge"
    assert (
        machine_type.constraint(("m5.*", "c6i.large"), ("*.large",))
        == rf"({subject} == c6i.large or {subject} =~ m5\..*) and {subject} =~ .*\.large"
    )
    assert machine_type.constraint((), ()) == ""


def test_a_constraint_that_ecs_would_not_take_is_refused() -> None:
    """Before the call, with the length there may be and the way out."""
    with pytest.raises(InvalidTask, match=r"ECS takes 2,000.*families or patterns"):
        machine_type.constraint(tuple(TYPES[:200]))
