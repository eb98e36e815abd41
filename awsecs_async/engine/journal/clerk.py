"""The one thread that touches a journal file: group commit.

It takes all orders that have come in since it last looked, puts their entries on disk in one
transaction, answers their questions, and reports once to the loop. While it waits for the disk the next
group gathers by itself, so nothing is ever delayed to make a group larger.

After a failure it closes the file but keeps the hold until it is stopped: what was launched may still
be running, and another dispatcher must not take the journal over while this process lives with it.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from awsecs_async.engine.journal.book import Book
from awsecs_async.engine.journal.changes import Changes
from awsecs_async.engine.journal.hold import Hold
from awsecs_async.engine.journal.port import Entry, Remembered
from awsecs_async.errors import JournalError

ORDERS_AT_ONCE: Final = 1000  # bounds one transaction, and how long the loop is busy with its report


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Entries to write, then perhaps a question; ``then`` hears the answer on the loop (None without one)."""

    entries: Sequence[Entry] = ()
    question: Callable[[Book], Any] | None = None
    then: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """To whom the clerk speaks, on the loop."""

    opened: Callable[[Remembered], object]
    done: Callable[[list[Callable[[], object]], int], object]  # what to call, and how many orders that was
    failed: Callable[[JournalError], object]
    closed: Callable[[], object]


class Clerk:
    """Opens the file, works until ``stop``, and lets go of it; all on a thread of its own."""

    def __init__(self, path: Path, open_book: Callable[[Path], Book], reports: Reports) -> None:
        self.path = path
        self._open_book = open_book
        self._reports = reports
        self._loop = asyncio.get_running_loop()
        self._orders: queue.SimpleQueue[Order | None] = (
            queue.SimpleQueue()
        )  # None: stop after what came before
        self._stopping = False
        # A daemon, so that a program that forgot to close its journal still ends.
        self._thread = threading.Thread(target=self._run, name="awsecs-journal", daemon=True)
        self._thread.start()

    def give(self, order: Order) -> None:
        """Hand over an order; from the loop."""
        self._orders.put(order)

    def stop(self) -> None:
        """Finish what was given, let go of the file, and say so."""
        self._orders.put(None)

    def join(self) -> None:
        """Wait for the thread's last step, after it said that it has closed."""
        self._thread.join()

    def _run(self) -> None:
        hold: Hold | None = None
        try:
            hold = Hold(self.path)
            self._work()
        except Exception as error:  # noqa: BLE001 -- whatever it was, what was promised cannot be kept
            self._say(self._reports.failed, _failure(self.path, error))
            self._await_stop()
        finally:
            if hold is not None:
                hold.release()
            self._say(self._reports.closed)

    def _work(self) -> None:
        book = self._open_book(self.path)
        try:
            self._say(self._reports.opened, book.load())
            while group := self._take():
                self._do(book, group)
        finally:
            book.close()

    def _take(self) -> list[Order]:
        """At least one order, or none when it is time to stop."""
        group: list[Order] = []
        while not self._stopping and len(group) < ORDERS_AT_ONCE:
            try:
                order = self._orders.get(block=not group)
            except queue.Empty:
                break
            if order is None:
                self._stopping = True
            else:
                group.append(order)
        return group

    def _do(self, book: Book, group: list[Order]) -> None:
        changes = Changes()
        for order in group:
            changes.add(order.entries)
        if any(order.entries for order in group):
            book.put(changes)
        told: list[Callable[[], object]] = []
        for order in group:
            answer = order.question(book) if order.question else None
            if order.then:
                told.append(partial(order.then, answer))
        self._say(self._reports.done, told, len(group))

    def _await_stop(self) -> None:
        while not self._stopping:
            self._stopping = self._orders.get() is None

    def _say(self, report: Callable[..., object], *values: object) -> None:
        try:
            self._loop.call_soon_threadsafe(report, *values)
        except RuntimeError:  # the loop was closed without closing the journal: nobody is left to give orders
            self._stopping = True

    def __repr__(self) -> str:
        return f"<Clerk of {self.path}, about {self._orders.qsize()} orders waiting>"


def _failure(path: Path, error: Exception) -> JournalError:
    if isinstance(error, JournalError):
        return error
    cause = f"{path} cannot be read or written: {str(error) or type(error).__name__}"
    if isinstance(error, OSError | sqlite3.OperationalError):
        cure = "see to the disk, its free space and the file's permissions"
    elif isinstance(error, sqlite3.DatabaseError):
        cure = "it is no journal or was damaged: name another file, or restore this one"
    else:
        cure = "this is a defect of awsecs_async"
    failure = JournalError(f"{cause}; {cure}. Nothing more is accepted; what was acknowledged is kept")
    failure.__cause__ = error
    return failure
