"""A journal in a file: what was promised survives kill -9 and a power cut.

The loop only hands over orders; one thread does all the rest. It takes every order that has come in
meanwhile, puts all their entries on disk in one transaction (group commit: one fsync for as many
submitters as there are), then answers what was asked, then reports back to the loop once for all of
them. No fsync, no query and no JSON runs on the loop. An answer knows everything that was written
before it was asked for.

There is no limit on what may be waiting for the disk, because ``write`` cannot wait: the back-pressure
is that whoever submits awaits ``written``. So what waits is bounded by how many submit at a time.

A journal that has failed once (disk full, I/O error) takes nothing more. After a failed fsync nobody
can say what is on disk, and a dispatcher that cannot keep its promises must not make any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from awsecs_async.engine.journal.book import Book
from awsecs_async.engine.journal.clerk import Clerk, Order, Reports
from awsecs_async.engine.journal.port import Admitted, Entry, Remembered
from awsecs_async.errors import JournalError
from awsecs_async.kit.outside import outside
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId

T = TypeVar("T")

PRUNED_AT_ONCE = 1000  # tasks in one transaction, so that admissions do not wait for long


class SqliteJournal:
    """The journal at ``path``, which is made if it is missing (mode 0600, its directory 0700).

    Args:
        open_book: What opens the file, on the journal's own thread; tests hand in slow and full disks.
    """

    def __init__(self, path: Path | str, *, open_book: Callable[[Path], Book] = Book) -> None:
        self.path = Path(path).resolve()  # two names of one file share one lock
        self._open_book = open_book
        # The mutable state of this journal on the loop's side: orders that were given and not reported
        # back, and the futures of those who wait.
        self._clerk: Clerk | None = None
        self._outstanding = 0
        self._waiting: set[asyncio.Future[Any]] = set()
        self._stillness = ExitStack()  # holds a loop on virtual time while orders are outstanding
        self._failure: JournalError | None = None
        self._lost = 0  # orders that were outstanding when it failed, until somebody was told
        self._closed = asyncio.Event()
        self._closing = False

    async def open(self) -> Remembered:
        """Take hold of the file and read what has not ended.

        Raises:
            JournalLocked: if another process holds it.

            JournalTooNew: if a newer version wrote it.

            JournalError: if it is not a journal, or cannot be read or written, or was opened before.
        """
        if self._clerk is not None:
            raise JournalError(f"{self.path} was opened before: make a new SqliteJournal for it")
        remembered: asyncio.Future[Remembered] = self._promise()
        reports = Reports(
            opened=partial(_keep, remembered),
            done=self._reported,
            failed=self._fail,
            closed=self._closed.set,
        )
        self._clerk = Clerk(self.path, self._open_book, reports)
        try:
            with outside():
                return await remembered
        except BaseException:  # cancelled, or it failed: the thread and its hold must not stay
            self._closing = True
            self._clerk.stop()
            raise

    def write(self, entries: Sequence[Entry], then: Callable[[], None] | None = None) -> None:
        """Put entries on their way to disk; never blocks.

        Raises:
            JournalError: if the journal has failed, or is not open.
        """
        self._give(Order(entries=entries, then=None if then is None else lambda _: then()))

    async def written(self) -> None:
        """Return when everything given to ``write`` so far is on disk.

        Raises:
            JournalError: if it cannot be.
        """
        if self._outstanding or self._failure:
            await self._ask(None)

    async def watch(self) -> NoReturn:
        """Never return; raise JournalError as soon as the journal has failed."""
        if self._failure is None:
            await self._promise()
        raise self._refusal()

    async def find(self, key: str) -> tuple[Admitted, Result | None] | None:
        """The task of that key, with its result if it has ended."""
        return await self._ask(lambda book: book.find(key))

    async def get(self, task_id: TaskId) -> tuple[Admitted, Result | None] | None:
        """The task of that id, with its result if it has ended."""
        return await self._ask(lambda book: book.get(task_id))

    async def prune(self, before: float) -> int:
        """Delete the tasks that ended before this moment (epoch seconds), and say how many those were."""
        total = 0
        while pruned := await self._ask(lambda book: book.prune(before, PRUNED_AT_ONCE)):
            total += pruned
        return total

    async def close(self) -> None:
        """Let go of the file, with everything given to ``write`` on disk; may be called twice.

        Raises:
            JournalError: if something that was given could not be put on disk.
        """
        if self._clerk is None:
            return
        if not self._closing:
            self._closing = True
            self._clerk.stop()
        with outside():
            await self._closed.wait()
        self._clerk.join()
        if self._lost:
            self._lost = 0
            raise self._refusal()

    # --- between loop and thread -------------------------------------------------------------------

    def _give(self, order: Order) -> None:
        if self._failure is not None or self._clerk is None or self._closing:
            raise self._refusal()
        if self._outstanding == 0:
            self._stillness.enter_context(outside())
        self._outstanding += 1
        self._clerk.give(order)

    async def _ask(self, question: Callable[[Book], T] | None) -> T:
        answer: asyncio.Future[T] = self._promise()
        self._give(Order(question=question, then=partial(_keep, answer)))
        return await answer

    def _promise(self) -> asyncio.Future[Any]:
        """A future that fails if the journal does."""
        promise = asyncio.get_running_loop().create_future()
        self._waiting.add(promise)
        promise.add_done_callback(self._waiting.discard)
        return promise

    def _reported(self, told: list[Callable[[], object]], orders: int) -> None:
        self._outstanding -= orders
        loop = asyncio.get_running_loop()
        for tell in told:
            loop.call_soon(tell)  # so that one which raises does not keep the others from hearing
        if self._outstanding == 0:
            self._stillness.close()

    def _fail(self, failure: JournalError) -> None:
        self._failure = failure
        self._lost, self._outstanding = self._outstanding, 0
        self._stillness.close()
        for promise in tuple(self._waiting):
            if not promise.done():
                promise.set_exception(self._refusal())

    def _refusal(self) -> JournalError:
        """The failure anew for each who hears of it: an exception collects the tracebacks of its raisers."""
        if self._failure is None:
            state = "closed" if self._closing else "not open"
            return JournalError(f"the journal {self.path} is {state}: nothing can be written to it")
        refusal = type(self._failure)(*self._failure.args)
        refusal.__cause__ = self._failure.__cause__
        return refusal

    def __repr__(self) -> str:
        if self._failure is not None:
            state = "failed"
        elif self._clerk is None:
            state = "not open"
        else:
            state = "closed" if self._closing else "open"
        return f"<SqliteJournal {self.path}, {state}, {self._outstanding} orders outstanding>"


def _keep(promise: asyncio.Future[T], answer: T) -> None:
    if not promise.done():  # whoever asked may have been cancelled since
        promise.set_result(answer)
