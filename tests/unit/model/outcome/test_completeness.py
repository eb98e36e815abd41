"""The words for endings, the table and the page about them say the same."""

from __future__ import annotations

import re
from pathlib import Path

from awsecs_async.model.lifecycle import ENDINGS
from awsecs_async.model.outcome import (
    RULES,
    Cause,
    Outcome,
    Round,
    cancelled,
    forgotten,
    queue_timed_out,
    refused,
)

PAGE = Path(__file__).resolve().parents[4] / "docs" / "endings.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| ([A-Z_, ]+) \|.*\| ([^|]*) \|$", re.MULTILINE)

MADE: list[Outcome] = [cancelled(), forgotten("gone"), queue_timed_out(1, "a place"), refused("no")]


def test_every_cause_can_happen() -> None:
    """No word stands in the list that neither a rule nor a named constructor uses."""
    assert {rule.cause for rule in RULES} | {made.cause for made in MADE} == set(Cause)


def test_every_account_has_a_rule() -> None:
    """No account for going round is without an ending that draws on it."""
    assert {rule.round for rule in RULES} - {None} == set(Round)


def test_every_rule_leads_to_an_ending_and_says_what_to_do() -> None:
    """What is not the command's own exit or the user's own cancel comes with a hint."""
    plain = {Cause.EXIT, Cause.CANCELLED}
    assert [rule for rule in RULES if rule.state not in ENDINGS] == []
    assert [rule for rule in RULES if not rule.hint and rule.cause not in plain] == []


def test_the_last_rule_takes_everything() -> None:
    """There is always a verdict, because the last rule asks for nothing."""
    assert RULES[-1].cause is Cause.UNKNOWN


def test_the_page_has_each_cause_once_with_its_states() -> None:
    """Users can look up every cause that a result may show, with the states that go with it."""
    rows = ROW.findall(PAGE.read_text())
    assert sorted(name for name, _, _ in rows) == sorted(cause.value for cause in Cause)
    known = {(rule.cause, rule.state) for rule in RULES} | {(made.cause, made.state) for made in MADE}
    for name, states, _ in rows:
        assert set(states.split(", ")) == {state.value for cause, state in known if cause.value == name}, name


def test_the_page_says_what_goes_round() -> None:
    """The last column says "no" or "never" exactly where no rule of that cause goes round."""
    accounts = {rule.cause for rule in RULES if rule.round is not None} | {Cause.FORGOTTEN}  # by a setting
    rounds = {Cause(name) for name, _, told in ROW.findall(PAGE.read_text()) if told not in {"no", "never"}}
    assert rounds == accounts
