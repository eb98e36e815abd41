"""A Record: all that is known of one live task. Anyone may read it; only the ledger changes it.

100,000 of them may live at once, so everything here is slots, shared values and plain numbers, and
what only some tasks need (someone waiting for the end) is made on demand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from awsecs_async.model.outcome import Cause
from awsecs_async.model.result import Attempt, Result

if TYPE_CHECKING:
    import asyncio

    from awsecs_async.aws.ports import Machine
    from awsecs_async.engine.journal.port import Admitted
    from awsecs_async.model.launch import Launch, LaunchId
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.outcome import Outcome, Wish
    from awsecs_async.model.placement import Placement, Route
    from awsecs_async.model.sighting import Arn, Sighting
    from awsecs_async.model.task import TaskId, TaskSpec


@dataclass(slots=True, kw_only=True)
class LiveAttempt:
    """The attempt under way. Times are epoch seconds.

    Args:
        place: Where it was launched.

        version: That of the newest sighting; -1 until ECS has said anything of it to this process.

        machine: The instance under it, once that is known.

        stop_sent: Whether StopTask may have been sent for it.
    """

    number: int
    launch_id: LaunchId
    place: Placement
    provider: str | None = None
    arn: Arn | None = None
    version: int = -1
    launched_at: float = 0.0
    started_at: float | None = None
    zone: str | None = None
    instance_arn: str | None = None
    machine: Machine | None = None
    missing_since: float | None = None
    stop_sent: bool = False

    def update(self, sighting: Sighting) -> None:
        """Take over what a newer sighting says."""
        self.version = sighting.version
        self.missing_since = None
        self.started_at = sighting.started_at or self.started_at
        self.provider = sighting.capacity_provider or self.provider
        self.zone = sighting.zone or self.zone
        self.instance_arn = sighting.instance_arn or self.instance_arn

    def over(self, outcome: Outcome, stopped_at: float | None) -> Attempt:
        """The attempt as it ended."""
        machine = self.machine
        return Attempt(
            number=self.number,
            launch_id=self.launch_id,
            arn=self.arn,
            target=self.place.target,
            provider=self.provider,
            zone=self.zone or (machine.zone if machine else None),
            instance_arn=self.instance_arn,
            instance_id=machine.ec2_id if machine else None,
            instance_type=machine.type if machine else None,
            is_spot=self.place.provider.is_spot,
            cpu_units=self.place.cpu_units,
            memory_mib=self.place.memory_mib,
            launched_at=self.launched_at or None,
            started_at=self.started_at,
            stopped_at=stopped_at,
            outcome=outcome,
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """One live task.

    Args:
        state: What is decided. ``told`` is what outsiders may know: it follows once that is on disk.

        route: Where it may still run, first choice first; ``choice`` says which of these places it has, or
            had last.

        note: Why it waits, or is not at its first place, for people; empty once it has a machine.
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
        """Where it runs, or was tried last; before that its first choice."""
        return self.live.place if self.live is not None else self.route[self.choice]

    def choice_of(self, lane: tuple[str, str]) -> int:
        """Which of its places is in that lane; 0 if none is any more."""
        return next((n for n, place in enumerate(self.route) if place.lane == lane), 0)

    @property
    def waits_since(self) -> float | None:
        """When it was admitted, or last left a machine (epoch seconds); None where ECS did not tell."""
        for attempt in reversed(self.attempts):
            if attempt.outcome.cause is not Cause.CAPACITY:
                return attempt.stopped_at
        return self.submitted_at

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


def live_attempt(record: Record, launch: Launch, place: Placement) -> LiveAttempt:
    """The attempt that this launch makes there for one of its members."""
    number = launch.attempts[launch.members.index(record.id)]
    return LiveAttempt(
        number=number,
        launch_id=launch.id,
        place=place,
        provider=place.provider.name,
        launched_at=launch.made_at,
    )
