"""Output is cut into log events as Docker's awslogs driver cuts it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.runtimes.lines import MAX_EVENT_BYTES, LineCutter


def cut(*chunks: bytes, max_bytes: int = MAX_EVENT_BYTES) -> list[str]:
    """The events of a whole stream that came in these chunks."""
    cutter = LineCutter(max_bytes)
    return [event for chunk in chunks for event in cutter.feed(chunk)] + cutter.finish()


def test_lines_across_chunks() -> None:
    """A line that comes in pieces is one event, and an empty line is one too."""
    assert cut(b"he", b"llo\n\nwor", b"ld\n") == ["hello", "", "world"]


def test_last_line_without_newline_is_kept() -> None:
    """What a program prints last is not lost for want of a newline."""
    assert cut(b"a\nb") == ["a", "b"]


def test_long_lines_are_whole_up_to_an_event() -> None:
    """Lines longer than 64 KiB, asyncio's limit, arrive whole; longer than an event, in pieces."""
    assert [len(event) for event in cut(b"x" * 100_000 + b"\n")] == [100_000]
    assert [len(event) for event in cut(b"x" * (MAX_EVENT_BYTES + 1) + b"\n")] == [MAX_EVENT_BYTES, 1]
    assert [len(event) for event in cut(b"x" * MAX_EVENT_BYTES + b"\n")] == [MAX_EVENT_BYTES]


def test_no_character_is_cut_in_two() -> None:
    """A line is never split inside a UTF-8 character."""
    assert cut("aé".encode() + b"\n", max_bytes=2) == ["a", "é"]


def test_bytes_that_are_not_utf8_are_shown() -> None:
    """Binary output is replaced, not raised about."""
    assert cut(b"\xff\xfeok\n") == ["\ufffd\ufffdok"]


@given(text=st.text(max_size=200), size=st.integers(4, 50), at=st.lists(st.integers(0, 800), max_size=5))
def test_nothing_is_lost_however_it_is_chunked(text: str, size: int, at: list[int]) -> None:
    """However the bytes arrive, the events together hold every character and none exceeds the limit."""
    data = text.encode()
    bounds = [0, *sorted(min(position, len(data)) for position in at), len(data)]
    events = cut(*(data[a:b] for a, b in pairwise(bounds)), max_bytes=size)
    assert "".join(events) == text.replace("\n", "")
    assert all(len(event.encode()) <= size for event in events)
