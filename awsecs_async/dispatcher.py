"""The dispatcher: everything put together, and the verbs that users know.

    async with Dispatcher(settings) as d:
        task = await d.submit(command=["echo", "hello"], container="ubuntu:24.04")
        result = await task.result()

It lives in its caller's event loop, in one task of its own: the engine's eternal coroutines. One of them
ending is a defect; it ends the dispatcher loudly, and whoever waits for a task hears of it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Literal, Self

import anyio

from awsecs_async.engine.engine import Engine, open_journal
from awsecs_async.engine.intake import Wanted
from awsecs_async.engine.registry import Registry
from awsecs_async.errors import DispatcherClosed
from awsecs_async.kit.fanout import Fanout
from awsecs_async.kit.speech import get_logger, is_heard
from awsecs_async.model.outcome import Wish
from awsecs_async.model.task import TaskId, TaskSpec
from awsecs_async.task import Task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from contextlib import AsyncExitStack

    from awsecs_async.engine.journal.port import Journal
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.roll import Transition
    from awsecs_async.kit.fanout import Follower
    from awsecs_async.model.result import Result
    from awsecs_async.model.settings import Settings

Leaving = Literal["drain", "cancel", "leave"]
CHANGES_BUFFERED = 100_000

log = get_logger()


class Dispatcher:
    """Takes tasks in, launches them on ECS, follows each to its end.

    Args:
        settings: See ``model.settings.Settings``.

        leaving: What the end of the ``async with`` block does: ``drain`` waits for every task, ``cancel``
            stops them, ``leave`` lets them run (with a journal on disk the next dispatcher finds them).
            A block that ends by an exception does not wait: then ``drain`` cancels, except with a journal
            on disk, where it leaves.

        registry: Shares sessions and limits with the other dispatchers of this loop.

        journal: Instead of the one that the settings name; it is opened and closed here.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        leaving: Leaving = "drain",
        registry: Registry | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._settings = settings
        self._leaving = leaving
        self._registry = registry or Registry()
        self._journal = journal or open_journal(settings)
        self._opened: tuple[Engine, AsyncExitStack] | None = None
        self._changes: Fanout[Transition] | None = None

    def __repr__(self) -> str:
        return f"<Dispatcher {self._opened[0]!r}>" if self._opened else "<Dispatcher not open>"

    async def __aenter__(self) -> Self:
        """Open the journal, reach the clusters, and adopt what was launched before.

        Raises:
            JournalError: if the journal cannot be had.

            AwsFault: if a cluster cannot be asked about.

            SettingsError: if the settings do not fit what is there.
        """
        self._opened = await Engine.open(self._settings, self._journal, self._registry)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        engine = self._engine
        in_haste: Leaving = "leave" if self._settings.journal else "cancel"
        leaving = in_haste if kind is not None and self._leaving == "drain" else self._leaving
        try:
            if leaving == "drain":
                await engine.until_idle()
        except asyncio.CancelledError:
            leaving = in_haste
            raise
        finally:
            with anyio.CancelScope(shield=True):  # whoever cancels us, what leaving means still holds
                await self._close(engine, leaving)
        if engine.failure is not None and kind is None:
            raise DispatcherClosed(f"the dispatcher had ended: {engine.failure!r}") from engine.failure

    async def _close(self, engine: Engine, leaving: Leaving) -> None:
        if self._opened is not None:
            async with self._opened[1]:
                if leaving == "cancel":
                    await self._cancel_all(engine)
            self._opened = None

    @property
    def _engine(self) -> Engine:
        if self._opened is None:
            raise DispatcherClosed("the dispatcher is not open: use it inside 'async with Dispatcher(...)'")
        return self._opened[0]

    def _working(self) -> Engine:
        engine = self._engine
        if engine.failure is not None:
            raise DispatcherClosed(f"the dispatcher has ended: {engine.failure!r}") from engine.failure
        return engine

    @property
    def dispatcher_id(self) -> str:
        """What its tasks bear as RunTask's ``startedBy``."""
        return self._engine.started_by

    # --- submitting --------------------------------------------------------------------------------

    async def submit(self, spec: TaskSpec | None = None, *, key: str | None = None, **fields: Any) -> Task:  # noqa: ANN401 (TaskSpec's fields)
        """Take one task in; returns when that is on disk. Waits while the queue is full.

        A submit that is cancelled before it returns has left no task, unless a key was given: then the
        same submit again finds it.

        Args:
            spec: What to run; or give its fields by name.

            fields: The fields of a TaskSpec, instead of ``spec``.

            key: The same key with the same spec gives the same task, however often.

        Raises:
            InvalidTask: if a field is not acceptable.

            Refused: if it can run nowhere as asked.

            KeyConflict: if the key belongs to a task with another spec.

            DispatcherClosed: if the dispatcher is not open.

            TypeError: if it is given neither or both, or a field that there is not.
        """
        return (await self._submit([Wanted(spec=_spec_of(spec, fields), key=key)]))[0]

    async def submit_array(self, spec: TaskSpec, size: int, *, key: str | None = None) -> list[Task]:
        """Take ``size`` tasks in that differ in AWSECS_ARRAY_INDEX, from 0. Raises as ``submit``.

        With a key, each has the key ``KEY:INDEX``.
        """
        return await self._submit(
            [
                Wanted(spec=spec, key=None if key is None else f"{key}:{index}", index=index, size=size)
                for index in range(size)
            ]
        )

    async def submit_copies(self, spec: TaskSpec, count: int) -> list[Task]:
        """Take ``count`` equal tasks in; up to ten of them share one RunTask call. Raises as ``submit``."""
        return await self._submit([Wanted(spec=spec)] * count)

    async def map(self, specs: Iterable[TaskSpec], *, ahead: int = 1000) -> AsyncIterator[Result]:
        """Run them all, with up to ``ahead`` submitted at once; their results as they come.

        Leaving the iteration early cancels what it has submitted.
        """
        running: set[Task] = set()
        ended: asyncio.Queue[Task] = asyncio.Queue()
        waiting = iter(specs)
        try:
            while True:
                while len(running) < ahead and (spec := next(waiting, None)) is not None:
                    task = await self.submit(spec)
                    running.add(task)
                    task.on_end(ended.put_nowait)
                if not running:
                    return
                task = await ended.get()
                running.discard(task)
                yield await task.result()
        finally:
            for task in running:
                self._engine.ledger.wish(task.id, Wish.CANCEL, "the caller left the map it belongs to")

    async def _submit(self, wanted: Sequence[Wanted]) -> list[Task]:
        engine = self._working()
        records = await engine.intake.admit(wanted)
        if is_heard(logging.INFO):
            _say_remarks(records)
        return [_task(engine, record) for record in records]

    # --- what is there -----------------------------------------------------------------------------

    async def get(self, task_id: TaskId) -> Task | None:
        """The task of that id, live or as far back as the journal remembers."""
        engine = self._engine
        record = await engine.intake.get(task_id)
        return None if record is None else _task(engine, record)

    def tasks(self) -> list[Task]:
        """All live tasks, in the order of their admission."""
        engine = self._engine
        return [_task(engine, record) for record in engine.ledger.all()]

    @property
    def blocked(self) -> Mapping[str, str]:
        """The targets on which something halts (launching, watching, stopping, ...), why, and the cure.

        Nothing fails meanwhile.
        """
        return {s.target.name: s.blocked for s in self._engine.stations if s.blocked}

    def changes(self) -> Follower[Transition]:
        """Every change of every task from now on; to be used with ``with`` and ``async for``."""
        if self._changes is None:
            self._changes = Fanout(CHANGES_BUFFERED)
            self._engine.ledger.tell(self._changes.publish)
            self._engine.on_close.append(self._changes.close)
        return self._changes.follow()

    async def drain(self) -> None:
        """Return when no task is live.

        Raises:
            DispatcherClosed: if the dispatcher ends before.
        """
        await self._working().until_idle()
        self._working()

    async def _cancel_all(self, engine: Engine) -> None:
        for record in engine.ledger.all():
            engine.ledger.wish(record.id, Wish.CANCEL, "the dispatcher is closing")
        before = len(engine.ledger) + 1
        while 0 < len(engine.ledger) < before and engine.failure is None:  # as long as it goes on
            before = len(engine.ledger)
            with anyio.move_on_after(self._settings.stop_grace):
                await engine.until_idle()
        if len(engine.ledger):
            log.error("tasks may be left running", count=len(engine.ledger), started_by=engine.started_by)


def _spec_of(spec: object, fields: dict[str, Any]) -> TaskSpec:
    if spec is None:
        return TaskSpec(**fields)
    if not isinstance(spec, TaskSpec):
        raise TypeError(f"submit takes a TaskSpec, or its fields by name: command=[...]; not {spec!r:.40}")
    if fields:
        names = ", ".join(fields)
        raise TypeError(
            f"submit takes a TaskSpec or its fields, not both: replace(spec, ...) changes {names}"
        )
    return spec


def _say_remarks(records: Sequence[Record]) -> None:
    """One event for what was rounded or raised, whether for one task or for many alike."""
    for route, record in {record.route: record for record in reversed(records)}.items():
        if route[0].remarks:
            log.info("adjusted", task=record.id, title=record.spec.title, remarks=list(route[0].remarks))


def _task(engine: Engine, record: Record) -> Task:
    return Task(record, engine.ledger, engine.logs)
