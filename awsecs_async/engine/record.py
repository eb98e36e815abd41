"""A Record: all that is known of one live task. Anyone may read it; only the ledger changes it.

100,000 of them may live at once, so everything here is slots, shared values and plain numbers, and
what only some tasks need (someone waiting for the end) is made on demand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from awsecs_async.model.result import Attempt, Result

if TYPE_CHECKING:
    import asyncio

    from awsecs_async.engine.journal.port import Admitted
    from awsecs_async.model.launch import Launch, LaunchId
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.outcome import Outcome, Wish
    from awsecs_async.model.placement import Placement, Route
    from awsecs_async.model.sighting import Arn, Sighting
    from awsecs_async.model.task import TaskId, TaskSpec


@dataclass(slots=True, kw_only=True)
class LiveAttempt:
    """The attempt under way. ``version`` is that of the newest sighting; times are epoch seconds."""

    number: int
    launch_id: LaunchId
    provider: str | None = None
    arn: Arn | None = None
    version: int = -1
    launched_at: float = 0.0
    started_at: float | None = None
    zone: str | None = None
    instance_arn: str | None = None
    missing_since: float | None = None

    def update(self, sighting: Sighting) -> None:
        """Take over what a newer sighting says."""
        self.version = sighting.version
        self.missing_since = None
        self.started_at = sighting.started_at or self.started_at
        self.provider = sighting.capacity_provider or self.provider
        self.zone = sighting.zone or self.zone
        self.instance_arn = sighting.instance_arn or self.instance_arn

    def over(self, target: str, outcome: Outcome, stopped_at: float | None) -> Attempt:
        """The attempt as it ended."""
        return Attempt(
            number=self.number,
            launch_id=self.launch_id,
            arn=self.arn,
            target=target,
            provider=self.provider,
            zone=self.zone,
            instance_arn=self.instance_arn,
            started_at=self.started_at,
            stopped_at=stopped_at,
            outcome=outcome,
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """One live task.

    Args:
        state: What is decided. ``told`` is what outsiders may know: it follows once that is on disk.

        route: Where it may run; ``choice`` says which of these places is its present one.

        note: Why it waits, for people; empty where there is nothing to say.
    """

    id: TaskId
    spec: TaskSpec
    route: Route
    submitted_at: float
    state: State
    told: State
    choice: int = 0
    key: str | None = None
    index: int | None = None
    size: int | None = None
    live: LiveAttempt | None = None
    attempts: tuple[Attempt, ...] = ()
    wish: Wish | None = None
    wish_reason: str = ""
    note: str = ""
    result: Result | None = None
    ended: asyncio.Future[Result] | None = field(default=None, repr=False)

    @property
    def placement(self) -> Placement:
        """Where it runs, or is tried next."""
        return self.route[self.choice]

    @property
    def arn(self) -> Arn | None:
        """Its current ECS task."""
        return self.live.arn if self.live else None

    @property
    def next_attempt(self) -> int:
        """The number that its next attempt will have."""
        return self.attempts[-1].number + 1 if self.attempts else 1

    def __repr__(self) -> str:
        return f"<Record {self.id} {self.state.value} {self.spec.title!r}>"


def finished(admitted: Admitted, result: Result, route: Route) -> Record:
    """A task that ended before, as a record that is no longer live."""
    return Record(
        id=admitted.id,
        spec=admitted.spec,
        route=route,
        submitted_at=admitted.submitted_at,
        state=result.state,
        told=result.state,
        key=admitted.key,
        index=admitted.index,
        size=admitted.size,
        attempts=result.attempts,
        result=result,
    )


def live_attempt(record: Record, launch: Launch) -> LiveAttempt:
    """The attempt that this launch makes for one of its members."""
    number = launch.attempts[launch.members.index(record.id)]
    return LiveAttempt(
        number=number,
        launch_id=launch.id,
        provider=record.placement.provider.name,
        launched_at=launch.made_at,
    )
