"""Parts of an engine for tests of one of them: a ledger, records in it, and ECS played by the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import Journal
from awsecs_async.engine.ledger import Ledger
from awsecs_async.engine.record import Record
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting
from awsecs_async.model.task import TaskSpec

PLACE = Placement(
    target="default", cluster="local", provider=Provider(name="mi", kind=Kind.MANAGED_INSTANCES),
    network_mode="host", cpu_units=1024, memory_mib=2048,
)  # fmt: skip
SPEC = TaskSpec(command=["a"])


@dataclass(kw_only=True)
class Stage:
    """A ledger, and what ECS would say to it."""

    journal: Journal = field(default_factory=MemoryJournal)
    policy: RoundPolicy = field(default_factory=RoundPolicy)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.journal, self.policy)
        self._numbers = count(1)

    def admit(self, spec: TaskSpec = SPEC, place: Placement = PLACE, *, key: str | None = None) -> Record:
        """One more task."""
        return self.ledger.admit(spec, (place,), key=key)

    def launch(self, *records: Record, at: Placement | None = None) -> Launch:
        """They are LAUNCHING, at that place or where they were tried last."""
        launch = Launch(
            id=LaunchId(f"launch-{next(self._numbers)}"),
            target="default",
            lane=(at or records[0].placement).lane,
            members=tuple(r.id for r in records),
            attempts=tuple(r.next_attempt for r in records),
            request="{}",
            made_at=wall_time(),
        )
        for record in records:
            self.ledger.tried_in(record, launch.lane)
        self.ledger.launching(launch)
        return launch

    def made(self) -> Sighting:
        """An ECS task that has just been made."""
        return Sighting(arn=Arn(f"arn:task/{next(self._numbers)}"), version=1, last_status="PROVISIONING")

    def run(self, record: Record) -> Arn:
        """It is on ECS."""
        made = self.made()
        self.ledger.launched(self.launch(record), [made])
        return made.arn


def stopped(arn: Arn, *, version: int = 99, exit_code: int | None = 0, stop_code: str = "") -> Sighting:
    """That ECS task has stopped."""
    return Sighting(
        arn=arn, version=version, last_status="STOPPED", stop_code=stop_code or "EssentialContainerExited",
        started_at=1.0, stopped_at=2.0, containers=(ContainerSighting(name="main", exit_code=exit_code),),
    )  # fmt: skip
