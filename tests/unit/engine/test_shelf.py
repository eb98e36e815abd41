"""The shelf: batches by need, in order, in fair turns, and nothing left of what has ended."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.engine.record import Record
from awsecs_async.engine.shelf import Need, Shelf, Stage
from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import TaskId, TaskSpec
from tests.unit.engine.parts import PLACE


def record(name: str, *, group: str = "g", priority: int = 0) -> Record:
    """A queued task."""
    return Record(
        id=TaskId(name), spec=TaskSpec(command=[name], group=group, priority=priority), route=(PLACE,),
        submitted_at=0.0, state=State.QUEUED, told=State.QUEUED,
    )  # fmt: skip


def need(what: str) -> Need:
    """Of the only target."""
    return Need(target="default", what=what)


def put(shelf: Shelf, what: str, *records: Record) -> None:
    """They need that, and it is to be found."""
    shelf.put(need(what), Stage.FINDING, PLACE.lane, records)


def served(shelf: Shelf, stage: Stage = Stage.FINDING) -> list[list[TaskId]]:
    """All batches of that stage, each served to its end when it has its turn."""
    found = []
    while (batch := shelf.next("default", stage)) is not None:
        found.append([r.id for r in shelf.clear(batch)])
    return found


def is_bare(shelf: Shelf) -> bool:
    """Whether it keeps nothing, in any of its books."""
    return not (len(shelf) or shelf._batches or shelf._lines)  # noqa: SLF001 (nothing may grow)


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_each_need_is_one_batch_in_order(needs: Sequence[str]) -> None:
    """Whatever the order in which they come, those with one need come back together as they came."""
    shelf = Shelf()
    for n, what in enumerate(needs):
        put(shelf, what, record(f"{what}{n:02}"))
    assert len(shelf) == len(needs)
    batches = served(shelf)
    assert batches == [
        [f"{w}{n:02}" for n, w in enumerate(needs) if w == what] for what in dict.fromkeys(needs)
    ]
    assert is_bare(shelf)


@given(st.lists(st.sampled_from("abc"), max_size=20), st.sets(st.integers(0, 19)), st.integers(0, 3))
def test_what_ends_is_off_the_shelf_at_once(needs: Sequence[str], ended: set[int], turns: int) -> None:
    """Before its turn, during it, or at its second stage; and no batch outlives its tasks."""
    shelf = Shelf()
    records = [record(str(n)) for n in range(len(needs))]
    for each, what in zip(records, needs, strict=True):
        put(shelf, what, each)
    batches = [b for _ in range(turns) if (b := shelf.next("default", Stage.FINDING)) is not None]
    if turns == 2:
        for batch in batches:
            shelf.again(batch, Stage.REGISTERING)
    for number in ended & set(range(len(records))):
        assert shelf.remove(records[number])
        assert not shelf.remove(records[number])
    if turns != 2:
        left = [[r.id for r in shelf.clear(batch)] for batch in batches]
    else:
        left = served(shelf, Stage.REGISTERING)
    left += served(shelf)
    assert sorted(each for batch in left for each in batch) == sorted(
        r.id for n, r in enumerate(records) if n not in ended
    )
    assert is_bare(shelf)


def test_groups_and_priorities_have_their_turns() -> None:
    """A batch has its turn when the first of its tasks would have it in a line."""
    shelf = Shelf()
    for n in range(3):
        put(shelf, f"a{n}", record(f"a{n}", group="a"))
    put(shelf, "b", record("b", group="b"))
    put(shelf, "a2", record("urgent", group="c", priority=1))
    assert served(shelf) == [["a2", "urgent"], ["a0"], ["b"], ["a1"]]


def test_who_comes_while_it_is_served_joins_its_batch() -> None:
    """It needs no turn of its own, and stands behind those who were there."""
    shelf = Shelf()
    put(shelf, "x", record("1"))
    batch = shelf.next("default", Stage.FINDING)
    assert batch is not None
    assert shelf.awaits(need("x"))
    put(shelf, "x", record("2"))
    assert shelf.next("default", Stage.FINDING) is None
    shelf.again(batch, Stage.REGISTERING)
    assert shelf.next("default", Stage.FINDING) is None
    assert served(shelf, Stage.REGISTERING) == [["1", "2"]]
    assert not shelf.awaits(need("x"))
    assert is_bare(shelf)


def test_targets_and_stages_have_turns_of_their_own() -> None:
    """What is blocked at one says nothing of another."""
    shelf = Shelf()
    put(shelf, "x", record("1"))
    assert shelf.next("elsewhere", Stage.FINDING) is None
    assert shelf.next("default", Stage.SPILLING) is None
    assert repr(shelf) == "<Shelf 1 set aside in 1 batches>"
    assert served(shelf) == [["1"]]
