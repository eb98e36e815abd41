"""Backoff: it grows, it is bounded, and its jitter only shortens."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.kit.backoff import Backoff


def test_it_grows_to_its_ceiling_and_starts_over() -> None:
    """Without jitter the delays are exactly first, twice that, and so on, until the ceiling."""
    backoff = Backoff(1, 5, jitter=0)
    assert [backoff.next() for _ in range(5)] == [1, 2, 4, 5, 5]
    assert backoff.attempts == 5
    backoff.reset()
    assert (backoff.next(), backoff.attempts) == (1, 1)


def test_it_grows_for_ever_without_overflow() -> None:
    """An outage of a month is no arithmetic problem."""
    backoff = Backoff(1, 60, factor=10, jitter=0)
    assert {backoff.next() for _ in range(5000)} == {1, 10, 60}


@given(jitter=st.floats(0, 1), seed=st.integers())
def test_jitter_only_shortens(jitter: float, seed: int) -> None:
    """A delay lies between its full length and that length less the jitter."""
    backoff = Backoff(2, 30, jitter=jitter, rng=random.Random(seed))
    for full in (2, 4, 8, 16, 30, 30):
        assert full * (1 - jitter) - 1e-12 <= backoff.next() <= full


def test_the_same_seed_gives_the_same_delays() -> None:
    """Simulations repeat."""
    one, other = (Backoff(1, 60, rng=random.Random(7)) for _ in range(2))
    assert [one.next() for _ in range(9)] == [other.next() for _ in range(9)]


@pytest.mark.parametrize(
    ("first", "ceiling", "factor", "jitter"),
    [(0, 1, 2, 0), (2, 1, 2, 0), (1, 2, 0.5, 0), (1, 2, 2, 1.1), (1, 2, 2, -1)],
)
def test_impossible_figures_are_refused(first: float, ceiling: float, factor: float, jitter: float) -> None:
    """A mistaken setting is told when it is made."""
    with pytest.raises(ValueError, match="a backoff needs"):
        Backoff(first, ceiling, factor=factor, jitter=jitter)


def test_its_repr_tells_the_state() -> None:
    """A log line shows where it is."""
    backoff = Backoff(1, 60)
    backoff.next()
    assert repr(backoff) == "<Backoff next 2 s of 60 s, after 1 attempts>"
