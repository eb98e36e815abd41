"""A log reader with a real ledger, over scripted logs; and ECS played by the test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from awsecs_async.aws.ports import Cluster
from awsecs_async.engine.buckets import open_buckets
from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.ledger import Ledger
from awsecs_async.engine.logs import Dropped, LogLine, LogReader
from awsecs_async.engine.logs.reading import Reading, next_source, stream_name
from awsecs_async.engine.targets import Station
from awsecs_async.kit.wall import wall_time
from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.settings import Quotas, Settings, Target
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.logs import ScriptedLogs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from awsecs_async.engine.record import Record

PLACEMENT = Placement(
    target="default",
    cluster="c",
    provider=Provider(name="mi", kind=Kind.MANAGED_INSTANCES),
    network_mode="host",
    cpu_units=256,
    memory_mib=512,
)


class NoEcs:
    """No log reader asks ECS anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the log reader called ecs.{name}")


class Scene:
    """What a test of the log reader needs: submit, run, write, stop, follow."""

    def __init__(self, *, settle: float = 15.0, ours: bool = False, buffer: int = 10_000) -> None:
        target = Target(cluster="c", logs_group_is_ours=ours)
        settings = Settings(targets=(target,), log_settle=settle, log_buffer_lines=buffer)
        self.logs = ScriptedLogs()
        self.ledger = Ledger(MemoryJournal())
        self.station = Station(
            target=target,
            ecs=NoEcs(),  # type: ignore[arg-type]
            logs=self.logs,
            buckets=open_buckets(Quotas(), "us-east-1"),
            cluster=Cluster(arn=Arn("arn:c"), name="c"),
            account="a",
            objects=NoEcs(),  # type: ignore[arg-type]
        )
        self.reader = LogReader(self.ledger, [self.station], settings)
        self._numbers = count(1)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """The reader at work."""
        run = asyncio.create_task(self.reader.run())
        try:
            yield
            assert not run.done(), "an eternal loop ended"
        finally:
            run.cancel()
            await asyncio.wait([run])

    def submit(self, *containers: str) -> Record:
        """A queued task."""
        if len(containers) > 1:
            spec = TaskSpec(containers=[ContainerSpec(name=n) for n in containers], result_from=containers[0])
        else:
            spec = TaskSpec(command=["true"])
        return self.ledger.admit(spec, (PLACEMENT,))

    def launch(self, record: Record) -> None:
        """ECS has it, and nothing runs yet."""
        number = next(self._numbers)
        launch = Launch(
            id=LaunchId(f"launch-{number}"),
            target="default",
            lane=PLACEMENT.lane,
            members=(record.id,),
            attempts=(record.next_attempt,),
            request="{}",
            made_at=wall_time(),
        )
        self.ledger.launching(launch)
        arn = Arn(f"arn:aws:ecs:us-east-1:1:task/c/{number:032x}")
        self.ledger.launched(launch, [Sighting(arn=arn, version=1, last_status="PROVISIONING")])

    def run(self, record: Record, *, streams: bool = True) -> None:
        """Its containers have started."""
        if record.arn is None:
            self.launch(record)
        if streams:
            for container in record.spec.all_containers:
                self.logs.create(self.stream(record, container.name))
        assert record.arn
        self.ledger.seen(Sighting(arn=record.arn, version=2, last_status="RUNNING", started_at=wall_time()))

    def started(self, *containers: str) -> Record:
        """A running task."""
        record = self.submit(*containers)
        self.run(record)
        return record

    def stop(self, record: Record, *, spot: bool = False) -> State:
        """It has stopped: done, or interrupted by spot."""
        assert record.arn
        container = ContainerSighting(
            name=record.spec.result_container, last_status="STOPPED", exit_code=None if spot else 0
        )
        self.ledger.seen(
            Sighting(
                arn=record.arn,
                version=9,
                last_status="STOPPED",
                desired_status="STOPPED",
                stop_code="SpotInterruption" if spot else "EssentialContainerExited",
                containers=(container,),
                started_at=wall_time(),
                stopped_at=wall_time(),
            )
        )
        return record.state

    def stream(self, record: Record, container: str = "main") -> str:
        """The stream of its current attempt."""
        assert record.arn
        return stream_name("awsecs", container, record.arn)

    def write(
        self, record: Record, message: str, *, container: str = "main", ago: float = 0.0, late: float = 0.0
    ) -> None:
        """A line written ``ago`` seconds before now, that can be found ``late`` seconds from now."""
        now = wall_time()
        self.logs.write(
            self.stream(record, container),
            message,
            timestamp=int((now - ago) * 1000),
            found_at=now + late,
        )

    def open(self, record: Record) -> Reading:
        """A reading of its current attempt, that nobody reads for."""
        source = next_source(record, 0, wall_time())
        assert source
        return Reading(record, source, "awsecs", settle_seconds=15, overlap_seconds=30, buffer_lines=10)

    def follow(self, record: Record) -> asyncio.Task[list[LogLine | Dropped]]:
        """A follower that keeps up; its answer is all that it got until the end."""

        async def collect() -> list[LogLine | Dropped]:
            return [item async for item in self.reader.follow(record)]

        return asyncio.create_task(collect())


def messages(items: list[LogLine | Dropped]) -> list[str]:
    """What was written, where nothing was dropped."""
    assert all(isinstance(item, LogLine) for item in items), items
    return [item.message for item in items if isinstance(item, LogLine)]
