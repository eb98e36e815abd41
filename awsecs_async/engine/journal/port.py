"""What the ledger says to a journal, and what a journal remembers.

The ledger writes *entries*: facts, in the order in which they became true. A journal puts them on
disk in that order, many at once (group commit), and calls back on the loop when they are there; the
ledger itself never waits. Whoever must not act before a fact is on disk awaits ``written``.

    ledger.launching(launch)         # decided; the entry is on its way
    await journal.written()          # now it is on disk
    await ecs.run(launch.request)    # and may be acted upon

What must be durable before the act: admission, the launch with its exact request, the wish to stop.
Before anyone is told: the ARN, the ending. That a task is RUNNING need not be: ECS says so again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.outcome import Wish
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A task was accepted."""

    id: TaskId
    spec: TaskSpec
    key: str | None = None
    index: int | None = None
    size: int | None = None
    submitted_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A task was never promised to anyone after all (its submit was cancelled): forget it."""

    id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchMade:
    """This request is about to be sent; its members are LAUNCHING."""

    launch: Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettled:
    """All that will come of a launch is known: these members have these ARNs, the others are queued again
    (or ended, which an entry of its own says).
    """

    launch_id: LaunchId
    arns: tuple[tuple[TaskId, Arn], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWished:
    """Somebody, or the task's timeout, wants it stopped, whatever its state is."""

    id: TaskId
    wish: Wish
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishDropped:
    """It shall not be stopped after all: it started before anything was sent."""

    id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class WentRound:
    """An attempt is over and the task is queued again; a wish to stop it was for that attempt."""

    id: TaskId
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The task is over. ``result.attempts`` holds every attempt."""

    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A fact about the dispatcher itself, say the level of a bucket; the newest value counts."""

    name: str
    value: str


Entry = (
    Admitted | Withdrawn | LaunchMade | LaunchSettled | StopWished | WishDropped | WentRound | Ended | Noted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTask:
    """A task that had not ended when the journal was opened.

    Args:
        launch: The launch that made its current attempt, None while it is queued.

        arn: Its ECS task, None while it is queued or its launch has not been settled.

        attempts: Its earlier attempts.
    """

    admitted: Admitted
    attempts: tuple[Attempt, ...] = ()
    launch: Launch | None = None
    arn: Arn | None = None
    wish: Wish | None = None
    wish_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a journal knew when it was opened.

    Args:
        tasks: All that had not ended, in the order of their admission.

        launches: All that had not been settled, oldest first.

        notes: By name.
    """

    tasks: Sequence[LiveTask] = ()
    launches: Sequence[Launch] = ()
    notes: dict[str, str]


class Journal(Protocol):
    """Where the ledger is kept."""

    async def open(self) -> Remembered:
        """Take hold of it.

        Raises:
            JournalLocked: if another process holds it.

            JournalTooNew: if a newer version wrote it.

            JournalError: if it cannot be read or written.
        """

    def write(self, entries: Sequence[Entry], then: Callable[[], None] | None = None) -> None:
        """Put entries on their way to disk, after all earlier ones; never blocks, never awaits.

        ``then`` is called on the loop once they, and all before them, are on disk; it may be given with
        no entries at all. It is not called if the journal fails. Nothing here bounds what waits for the
        disk: whoever submits awaits ``written``, and that is the back-pressure.

        Raises:
            JournalError: if the journal has failed, or is not open.
        """

    async def written(self) -> None:
        """Return when everything given to ``write`` so far is on disk.

        Raises:
            JournalError: if it cannot be.
        """

    async def watch(self) -> None:
        """Never return; raise JournalError as soon as the journal has failed."""

    async def find(self, key: str) -> tuple[Admitted, Result | None] | None:
        """The task of that key, with its result if it has ended."""

    async def get(self, task_id: TaskId) -> tuple[Admitted, Result | None] | None:
        """The task of that id, with its result if it has ended."""

    async def prune(self, before: float) -> int:
        """Forget the tasks that ended before this moment (epoch seconds), and say how many those were.

        Their keys may be used again.
        """

    async def close(self) -> None:
        """Let go of it, with everything given to ``write`` on disk; may be called twice.

        Raises:
            JournalError: the first time, if something that was given could not be put on disk.
        """
