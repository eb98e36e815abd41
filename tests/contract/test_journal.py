"""What every journal promises to the ledger, in memory and in SQLite alike."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings

from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import (
    Admitted,
    Ended,
    Entry,
    Journal,
    LaunchMade,
    LaunchSettled,
    Remembered,
    Withdrawn,
)
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId, TaskSpec
from awsecs_async.testing import run
from tests.contract.journal_story import Model, stories, tell

KINDS = ["memory", "sqlite"]
EXITED = Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0, started=True)


@asynccontextmanager
async def opened(kind: str, path: Path) -> AsyncIterator[Journal]:
    """A journal of that kind, open."""
    journal: Journal = MemoryJournal() if kind == "memory" else SqliteJournal(path)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture(params=KINDS)
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    """Each of the journals in turn, new and open."""
    async with opened(request.param, tmp_path / "journal") as found:
        yield found


def admitted(name: str, key: str | None = None) -> Admitted:
    """An admission."""
    return Admitted(id=TaskId(name), spec=TaskSpec(command=[name]), key=key, submitted_at=1.5)


def ended(task: Admitted, at: float) -> Ended:
    """The ending of that task."""
    result = Result(
        id=task.id, title="x", outcome=EXITED, key=task.key, submitted_at=task.submitted_at, ended_at=at
    )
    return Ended(result=result)


async def test_a_task_is_found_by_its_key_and_its_id(journal: Journal) -> None:
    """The same key is the same task, before and after its end."""
    task = admitted("a", key="k")
    journal.write((task,))
    assert await journal.find("k") == await journal.get(task.id) == (task, None)
    end = ended(task, at=9.25)
    journal.write((end,))
    assert await journal.find("k") == await journal.get(task.id) == (task, end.result)


async def test_what_was_never_written_is_not_found(journal: Journal) -> None:
    """Neither a key nor an id is made up; not even one that is not Unicode does harm."""
    journal.write((admitted("a"),))
    assert [await journal.find("k"), await journal.find("\udc80"), await journal.get(TaskId("b"))] == [
        None
    ] * 3


async def test_a_withdrawn_task_is_forgotten(journal: Journal) -> None:
    """Its key may be used again, whether the withdrawal came in the same group or later."""
    journal.write((admitted("a", key="k"), Withdrawn(id=TaskId("a")), admitted("b", key="k")))
    await journal.written()
    journal.write((Withdrawn(id=TaskId("b")),))
    journal.write((admitted("c", key="k"),))
    assert await journal.get(TaskId("a")) is None
    assert await journal.find("k") == (admitted("c", key="k"), None)


async def test_then_is_called_in_order(journal: Journal) -> None:
    """Those who are told hear it in the order of writing, entries or none, and before `written` returns."""
    heard: list[int] = []
    for number in range(100):
        entries: list[Entry] = [admitted(str(number))] if number % 3 else []
        journal.write(entries, lambda number=number: heard.append(number))  # type: ignore[misc]
    await journal.written()
    assert heard == list(range(100))


async def test_who_stops_waiting_stops_nobody_else(journal: Journal) -> None:
    """A cancelled `written` or `find` leaves the journal and the other waiters as they were."""
    journal.write((admitted("a", key="k"),))
    waiting = [asyncio.ensure_future(journal.written()) for _ in range(3)]
    asking = asyncio.ensure_future(journal.find("k"))
    await asyncio.sleep(0)
    waiting[0].cancel()
    asking.cancel()
    await asyncio.gather(*waiting[1:])
    await asyncio.wait([waiting[0], asking])
    assert await journal.find("k") == (admitted("a", key="k"), None)


async def test_only_what_ended_before_is_pruned(journal: Journal) -> None:
    """A pruned task's key is free; live tasks and later endings stay."""
    early, late, live = admitted("a", key="a"), admitted("b", key="b"), admitted("c", key="c")
    launch = Launch(
        id=LaunchId("l"),
        target="t",
        lane=("t", "p"),
        members=(early.id, live.id),
        attempts=(1, 1),
        request="{}",
        made_at=1.0,
    )
    journal.write((early, late, live, LaunchMade(launch=launch)))
    journal.write((LaunchSettled(launch_id=launch.id, arns=()), ended(early, at=5.0), ended(late, at=6.0)))
    assert await journal.prune(6.0) == 1
    assert await journal.prune(6.0) == 0
    assert [await journal.find(key) is None for key in "abc"] == [True, False, False]
    journal.write((admitted("d", key="a"),))
    assert await journal.find("a") == (admitted("d", key="a"), None)


async def test_watching_never_returns(journal: Journal) -> None:
    """The dispatcher may keep it in its task group: while all is well it waits."""
    watching = asyncio.ensure_future(journal.watch())
    journal.write((admitted("a"),))
    await journal.written()
    assert not watching.done()
    watching.cancel()
    await asyncio.wait([watching])


async def test_closing_twice_is_once(journal: Journal) -> None:
    """Whoever cleans up need not know whether somebody did."""
    await journal.close()
    await journal.close()


async def known(journal: Journal, model: Model) -> Model:
    """The model, as the journal tells of the same tasks and keys."""
    for task_id, expected in model.known().items():
        assert await journal.get(task_id) == expected
        if (key := expected[0].key) is not None:
            assert await journal.find(key) == expected
    return model


@pytest.mark.parametrize("kind", KINDS)
@given(groups=stories())
@settings(deadline=None, max_examples=60)
def test_any_story_is_told_again(kind: str, groups: list[list[Entry]]) -> None:
    """Whatever happened, in whatever groups, every task is known as a simple model knows it."""

    async def check() -> None:
        with tempfile.TemporaryDirectory() as directory:
            async with opened(kind, Path(directory, "journal")) as journal:
                for group in groups:
                    journal.write(group)
                await known(journal, tell(groups))

    run(check())


@given(groups=stories())
@settings(deadline=None, max_examples=40)
def test_any_story_is_remembered(groups: list[list[Entry]]) -> None:
    """A file that is opened again after half of the story, and after all of it, holds what a model holds."""

    async def reopen(path: Path, written: list[list[Entry]]) -> Remembered:
        journal = SqliteJournal(path)
        remembered = await journal.open()
        for group in written:
            journal.write(group)
        await journal.close()
        return remembered

    async def check() -> None:
        with tempfile.TemporaryDirectory() as directory:
            path, half = Path(directory, "journal"), len(groups) // 2
            assert await reopen(path, groups[:half]) == Model().remembered()
            assert await reopen(path, groups[half:]) == tell(groups[:half]).remembered()
            assert await reopen(path, []) == tell(groups).remembered()

    run(check())
