"""The journal file itself: opened, read and written by whoever holds it, from one thread.

Durable means: SQLite has had the write-ahead log forced to the disk (``synchronous=FULL``) before
``put`` returns. It survives the process at any moment, and a power cut as far as the disk keeps what it
acknowledged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Final

from awsecs_async.engine.journal import rows
from awsecs_async.engine.journal.changes import Changes
from awsecs_async.engine.journal.hold import PRIVATE_FILE, make_private_file
from awsecs_async.engine.journal.port import Admitted, LiveTask, Remembered
from awsecs_async.engine.journal.rows import Row
from awsecs_async.engine.journal.schema import OLDEST_SQLITE, bring_up_to_date
from awsecs_async.errors import JournalError
from awsecs_async.model.launch import Launch
from awsecs_async.model.outcome import Wish
from awsecs_async.model.result import Attempt, Result, kept
from awsecs_async.model.task import TaskId, TaskSpec

BUSY_SECONDS: Final = 15.0  # how long somebody else may write, say from the sqlite3 shell
LOG_LIMIT_BYTES: Final = 64 * 1024**2  # to which a checkpoint cuts the write-ahead log back
DIGESTS_KEPT: Final = 1024
ROWS_AT_ONCE: Final = (128, 16, 1)  # few sizes, so that each statement is prepared once


class Book:
    """A journal file, open.

    Raises:
        JournalTooNew: if a newer version wrote it.

        JournalError: if it is not a journal.

        OSError, sqlite3.Error: if it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            needed = ".".join(map(str, OLDEST_SQLITE))
            raise JournalError(
                f"this Python has SQLite {sqlite3.sqlite_version}, and the journal needs {needed}: "
                f"use a Python with a newer one, or the journal in memory"
            )
        self.path = path
        self._digests: dict[TaskSpec, bytes] = {}  # of specs that the file surely has
        make_private_file(path)
        self.connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self) -> None:
        bring_up_to_date(self.connection, self.path)
        for suffix in ("", "-wal", "-shm"):  # SQLite gives the other two the mode of the first
            beside = self.path.with_name(self.path.name + suffix)
            if beside.exists():
                beside.chmod(PRIVATE_FILE)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
        self.connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT_BYTES}")

    # --- writing -----------------------------------------------------------------------------------

    def put(self, changes: Changes) -> None:
        """All of it or nothing, on disk when this returns."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self._put(changes)
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _put(self, changes: Changes) -> None:
        self._each(
            "DELETE FROM tasks WHERE id IN (VALUES {rows})", [(task_id,) for task_id in changes.withdrawn]
        )
        self._put_admitted(changes.admitted.values())
        self._each(
            "INSERT INTO launches (id, target, lane, request, members, attempts, made_at) VALUES {rows}",
            [rows.launch_row(launch) for launch in changes.launches.values()],
        )
        self._each(
            "WITH new (id, launch, arn) AS (VALUES {rows}) UPDATE tasks SET launch = new.launch, "
            "arn = new.arn FROM new WHERE tasks.id = new.id",
            [(task_id, launch, arn) for task_id, (launch, arn) in changes.places.items()],
        )
        settled = [(launch_id,) for launch_id in changes.settled]
        self._each("UPDATE launches SET settled = 1 WHERE id IN (VALUES {rows})", settled)
        self._each("UPDATE tasks SET launch = NULL WHERE arn IS NULL AND launch IN (VALUES {rows})", settled)
        self._each(
            "WITH new (id, wish, reason) AS (VALUES {rows}) UPDATE tasks SET wish = new.wish, "
            "wish_reason = new.reason FROM new WHERE tasks.id = new.id",
            [(task_id, wish, rows.plain(reason)) for task_id, (wish, reason) in changes.wishes.items()],
        )
        for task_id, attempts in changes.rounds.items():
            self._add_attempts(task_id, attempts)
        self._each(
            "WITH new (id, state, result, attempts, ended_at) AS (VALUES {rows}) UPDATE tasks "
            "SET launch = NULL, arn = NULL, state = new.state, result = new.result, "
            "attempts = new.attempts, ended_at = new.ended_at FROM new WHERE tasks.id = new.id",
            [
                (result.id, result.state.value, *rows.result_row(result))
                for result in changes.results.values()
            ],
        )
        self._each("INSERT OR REPLACE INTO notes (name, value) VALUES {rows}", list(changes.notes.items()))

    def _put_admitted(self, admitted: Iterable[Admitted]) -> None:
        new_specs: dict[bytes, str] = {}
        new_tasks = []
        for task in admitted:
            digest = self._digest_of(task.spec, new_specs)
            new_tasks.append((*rows.admitted_row(task), digest))
        self._each(
            "INSERT INTO specs (hash, json) VALUES {rows} ON CONFLICT (hash) DO NOTHING",
            list(new_specs.items()),
        )
        self._each(
            "WITH new (id, key, array_index, array_size, submitted_at, hash) AS (VALUES {rows}) "
            "INSERT INTO tasks (id, key, array_index, array_size, submitted_at, spec) "
            "SELECT id, key, array_index, array_size, submitted_at, "
            "(SELECT number FROM specs WHERE specs.hash = new.hash) FROM new",
            new_tasks,
        )

    def _digest_of(self, spec: TaskSpec, new_specs: dict[bytes, str]) -> bytes:
        if (digest := self._digests.get(spec)) is None:
            digest, text = rows.spec_row(spec)
            new_specs[digest] = text
            if len(self._digests) >= DIGESTS_KEPT:
                self._digests.clear()
            self._digests[spec] = digest
        return digest

    def _each(self, statement: str, values: list[Row]) -> None:
        """Run it over all rows, many at a time: one step of SQLite's is one wait for the interpreter."""
        for some in _in_sizes(values):
            row = "(" + ",".join("?" * len(some[0])) + ")"
            text = statement.replace("{rows}", ",".join([row] * len(some)))
            self.connection.execute(text, [item for values in some for item in values])

    def _add_attempts(self, task_id: TaskId, attempts: Iterable[Attempt]) -> None:
        found = self.connection.execute("SELECT attempts FROM tasks WHERE id = ?", (task_id,)).fetchone()
        if found is not None:
            text = rows.attempts_text(reduce(kept, attempts, rows.attempts_of(found[0])))
            self.connection.execute("UPDATE tasks SET attempts = ? WHERE id = ?", (text, task_id))

    # --- reading -----------------------------------------------------------------------------------

    def load(self) -> Remembered:
        """Everything that has not ended."""
        launches, unsettled = self._load_launches()
        specs = {
            number: rows.spec_of(text)
            for number, text in self.connection.execute(
                "SELECT number, json FROM specs WHERE number IN "
                "(SELECT spec FROM tasks WHERE ended_at IS NULL)"
            )
        }
        found = self.connection.execute(
            "SELECT id, key, array_index, array_size, submitted_at, "
            "spec, attempts, launch, arn, wish, wish_reason "
            "FROM tasks WHERE ended_at IS NULL ORDER BY number"
        )
        tasks = [_live(row, specs, launches) for row in found]
        notes = dict(self.connection.execute("SELECT name, value FROM notes"))
        return Remembered(tasks=tasks, launches=unsettled, notes=notes)

    def _load_launches(self) -> tuple[dict[str, Launch], list[Launch]]:
        """All that live tasks are in, by id; and those that are not settled, oldest first."""
        launches, unsettled = {}, []
        for settled, *row in self.connection.execute(
            "SELECT settled, id, target, lane, request, members, attempts, made_at "
            "FROM launches WHERE number IN ("
            "SELECT number FROM launches WHERE settled = 0 UNION SELECT launches.number FROM tasks "
            "JOIN launches ON launches.id = tasks.launch WHERE tasks.ended_at IS NULL) ORDER BY number"
        ):
            launch = launches[row[0]] = rows.launch_of(tuple(row))
            if not settled:
                unsettled.append(launch)
        return launches, unsettled

    def find(self, key: str) -> tuple[Admitted, Result | None] | None:
        """The task of that key."""
        found = self.connection.execute("SELECT id FROM tasks WHERE key = ?", (rows.plain(key),)).fetchone()
        return self.get(TaskId(found[0])) if found else None

    def get(self, task_id: TaskId) -> tuple[Admitted, Result | None] | None:
        """The task of that id."""
        found = self.connection.execute(
            "SELECT id, key, array_index, array_size, submitted_at, result, attempts, ended_at, json "
            "FROM tasks JOIN specs ON specs.number = tasks.spec WHERE id = ?",
            (rows.plain(task_id),),
        ).fetchone()
        if found is None:
            return None
        *told, result, attempts, ended_at, text = found
        admitted = rows.admitted_of(tuple(told), rows.spec_of(text))
        return admitted, rows.result_of(admitted, (result, attempts, ended_at))

    # --- forgetting and closing --------------------------------------------------------------------

    def prune(self, before: float, at_most: int) -> int:
        """Delete some of the tasks that ended before this moment, and what only they needed."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            over = execute(
                "SELECT number, spec FROM tasks WHERE ended_at < ? ORDER BY ended_at LIMIT ?",
                (before, at_most),
            ).fetchall()
            self._each("DELETE FROM tasks WHERE number IN (VALUES {rows})", [(n,) for n, _ in over])
            self._each(
                "DELETE FROM specs WHERE number IN (VALUES {rows}) "
                "AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.spec = specs.number)",
                [(spec,) for spec in {spec for _, spec in over}],
            )
            execute(
                "DELETE FROM launches WHERE number IN (SELECT number FROM launches WHERE settled = 1 "
                "AND made_at < ? AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.launch = launches.id) "
                "ORDER BY number LIMIT ?)",
                (before, at_most),
            )
            execute("COMMIT")
        finally:
            self._digests.clear()
            if self.connection.in_transaction:
                execute("ROLLBACK")
        return len(over)

    def close(self) -> None:
        """Put the write-ahead log away and let go of the file."""
        self.connection.close()

    def __repr__(self) -> str:
        return f"<Book {self.path}>"


def _live(row: Row, specs: dict[int, TaskSpec], launches: dict[str, Launch]) -> LiveTask:
    *told, spec, attempts, launch, arn, wish, wish_reason = row
    return LiveTask(
        admitted=rows.admitted_of(tuple(told), specs[spec]),
        attempts=rows.attempts_of(attempts),
        launch=launches[launch] if launch else None,
        arn=arn,
        wish=Wish(wish) if wish else None,
        wish_reason=wish_reason or "",
    )


def _in_sizes(values: list[Row]) -> Iterator[list[Row]]:
    left = iter(values)
    count = len(values)
    for size in ROWS_AT_ONCE:
        while count >= size:
            yield list(islice(left, size))
            count -= size
