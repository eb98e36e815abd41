"""The engine: its coroutines put together around one ledger, and kept running.

It runs in one task of its own, in somebody else's event loop. Each coroutine is eternal; one that ends is
a defect, which ends the engine, and whoever waits for a task hears of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

import anyio

from awsecs_async.engine.adoption import Adoption
from awsecs_async.engine.deadlines import Deadlines
from awsecs_async.engine.definitions import Definitions
from awsecs_async.engine.intake import Intake
from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import Noted
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.engine.launcher import Launcher
from awsecs_async.engine.ledger import Ledger
from awsecs_async.engine.logs import LogReader
from awsecs_async.engine.machines import Machines
from awsecs_async.engine.placement import Places
from awsecs_async.engine.poller import Poller
from awsecs_async.engine.preparation import Preparation
from awsecs_async.engine.registry import fill, levels
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.engine.spill import Overflow
from awsecs_async.engine.stopper import Stopper
from awsecs_async.engine.submissions import Submissions
from awsecs_async.kit.speech import get_logger, is_heard
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.task import new_id

if TYPE_CHECKING:
    from awsecs_async.engine.journal.port import Journal, Remembered
    from awsecs_async.engine.registry import Registry
    from awsecs_async.engine.roll import Transition
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.settings import Settings

NOTE_SECONDS = 5.0  # how often the levels of the buckets are noted in the journal
PRUNE_SECONDS = 3600.0  # how often tasks that ended too long ago are forgotten

log = get_logger()


class Engine:
    """Everything below the dispatcher's verbs. Its parts are for the dispatcher to use.

    Its own mutable state is the task that it runs in, and what that failed of.
    """

    def __init__(
        self, settings: Settings, journal: Journal, stations: Sequence[Station], started_by: str
    ) -> None:
        policy = RoundPolicy(
            max_spot_attempts=settings.max_spot_attempts,
            max_host_attempts=settings.max_host_attempts,
            unknown_goes_round=settings.unknown_goes_round,
            move_on=settings.move_on,
        )
        self.settings = settings
        self.journal = journal
        self.stations = stations
        self.started_by = started_by
        self.ledger = ledger = Ledger(journal, policy)
        self.places = places = Places(stations, settings)
        self.submissions = Submissions(
            ledger,
            settings.queue_limit,
            workers=settings.launches_in_flight,
            moves_on="capacity" in settings.move_on,
        )
        overflow = Overflow(started_by)
        self.intake = Intake(ledger, journal, self.submissions, places, overflow, settings.fusion)
        self.adoption = Adoption(
            ledger,
            self.submissions,
            places,
            started_by=started_by,
            missing_grace=settings.missing_grace,
        )
        self.poller = Poller(ledger, stations, settings)
        self.machines = Machines(ledger, stations)
        self.stopper = Stopper(ledger, places)
        self.logs = LogReader(ledger, stations, settings)
        preparation = Preparation(
            ledger, self.submissions, places, Definitions(settings.fusion), overflow, settings.fusion
        )
        self.launcher = Launcher(
            ledger, self.submissions, places, preparation, settings,
            started_by=started_by, expired=self.adoption.doubt,
        )  # fmt: skip
        self.deadlines = Deadlines(ledger, settings, self.launcher.obstacle)
        self.failure: BaseException | None = None
        self.on_close: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._noted: dict[str, dict[str, float]] = {}

    def __repr__(self) -> str:
        return f"<Engine {self.started_by}: {self.submissions!r}, {self.ledger!r}>"

    @classmethod
    async def open(
        cls, settings: Settings, journal: Journal, registry: Registry
    ) -> tuple[Self, AsyncExitStack]:
        """An engine at work, and what closes all that it holds.

        Raises:
            JournalError: if the journal cannot be had.

            AwsFault: if a cluster cannot be asked about.

            SettingsError: if the settings do not fit what is there.
        """
        async with AsyncExitStack() as opening:
            remembered = await journal.open()
            opening.push_async_callback(journal.close)
            started_by = await _identity(settings, journal, remembered)
            stations = []
            for target in settings.targets:
                station = await registry.station(target, settings.quotas)
                opening.push_async_callback(registry.release, station)
                stations.append(station)
            engine = cls(settings, journal, stations, started_by)
            if is_heard(logging.INFO):  # asked once: nobody pays for events that nobody hears
                engine.ledger.tell(_say)
            engine._recall(remembered)
            opening.push_async_callback(engine._stop)
            engine._task = asyncio.create_task(engine._run(), name=f"awsecs_async engine {started_by}")
            return engine, opening.pop_all()
        raise AssertionError("an exit stack swallows nothing")  # pragma: no cover (for mypy)

    async def until_idle(self) -> None:
        """Return when no task is live, or the engine has ended."""
        if self._task is None:
            return
        idle = asyncio.create_task(self.ledger.idle())
        try:
            await asyncio.wait([idle, self._task], return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()

    def _recall(self, remembered: Remembered) -> None:
        for station in self.stations:
            if noted := remembered.notes.get(_level_note(station)):
                fill(station, noted)
        self.adoption.restore(remembered)

    async def _run(self) -> None:
        coroutines = (
            self.launcher.run,
            self.poller.run,
            self.machines.run,
            self.stopper.run,
            self.deadlines.run,
            self.adoption.run,
            self.logs.run,
            self.journal.watch,
            self._note_levels,
            self._prune,
        )
        try:
            async with anyio.create_task_group() as group:
                for forever in coroutines:
                    group.start_soon(_eternal, forever)
        except Exception as failure:
            log.critical("the dispatcher ends", why=repr(failure), exc_info=failure)
            self.failure = failure
            self._tell_those_who_wait(f"the dispatcher ended before the task did: {failure!r}", failure)

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._note()
        self._tell_those_who_wait("the dispatcher was closed before the task ended", None)

    def _tell_those_who_wait(self, message: str, cause: BaseException | None) -> None:
        self.submissions.close()
        self.ledger.close(message, cause)
        for close in self.on_close:
            close()

    async def _note_levels(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            self._note()

    def _note(self) -> None:
        for station in self.stations if self.failure is None else ():
            found = levels(station)
            if found != self._noted.get(station.account):
                self._noted[station.account] = found
                note = json.dumps({**found, "at": wall_time()})
                self.journal.write([Noted(name=_level_note(station), value=note)])

    async def _prune(self) -> None:
        while True:
            await self.journal.prune(wall_time() - self.settings.finished_kept_seconds)
            await asyncio.sleep(PRUNE_SECONDS)


async def _identity(settings: Settings, journal: Journal, remembered: Remembered) -> str:
    """The dispatcher's id: a setting, else what the journal knows, else made once and kept there."""
    found = settings.dispatcher_id or remembered.notes.get("dispatcherId") or f"awsecs-{new_id(wall_time())}"
    if remembered.notes.get("dispatcherId") != found:
        journal.write([Noted(name="dispatcherId", value=found)])
        await journal.written()
    return found


def open_journal(settings: Settings) -> Journal:
    """The journal that the settings name."""
    if settings.journal is None:
        return MemoryJournal(finished_kept=settings.finished_kept)
    return SqliteJournal(settings.journal)


def _say(transition: Transition) -> None:
    """One event for every change of every task."""
    result = transition.result
    log.bind(task=transition.id).info(
        transition.new.value.lower().replace("_", " "),
        title=transition.title,
        was=transition.old.value if transition.old else None,
        **{"arn": transition.arn} if transition.arn else {},
        **{"note": transition.note} if transition.note else {},
        **{"exit_code": result.exit_code, "cause": result.cause.value, "reason": result.reason}
        if result
        else {},
    )


def _level_note(station: Station) -> str:
    return f"buckets {station.account}"


async def _eternal(forever: Callable[[], Awaitable[None]]) -> None:
    await forever()
    raise RuntimeError(f"{forever!r} has ended, and should never")
