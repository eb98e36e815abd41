"""The tables of a journal file, as the steps that lead to them.

A file says in its own header what it is: ``application_id`` that it is a journal of ours, and
``user_version`` how many of the STEPS were taken. A new file takes them all, an old one the rest,
each in a transaction of its own. A step that was released is never edited; a change is a new step.

Copies and arrays share one row of ``specs``. What ended stays in ``tasks`` until it is pruned; partial
indexes keep what a start must load (live tasks, unsettled launches) apart from it. JSON is opaque to
SQLite here: only this package reads it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from awsecs_async.errors import JournalError, JournalTooNew

APPLICATION_ID: Final = 0x41574543  # "AWEC", in bytes 68 to 71 of the file
OLDEST_SQLITE: Final = (3, 33, 0)  # the first that knows UPDATE ... FROM

STEPS: Final = (
    """
    CREATE TABLE specs (
        number INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,          -- SHA-256 of json
        json TEXT NOT NULL
    );
    CREATE TABLE launches (
        number INTEGER PRIMARY KEY,         -- in the order in which they were made
        id TEXT NOT NULL UNIQUE,
        target TEXT NOT NULL,
        lane TEXT NOT NULL,                 -- JSON
        request TEXT NOT NULL,              -- as it was sent, to the byte
        members TEXT NOT NULL,              -- JSON: ids of tasks
        attempts TEXT NOT NULL,             -- JSON
        made_at REAL NOT NULL,              -- times are epoch seconds
        settled INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE tasks (
        number INTEGER PRIMARY KEY,         -- in the order of admission
        id TEXT NOT NULL UNIQUE,
        key TEXT,
        spec INTEGER NOT NULL,              -- specs.number
        array_index INTEGER,
        array_size INTEGER,
        submitted_at REAL NOT NULL,
        launch TEXT,                        -- launches.id, of the attempt under way
        arn TEXT,
        attempts TEXT,                      -- JSON: those that are over; of an ended task all
        wish TEXT,
        wish_reason TEXT,
        state TEXT,                         -- how it ended
        result TEXT,                        -- JSON
        ended_at REAL                       -- NULL while it lives
    );
    CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE UNIQUE INDEX task_by_key ON tasks (key) WHERE key IS NOT NULL;
    CREATE INDEX task_by_spec ON tasks (spec);
    CREATE INDEX task_by_launch ON tasks (launch) WHERE launch IS NOT NULL;
    CREATE INDEX live_task ON tasks (number) WHERE ended_at IS NULL;
    CREATE INDEX ended_task ON tasks (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX unsettled_launch ON launches (number) WHERE settled = 0;
    """,
)


def bring_up_to_date(connection: sqlite3.Connection, path: Path, steps: Sequence[str] = STEPS) -> None:
    """See that the file is a journal of ours, and take the steps that it has not taken, each whole.

    Raises:
        JournalTooNew: if it has taken steps that we do not know.

        JournalError: if it is some other program's database.
    """
    version = _version_of(connection, path)
    if version > len(steps):
        raise JournalTooNew(
            f"{path} has version {version}, and this awsecs_async knows versions up to {len(steps)}: "
            f"install the version that wrote it, or a newer one"
        )
    for number, step in enumerate(steps[version:], version + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {step}"
                f"PRAGMA user_version = {number}; COMMIT;"
            )
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _version_of(connection: sqlite3.Connection, path: Path) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == APPLICATION_ID or (application == version == tables == 0):
        return int(version)
    raise JournalError(
        f"{path} is a database of some other program and was left alone: name another file as the journal"
    )
