"""CloudWatch Logs: order, pages, tokens and limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.logs.service import Logs
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import WireError

Params = dict[str, Any]
NOW = 1_790_000_000.0
NOW_MS = int(NOW * 1000)


@pytest.fixture
def logs() -> Logs:
    """A group /g with the streams a and b."""
    return made()


def made(settings: CloudSettings | None = None) -> Logs:
    """As the fixture, with settings."""
    logs = Logs(settings or CloudSettings())
    for stream in ("a", "b"):
        logs.open_stream("/g", stream, NOW, create_group=True)
    return logs


def ask(logs: Logs, operation: str, now: float = NOW, **params: object) -> Params:
    """One operation on /g."""
    return logs.operations[operation]({"logGroupName": "/g", **params}, now)


def put(logs: Logs, stream: str, *events: tuple[int, str]) -> Params:
    """PutLogEvents with times relative to now, in milliseconds."""
    batch = [{"timestamp": NOW_MS + offset, "message": message} for offset, message in events]
    return ask(logs, "PutLogEvents", logStreamName=stream, logEvents=batch)


def messages(answer: Params) -> list[str]:
    """The messages of an answer."""
    return [event["message"] for event in answer["events"]]


def test_streams_are_interleaved_by_time(logs: Logs) -> None:
    """A late batch takes its place by timestamp, and equal times keep their arrival."""
    put(logs, "a", (-30, "a1"), (-10, "a2"))
    put(logs, "b", (-20, "b1"), (-10, "b2"))
    assert messages(ask(logs, "FilterLogEvents")) == ["a1", "b1", "a2", "b2"]
    assert messages(ask(logs, "FilterLogEvents", logStreamNames=["b"])) == ["b1", "b2"]
    assert messages(ask(logs, "FilterLogEvents", logStreamNamePrefix="a")) == ["a1", "a2"]


def test_both_ends_of_a_filter_are_inclusive_but_not_those_of_a_get(logs: Logs) -> None:
    """FilterLogEvents includes endTime, GetLogEvents excludes it."""
    put(logs, "a", (-30, "1"), (-20, "2"), (-10, "3"))
    window = {"startTime": NOW_MS - 30, "endTime": NOW_MS - 10}
    assert messages(ask(logs, "FilterLogEvents", **window)) == ["1", "2", "3"]
    assert messages(ask(logs, "GetLogEvents", logStreamName="a", startFromHead=True, **window)) == ["1", "2"]


@given(
    lines=st.lists(st.tuples(st.sampled_from("ab"), st.integers(-1000, 0)), max_size=40),
    limit=st.integers(1, 7),
)
def test_pages_show_every_event_once_and_in_order(lines: list[tuple[str, int]], limit: int) -> None:
    """Whatever the page size, following nextToken gives what one large page gives."""
    logs = made()
    for number, (stream, offset) in enumerate(lines):
        put(logs, stream, (offset, str(number)))
    whole = ask(logs, "FilterLogEvents")["events"]
    paged: list[Params] = []
    token: Params = {}
    while True:
        answer = ask(logs, "FilterLogEvents", limit=limit, **token)
        paged += answer["events"]
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert paged == whole
    assert len({event["eventId"] for event in whole}) == len(lines)
    assert [event["timestamp"] for event in whole] == sorted(event["timestamp"] for event in whole)


def test_a_page_holds_a_megabyte(logs: Logs) -> None:
    """Large events make small pages, and none is lost between them."""
    for number in range(3):
        put(logs, "a", (number - 10, "x" * 500_000))
    first = ask(logs, "FilterLogEvents")
    assert len(first["events"]) == 2
    assert len(ask(logs, "FilterLogEvents", nextToken=first["nextToken"])["events"]) == 1


def test_following_a_stream_ends_where_the_token_stays(logs: Logs) -> None:
    """The forward token changes as long as there is more, and picks up what comes later."""
    put(logs, "a", (-30, "1"), (-20, "2"))
    head = ask(logs, "GetLogEvents", logStreamName="a", startFromHead=True, limit=1)
    assert messages(head) == ["1"]
    rest = ask(logs, "GetLogEvents", logStreamName="a", nextToken=head["nextForwardToken"])
    assert messages(rest) == ["2"]
    end = ask(logs, "GetLogEvents", logStreamName="a", nextToken=rest["nextForwardToken"])
    assert (end["events"], end["nextForwardToken"]) == ([], rest["nextForwardToken"])
    put(logs, "a", (-10, "3"))
    more = ask(logs, "GetLogEvents", logStreamName="a", nextToken=end["nextForwardToken"])
    assert messages(more) == ["3"]
    back = ask(logs, "GetLogEvents", logStreamName="a", nextToken=more["nextBackwardToken"])
    assert messages(back) == ["1", "2"]


def test_without_a_head_the_newest_events_come(logs: Logs) -> None:
    """GetLogEvents begins at the tail unless it is told otherwise."""
    put(logs, "a", (-30, "1"), (-20, "2"), (-10, "3"))
    assert messages(ask(logs, "GetLogEvents", logStreamName="a", limit=2)) == ["2", "3"]


def test_events_are_found_only_after_their_ingestion() -> None:
    """CloudWatch finds a line some time after it was written; until then it is not there."""
    logs = made(CloudSettings(log_delay_seconds=5))
    logs.write("/g", "a", NOW, ["line"])
    assert messages(ask(logs, "FilterLogEvents", now=NOW + 4)) == []
    assert messages(ask(logs, "FilterLogEvents", now=NOW + 5)) == ["line"]


def test_long_lines_are_split_as_awslogs_does(logs: Logs) -> None:
    """A line over 262,118 becomes several events; an empty line is one."""
    logs.write("/g", "a", NOW, ["x" * 262_119, ""])
    assert [len(message) for message in messages(ask(logs, "FilterLogEvents"))] == [262_118, 1, 0]


def test_a_full_group_loses_its_oldest_events() -> None:
    """Memory is bounded whatever the containers print."""
    logs = made(CloudSettings(log_events_per_group=100))
    logs.write("/g", "a", NOW, [str(number) for number in range(1000)])
    kept = messages(ask(logs, "FilterLogEvents"))
    assert len(kept) <= 100
    assert kept[-1] == "999"
    assert messages(ask(logs, "GetLogEvents", logStreamName="a", startFromHead=True)) == kept


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("error", ["an error", "error: disk full"]),
        ("error disk", ["error: disk full"]),
        ('"an error"', ["an error"]),
        ("?warning ?disk", ["a warning", "error: disk full"]),
        ("error -disk", ["an error"]),
    ],
)
def test_patterns_of_words(logs: Logs, pattern: str, found: list[str]) -> None:
    """Terms, phrases, alternatives and exclusions."""
    put(logs, "a", (-30, "an error"), (-20, "a warning"), (-10, "error: disk full"))
    assert messages(ask(logs, "FilterLogEvents", filterPattern=pattern)) == found


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("FilterLogEvents", {"filterPattern": "{ $.a = 1 }"}, "InvalidParameterException"),
        ("FilterLogEvents", {"logStreamNames": ["a"] * 101}, "InvalidParameterException"),
        (
            "FilterLogEvents",
            {"logStreamNames": ["a"], "logStreamNamePrefix": "a"},
            "InvalidParameterException",
        ),
        ("FilterLogEvents", {"logStreamNames": ["none"]}, "ResourceNotFoundException"),
        ("FilterLogEvents", {"nextToken": "f/1/1"}, "InvalidParameterException"),
        ("FilterLogEvents", {"limit": 10_001}, "InvalidParameterException"),
        ("GetLogEvents", {"logStreamName": "none"}, "ResourceNotFoundException"),
        ("CreateLogStream", {"logStreamName": "a"}, "ResourceAlreadyExistsException"),
        ("CreateLogStream", {"logStreamName": "a:b"}, "InvalidParameterException"),
        ("CreateLogGroup", {}, "ResourceAlreadyExistsException"),
        ("PutRetentionPolicy", {"retentionInDays": 2}, "InvalidParameterException"),
        ("DeleteLogGroup", {"logGroupName": "/none"}, "ResourceNotFoundException"),
        ("PutLogEvents", {"logStreamName": "a", "logEvents": []}, "InvalidParameterException"),
    ],
)
def test_what_is_refused(logs: Logs, operation: str, params: Params, code: str) -> None:
    """Limits and unknown names, each with the code that a client looks for."""
    with pytest.raises(WireError) as refusal:
        ask(logs, operation, **params)
    assert refusal.value.code == code


def test_events_too_old_or_too_new_are_rejected_by_index(logs: Logs) -> None:
    """The rest of the batch is kept."""
    answer = put(logs, "a", (-15 * 86_400_000, "old"), (0, "now"), (3 * 3_600_000, "new"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert messages(ask(logs, "FilterLogEvents")) == ["now"]


def test_groups_and_streams_are_listed_and_deleted(logs: Logs) -> None:
    """What is deleted is gone with its events."""
    put(logs, "a", (-10, "a"))
    put(logs, "b", (-5, "b"))
    listed = ask(logs, "DescribeLogStreams", orderBy="LastEventTime", descending=True, limit=1)
    assert [stream["logStreamName"] for stream in listed["logStreams"]] == ["b"]
    ask(logs, "DeleteLogStream", logStreamName="b")
    assert messages(ask(logs, "FilterLogEvents")) == ["a"]
    ask(logs, "PutRetentionPolicy", retentionInDays=7)
    assert ask(logs, "DescribeLogGroups", logGroupNamePrefix="/")["logGroups"][0]["retentionInDays"] == 7
    ask(logs, "DeleteLogGroup")
    assert ask(logs, "DescribeLogGroups")["logGroups"] == []
