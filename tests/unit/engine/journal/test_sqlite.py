"""The journal in a file: who may hold it, what it refuses, and how it grows older.

On virtual time, so these tests also hold that the clock stands still while the journal's thread works.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
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


def admitted(name: str) -> Admitted:
    """An admission."""
    return Admitted(id=TaskId(name), spec=TaskSpec(command=[name]), submitted_at=1.0)


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
