"""A disk that is slow, full or broken: nobody is told what is not so, and nobody waits for ever.

On virtual time, so these tests also hold that the clock stands still while the journal's thread works.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from awsecs_async.engine.journal.book import Book
from awsecs_async.engine.journal.changes import Changes
from awsecs_async.engine.journal.port import Admitted
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.errors import JournalError, JournalLocked
from awsecs_async.model.task import TaskId, TaskSpec

pytestmark = pytest.mark.virtual_time


class SlowDisk:
    """Opens books whose `put` waits until `go` is set, and says when it began to; real time need not pass."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.groups: list[int] = []
        self.loop = asyncio.get_running_loop()
        self.busy = asyncio.Event()

    def __call__(self, path: Path) -> Book:
        """Open the book at this path."""
        disk = self

        class SlowBook(Book):
            def put(self, changes: Changes) -> None:
                """Wait first."""
                disk.groups.append(len(changes.admitted))
                disk.loop.call_soon_threadsafe(disk.busy.set)
                assert disk.go.wait(10)
                super().put(changes)

        return SlowBook(path)


class FullDisk(Book):
    """A disk with room for the tables and little else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        (pages,) = self.connection.execute("PRAGMA page_count").fetchone()
        self.connection.execute(f"PRAGMA max_page_count = {pages + 10}")


class ForeignDefect(Book):
    """A defect of ours, not of the disk."""

    def put(self, changes: Changes) -> None:
        """Fail as no disk does."""
        raise ZeroDivisionError("one over nothing")


def admitted(name: str, *, length: int = 1) -> Admitted:
    """An admission, with a spec of that many characters."""
    spec = TaskSpec(command=["x" * length, name])
    return Admitted(id=TaskId(name), spec=spec, submitted_at=1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where nothing is yet, not even the directory."""
    return tmp_path / "state" / "deep" / "journal.db"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteJournal]:
    """A journal, open."""
    found = SqliteJournal(path)
    await found.open()
    yield found
    await found.close()


# --- a slow disk ---------------------------------------------------------------------------------------


async def test_what_comes_while_the_disk_is_busy_is_one_group(path: Path) -> None:
    """Group commit: a hundred submitters wait for one transaction; and time stands still."""
    disk = SlowDisk()
    journal = SqliteJournal(path, open_book=disk)
    await journal.open()
    journal.write((admitted("first"),))
    await disk.busy.wait()
    heard: list[int] = []
    for number in range(100):
        journal.write((admitted(str(number)),), lambda number=number: heard.append(number))  # type: ignore[misc]
    waiting = [asyncio.ensure_future(journal.written()) for _ in range(3)]
    await asyncio.sleep(0)
    assert (heard, [each.done() for each in waiting]) == ([], [False] * 3)
    assert repr(journal) == f"<SqliteJournal {path}, open, 104 orders outstanding>"
    disk.go.set()
    await asyncio.gather(*waiting)
    assert (heard, disk.groups) == (list(range(100)), [1, 100])
    assert asyncio.get_running_loop().time() == 0
    await journal.close()


async def test_closing_waits_for_the_disk(path: Path) -> None:
    """What was given before `close` is on disk after it, even if the first to wait was cancelled."""
    disk = SlowDisk()
    journal = SqliteJournal(path, open_book=disk)
    await journal.open()
    journal.write((admitted("a"),))
    await disk.busy.wait()
    journal.write((admitted("b"),))
    closing = asyncio.ensure_future(journal.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    disk.go.set()
    await journal.close()
    again = SqliteJournal(path)
    assert [task.admitted.id for task in (await again.open()).tasks] == ["a", "b"]
    await again.close()


# --- a broken disk -------------------------------------------------------------------------------------


async def test_a_full_disk_is_told_to_all_who_wait(path: Path) -> None:
    """Nothing is promised that is not on disk: all who wait, watch or write later hear so, and the cure."""
    journal = SqliteJournal(path, open_book=FullDisk)
    await journal.open()
    watching = asyncio.ensure_future(journal.watch())
    journal.write((admitted("small"),))
    await journal.written()
    heard: list[str] = []
    journal.write((admitted("large", length=200_000),), lambda: heard.append("large"))
    told = await asyncio.gather(journal.written(), journal.find("k"), watching, return_exceptions=True)
    for error in told:
        assert isinstance(error, JournalError)
        assert "database or disk is full; see to the disk" in str(error)
    with pytest.raises(JournalError, match="is full"):
        journal.write((admitted("later"),))
    with pytest.raises(JournalError, match="is full"):
        await journal.watch()
    assert "failed" in repr(journal)
    with pytest.raises(JournalLocked):  # what this process launched may still be running
        await SqliteJournal(path).open()
    with pytest.raises(JournalError, match="is full"):
        await journal.close()
    await journal.close()
    assert heard == []
    again = SqliteJournal(path)
    assert [task.admitted.id for task in (await again.open()).tasks] == ["small"]
    await again.close()


async def test_a_defect_is_told_like_a_broken_disk(path: Path) -> None:
    """Whatever ends the thread, nobody waits for ever, and the cause is kept."""
    journal = SqliteJournal(path, open_book=ForeignDefect)
    await journal.open()
    journal.write((admitted("a"),))
    with pytest.raises(JournalError, match="one over nothing; this is a defect") as caught:
        await journal.written()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with pytest.raises(JournalError):
        await journal.close()


async def test_one_who_raises_does_not_keep_others_from_hearing(journal: SqliteJournal) -> None:
    """A defect in one listener is the loop's to report, as in any callback."""
    loop, reported, heard = asyncio.get_running_loop(), list[str](), list[str]()
    loop.set_exception_handler(lambda _, context: reported.append(str(context["exception"])))

    def fails() -> None:
        raise ValueError("not me")

    journal.write((admitted("a"),), fails)
    journal.write((), lambda: heard.append("b"))
    await journal.written()
    assert (reported, heard) == (["not me"], ["b"])
