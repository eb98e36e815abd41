"""The states and their one table: nothing leaves an ending, and nothing goes backwards but a new round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.lifecycle import (
    ENDINGS,
    FROM_ECS,
    ON_ECS,
    TRANSITIONS,
    IllegalTransition,
    State,
    advance,
    heard,
)

states = st.sampled_from(State)
ORDER = [State.QUEUED, State.LAUNCHING, State.PROVISIONING, State.STARTING, State.RUNNING, State.STOPPING]


def test_every_state_has_its_line_in_the_table() -> None:
    """A state that was added without saying what may follow it is seen here."""
    assert TRANSITIONS.keys() == set(State)


@given(states, states)
def test_advance_is_the_table(current: State, to: State) -> None:
    """What the table allows happens; all else raises and names both states."""
    if to in TRANSITIONS[current]:
        assert advance(current, to) is to
    else:
        with pytest.raises(IllegalTransition, match=f"{current.value} is never followed by {to.value}"):
            advance(current, to)


@given(st.sampled_from(sorted(ENDINGS, key=lambda s: s.value)), states)
def test_nothing_leaves_an_ending(ending: State, to: State) -> None:
    """What has been told to users as the end stays the end."""
    assert to not in TRANSITIONS[ending]


def test_every_state_can_still_end() -> None:
    """From every state some way leads to an ending, so no task can be stuck by the table itself."""
    for state in set(State) - ENDINGS:
        assert TRANSITIONS[state] & ENDINGS


@given(st.sampled_from(ORDER), st.sampled_from(ORDER))
def test_the_only_way_back_is_a_new_round(current: State, to: State) -> None:
    """On its way a task skips states, never revisits them, but for QUEUED."""
    if to in TRANSITIONS[current] and ORDER.index(to) <= ORDER.index(current):
        assert to is State.QUEUED


def test_only_what_was_launched_can_succeed() -> None:
    """A task that ECS never had is never reported as SUCCEEDED."""
    assert State.SUCCEEDED not in TRANSITIONS[State.QUEUED] | TRANSITIONS[State.WAITING]


@given(states, st.sampled_from([*FROM_ECS, "STOPPED", "DELETED", "SOMETHING_NEW"]))
def test_hearing_never_leads_backwards_nor_to_an_ending(current: State, said: str) -> None:
    """Whatever ECS says and however late: the state goes forward or stays, and ``heard`` ends nothing."""
    after = heard(current, said)
    assert after is current or (after in TRANSITIONS[current] and after in ON_ECS)


def test_what_is_said_of_a_state() -> None:
    """The two questions asked everywhere agree with the sets."""
    assert {s for s in State if s.is_ending} == ENDINGS
    assert {s for s in State if s.is_on_ecs} == ON_ECS
    assert repr(State.RUNNING) == "RUNNING"
