"""What is new, what was seen, and how little is remembered."""

from __future__ import annotations

from awsecs_async.aws.ports import LogEvent
from awsecs_async.engine.logs import cursor
from awsecs_async.engine.logs.cursor import Cursor

NOON = 1_767_268_800_000


def event(number: int, timestamp: int) -> LogEvent:
    """An event of that moment."""
    return LogEvent(id=str(number), stream="s", timestamp=timestamp, message="")


def test_an_event_is_new_once() -> None:
    """Reads overlap and pages repeat: the same event is taken once, another of its millisecond too."""
    place = Cursor(NOON, overlap_seconds=30)
    assert [place.takes(event(n, NOON)) for n in (1, 2, 1, 2, 3)] == [True, True, False, False, True]


def test_late_events_are_taken_within_the_overlap() -> None:
    """What is older than the newest, but by no more than the overlap, is still taken; older is not."""
    place = Cursor(NOON - 100_000, overlap_seconds=30)
    place.advance(NOON, NOON)
    assert place.floor_ms == NOON - 30_000
    assert place.takes(event(1, NOON - 30_000))
    assert not place.takes(event(2, NOON - 30_001))


def test_the_floor_never_falls() -> None:
    """Going back would deliver again what was forgotten."""
    place = Cursor(NOON, overlap_seconds=30)
    place.advance(NOON - 500_000, NOON - 400_000)
    assert place.floor_ms == NOON


def test_a_host_whose_clock_is_ahead_makes_no_other_late() -> None:
    """The newest event counts as now at most."""
    place = Cursor(0, overlap_seconds=30)
    place.advance(NOON + 7_200_000, NOON)
    assert place.floor_ms == NOON - 30_000


def test_silence_lets_the_floor_follow_the_clock() -> None:
    """A silent stream must not drag a whole call back for hours; a clock may be wrong by five minutes."""
    place = Cursor(0, overlap_seconds=30)
    place.advance(0, NOON)
    assert place.floor_ms == NOON - 330_000


def test_what_lies_below_the_floor_is_forgotten() -> None:
    """Ids are kept for the overlap only."""
    place = Cursor(NOON, overlap_seconds=30)
    for second in range(1000):
        assert place.takes(event(second, NOON + second * 1000))
        place.advance(NOON + second * 1000, NOON + second * 1000)
    assert "31 ids" in repr(place)


def test_memory_is_bounded_in_a_flood() -> None:
    """More lines in the overlap than can be remembered shorten it, and none is taken twice."""
    place = Cursor(NOON, overlap_seconds=30)
    flood = [event(n, NOON + n // 20) for n in range(2 * cursor.SEEN_LIMIT)]
    assert all(place.takes(e) for e in flood)
    assert int(repr(place).split()[4]) <= cursor.SEEN_LIMIT
    assert not any(place.takes(e) for e in flood)
