"""The child that the kill tests kill: it writes to a journal and says on standard output what is on disk.

    python -m tests.fault.journal_writer PATH FIRST_NUMBER
    python -m tests.fault.journal_writer PATH --die-at STATEMENT

Each line of the first is the number of a task that was acknowledged, after a letter: A admitted, L its
launch with its request, N its ARN, E its ending; it never ends by itself. The second kills itself before
the SQL statement of that number while it opens the journal, if that takes so many.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from awsecs_async.engine.journal.book import Book
from awsecs_async.engine.journal.port import Admitted, Ended, Entry
from awsecs_async.engine.journal.sqlite import SqliteJournal
from tests.bench.journal import life

SUBMITTERS = 20


async def work(journal: SqliteJournal, numbers: Iterator[int]) -> None:
    """One task after the other through its life, each step acknowledged once it is on disk."""
    for number in numbers:
        for letter, entry in zip("ALNE", life(number, distinct=number % 2 == 0), strict=True):
            if letter == "E" and number % 3:
                break  # it stays alive
            await step(journal, entry)
            os.write(sys.stdout.fileno(), f"{letter} {number}\n".encode())


async def step(journal: SqliteJournal, entry: Entry) -> None:
    """Write one entry and wait for the disk, half of them by `written`, half by `then`."""
    if isinstance(entry, Admitted | Ended):
        told = asyncio.Event()
        journal.write((entry,), told.set)
        await told.wait()
    else:
        journal.write((entry,))
        await journal.written()


class DyingBook(Book):
    """Kills its process before one of the statements with which it is opened."""

    statements_left = 0

    def _prepare(self) -> None:
        self.connection.set_trace_callback(self._count)
        super()._prepare()

    def _count(self, statement: str) -> None:
        self.statements_left -= 1
        if self.statements_left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def die(path: Path, statement: int) -> None:
    """Open a journal, but not to the end."""
    DyingBook.statements_left = statement
    journal = SqliteJournal(path, open_book=DyingBook)
    await journal.open()
    await journal.close()


async def main(path: Path, first: int) -> None:
    """Write until killed."""
    journal = SqliteJournal(path)
    await journal.open()
    numbers = itertools.count(first)
    await asyncio.gather(*(work(journal, numbers) for _ in range(SUBMITTERS)))


if __name__ == "__main__":
    dies = sys.argv[2] == "--die-at"
    asyncio.run((die if dies else main)(Path(sys.argv[1]), int(sys.argv[-1])))
