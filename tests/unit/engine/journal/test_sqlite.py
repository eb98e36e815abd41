"""The journal in a file: who may hold it, what it refuses, and how it fails.

On virtual time, so these tests also hold that the clock stands still while the journal's thread works.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from awsecs_async.engine.journal.book import Book
from awsecs_async.engine.journal.changes import Changes
from awsecs_async.engine.journal.port import Admitted
from awsecs_async.engine.journal.schema import APPLICATION_ID, STEPS, bring_up_to_date
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.errors import JournalError, JournalLocked, JournalTooNew
from awsecs_async.model.task import TaskId, TaskSpec


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


def modes(path: Path) -> dict[str, str]:
    """The modes of the file, of what lies beside it, and of its directories up to the test's own."""
    found = [*path.parent.iterdir(), path.parent, path.parent.parent]
    return {each.name: f"{each.stat().st_mode & 0o777:o}" for each in found}


# --- the hold ------------------------------------------------------------------------------------------


async def test_a_second_journal_is_turned_away(journal: SqliteJournal, path: Path) -> None:
    """Two dispatchers never share one, not even in one process by two names."""
    link = path.parent.parent / "link"
    link.symlink_to(path)
    with pytest.raises(JournalLocked, match=rf"{path} is held by process {os.getpid()}: stop"):
        await SqliteJournal(link).open()
    journal.write((admitted("a"),))
    await journal.written()


async def test_a_second_process_is_turned_away(journal: SqliteJournal, path: Path) -> None:
    """The hold is the system's, and goes with the journal."""
    code = (
        "import asyncio; from awsecs_async.engine.journal.sqlite import SqliteJournal; "
        f"asyncio.run(SqliteJournal({str(path)!r}).open())"
    )
    turned_away = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert f"JournalLocked: {path} is held by process {os.getpid()}" in turned_away.stderr
    await journal.close()
    assert (
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], check=False)
    ).returncode == 0


async def test_a_cancelled_open_lets_go(path: Path) -> None:
    """Whoever gives up on opening does not keep the next one out for longer than the opening takes."""
    journal = SqliteJournal(path)
    opening = asyncio.ensure_future(journal.open())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    await journal.close()
    again = SqliteJournal(path)
    await again.open()
    await again.close()


async def test_a_journal_is_private(journal: SqliteJournal, path: Path) -> None:
    """Commands and environments are nobody else's business, whatever the umask says."""
    journal.write((admitted("a"),))
    await journal.written()
    files = {f"journal.db{suffix}": "600" for suffix in ("", "-wal", "-shm", ".lock")}
    assert modes(path) == files | {"deep": "700", "state": "700"}


async def test_others_may_look_while_it_is_held(journal: SqliteJournal, path: Path) -> None:
    """The sqlite3 shell can be used on a running dispatcher's journal."""
    journal.write((admitted("a"),))
    await journal.written()
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert reader.execute("SELECT id FROM tasks").fetchall() == [("a",)]
    reader.close()


# --- what it refuses -----------------------------------------------------------------------------------


async def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    """A path that was mistyped destroys nobody's data: not a byte and not a mode is changed."""
    path = tmp_path / "theirs.db"
    theirs = sqlite3.connect(path)
    theirs.execute("CREATE TABLE precious (thing)")
    theirs.close()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="some other program"):
        await SqliteJournal(path).open()
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """So is any other file."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look at " * 50)
    with pytest.raises(JournalError, match="file is not a database; it is no journal or was damaged"):
        await SqliteJournal(path).open()


async def test_a_directory_is_refused(tmp_path: Path) -> None:
    """And what cannot be a file at all."""
    with pytest.raises(JournalError, match="cannot be read or written: unable to open"):
        await SqliteJournal(tmp_path).open()


async def test_a_newer_journal_is_refused(path: Path) -> None:
    """An older version never writes what it does not understand."""
    path.parent.mkdir(parents=True)
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    newer.close()
    with pytest.raises(JournalTooNew, match=f"has version {len(STEPS) + 1}"):
        await SqliteJournal(path).open()


async def test_nothing_is_written_to_a_journal_that_is_not_open(path: Path) -> None:
    """A promise that nobody keeps is not taken; and one object is one opening."""
    journal = SqliteJournal(path)
    with pytest.raises(JournalError, match="is not open"):
        journal.write((admitted("a"),))
    await journal.open()
    with pytest.raises(JournalError, match="was opened before"):
        await journal.open()
    await journal.close()
    with pytest.raises(JournalError, match="is closed"):
        await journal.find("a")


async def test_an_old_journal_takes_the_steps_that_it_lacks(tmp_path: Path) -> None:
    """A new version goes on with what an old one wrote, and does nothing to a file that has all steps."""
    path = tmp_path / "journal.db"
    book = Book(path)
    changes = Changes()
    changes.add([admitted("a")])
    book.put(changes)
    steps = (*STEPS, "ALTER TABLE tasks ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine';")
    for _ in range(2):
        bring_up_to_date(book.connection, path, steps)
    assert book.connection.execute("SELECT id, mood FROM tasks").fetchall() == [("a", "fine")]
    assert book.connection.execute("PRAGMA user_version").fetchone() == (2,)
    book.close()


async def test_a_step_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    """A step is taken whole or not at all, its version with it."""
    path = tmp_path / "journal.db"
    book = Book(path)
    with pytest.raises(sqlite3.OperationalError):
        bring_up_to_date(book.connection, path, (*STEPS, "CREATE TABLE half (a); CREATE TABLE half (a);"))
    assert not book.connection.in_transaction
    assert book.connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert book.connection.execute("SELECT * FROM sqlite_master WHERE name = 'half'").fetchall() == []
    book.close()


async def test_a_commit_is_forced_to_the_disk(tmp_path: Path) -> None:
    """Without these two settings an acknowledged task could be lost with the power."""
    path = tmp_path / "journal.db"
    book = Book(path)
    assert book.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert book.connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    book.close()


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


# --- sharing -------------------------------------------------------------------------------------------


async def test_tasks_of_one_spec_share_it(path: Path) -> None:
    """A hundred thousand copies cost one spec, on disk and in memory."""
    for spec in (TaskSpec(command=["a"]), TaskSpec(command=["a"])):
        journal = SqliteJournal(path)
        remembered = await journal.open()
        journal.write(
            [Admitted(id=TaskId(f"{id(spec)}-{n}"), spec=spec, submitted_at=1.0) for n in range(300)]
        )
        await journal.close()
    journal = SqliteJournal(path)
    remembered = await journal.open()
    assert len(remembered.tasks) == 600
    assert len({id(task.admitted.spec) for task in remembered.tasks}) == 1
    await journal.close()
