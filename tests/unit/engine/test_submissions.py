"""The queue: priority, fair turns, copies together, a bound in order, nothing left of what was cancelled."""

from __future__ import annotations

import asyncio
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.engine.lanes import Line
from awsecs_async.engine.record import Record
from awsecs_async.engine.submissions import Submissions
from awsecs_async.errors import DispatcherClosed
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Wish
from awsecs_async.model.task import TaskId, TaskSpec
from tests.unit.engine.parts import PLACE, Stage


def record(name: str, *, group: str = "g", priority: int = 0, spec: TaskSpec | None = None) -> Record:
    """A queued task."""
    spec = spec or TaskSpec(command=[name], group=group, priority=priority)
    return Record(
        id=TaskId(name), spec=spec, route=(PLACE,), submitted_at=0.0, state=State.QUEUED,
        told=State.QUEUED,
    )  # fmt: skip


def line_of(*records: Record) -> Line:
    """A line with these in it."""
    line = Line(())
    for each in records:
        line.put(each, front=False)
    return line


def taken(line: Line, most: int = 1) -> list[list[str]]:
    """All that it holds, in the order in which it gives it."""
    return [[r.id for r in line.take(most)] for _ in range(len(line)) if len(line)]


def take_one(submissions: Submissions) -> list[Record]:
    """What the first lane takes."""
    return submissions.take(submissions.lanes[0], 1)


groups = st.lists(st.sampled_from("abc"), max_size=30)


@given(groups)
def test_groups_take_turns(order: list[str]) -> None:
    """However lopsided they were submitted: while two groups wait, none goes twice in a row."""
    records = [record(f"{group}{n}", group=group) for n, group in enumerate(order)]
    given_out = [ids[0] for ids in taken(line_of(*records))]
    assert sorted(given_out) == sorted(r.id for r in records)
    left = {group: order.count(group) for group in order}
    for name, following in pairwise(given_out):
        left[name[0]] -= 1
        assert name[0] != following[0] or not any(n for g, n in left.items() if g != name[0])


@given(groups)
def test_within_a_group_it_is_first_come_first_served(order: list[str]) -> None:
    """Turns between groups never reorder one group."""
    given_out = [ids[0] for ids in taken(line_of(*(record(f"{g}{n}", group=g) for n, g in enumerate(order))))]
    for group in set(order):
        numbers = [int(name[1:]) for name in given_out if name[0] == group]
        assert numbers == sorted(numbers)


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("ab")), max_size=20))
def test_priority_goes_first(members: list[tuple[int, str]]) -> None:
    """Whatever group it is of, no task overtakes one of a higher priority."""
    records = [record(f"{p}:{n}", priority=p, group=g) for n, (p, g) in enumerate(members)]
    priorities = [int(ids[0].split(":")[0]) for ids in taken(line_of(*records))]
    assert priorities == sorted(priorities, reverse=True)


@given(st.lists(st.sampled_from([None, 1, 2]), max_size=40), st.integers(1, 10))
def test_only_copies_of_one_spec_go_together(marks: list[int | None], most: int) -> None:
    """Copies that stand together leave together, up to the most; arrays and distinct tasks go alone."""
    shared = {mark: TaskSpec(command=[str(mark)], group="g") for mark in (1, 2)}
    records = [record(str(n), spec=shared.get(mark or 0)) for n, mark in enumerate(marks)]
    expected = []
    for spec, run_of in groupby(records, key=lambda r: id(r.spec)):
        ids = [r.id for r in run_of]
        size = most if spec in map(id, shared.values()) else 1
        expected += [ids[i : i + size] for i in range(0, len(ids), size)]
    assert taken(line_of(*records), most) == expected


@given(st.sets(st.integers(0, 19)), groups.filter(lambda g: len(g) == 20) | st.just(list("ab" * 10)))
def test_what_is_removed_is_gone(gone: set[int], order: list[str]) -> None:
    """Cancelled tasks are never given out, and all others are."""
    records = [record(f"{g}{n}", group=g) for n, g in enumerate(order)]
    line = line_of(*records)
    for number in gone:
        assert line.remove(records[number])
        assert not line.remove(records[number])
    left = {ids[0] for ids in taken(line)}
    assert left == {r.id for n, r in enumerate(records) if n not in gone}
    assert len(line) == 0


def test_what_comes_back_stands_in_front() -> None:
    """A task that found no capacity is not overtaken by those behind it."""
    line = line_of(record("a"), record("b"))
    (first,) = line.take(1)
    line.put(first, front=True)
    assert taken(line) == [["a"], ["b"]]


async def test_a_cancelled_task_leaves_its_lane_at_once() -> None:
    """Cancelling what is queued costs no turn: it is out of the lane when ``wish`` returns."""
    stage = Stage()
    submissions = Submissions(stage.ledger, limit=10)
    records = [stage.admit() for _ in range(3)]
    stage.ledger.wish(records[1].id, Wish.CANCEL)
    (lane,) = submissions.lanes
    assert len(submissions) == 2
    assert not submissions.holds(records[1])
    left = [r.id for _ in range(2) for r in submissions.take(lane, 1)]
    assert left == [records[0].id, records[2].id]


async def test_the_bound_holds_and_turns_are_in_order() -> None:
    """Submitters beyond the bound wait, and get room in the order in which they came."""
    stage = Stage()
    submissions = Submissions(stage.ledger, limit=2)
    order: list[int] = []

    async def submit(number: int) -> None:
        async with submissions.room():
            order.append(number)
            stage.admit()
        assert len(submissions) <= 2

    tasks = [asyncio.create_task(submit(n)) for n in range(6)]
    await asyncio.sleep(1)
    assert (order, submissions.is_full) == ([0, 1], True)
    while len(order) < 6:
        stage.launch(*take_one(submissions))
        await asyncio.sleep(1)
    await asyncio.gather(*tasks)
    assert order == list(range(6))


async def hold(submissions: Submissions) -> None:
    """Wait for room, and leave it unused."""
    async with submissions.room():
        pass


async def test_a_submitter_cancelled_at_its_turn_passes_it_on() -> None:
    """Room that was given to one who is gone is not lost."""
    stage = Stage()
    submissions = Submissions(stage.ledger, limit=1)
    stage.admit()
    first, second = (asyncio.create_task(hold(submissions)) for _ in range(2))
    await asyncio.sleep(0)
    stage.launch(*take_one(submissions))
    first.cancel()
    await second


async def test_room_that_was_not_used_is_the_next_ones() -> None:
    """A submitter that finds its key known admits nothing: whoever stands behind it has its turn."""
    stage = Stage()
    submissions = Submissions(stage.ledger, limit=1)
    stage.admit()
    waiting = [asyncio.create_task(hold(submissions)) for _ in range(3)]
    await asyncio.sleep(0)
    stage.launch(*take_one(submissions))
    await asyncio.gather(*waiting)


async def test_nobody_waits_for_room_in_a_closed_queue() -> None:
    """Closing tells those who wait, and those who come later while it is full."""
    stage = Stage()
    submissions = Submissions(stage.ledger, limit=1)
    stage.admit()
    waiting = asyncio.create_task(hold(submissions))
    await asyncio.sleep(0)
    submissions.close()
    for each in (waiting, hold(submissions)):
        with pytest.raises(DispatcherClosed, match="room in its queue"):
            await each
