"""The process dies around what it puts on S3: nothing is launched that refers to a file not there yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from awsecs_async import State
from awsecs_async.engine.registry import Registry
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import Faults
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing import run
from awsecs_async.testing.neighbours import Neighbours
from tests.fault.crash import Fuse
from tests.fault.disk import CrashingJournal, Disk
from tests.fault.scene import Scene, Wire

TARGET = Target(cluster="local", runs_processes=True, work_bucket="s3://work")
LONG = TaskSpec(command=["work", "x" * 9_000])
MOST_POINTS = 200


class WireWithS3(Wire):
    """The scene's transport, whose way to S3 takes time too, and whose launches are checked."""

    def __init__(self, scene: SceneWithS3) -> None:
        super().__init__(scene)
        self._neighbours = scene.neighbours
        self._stage = scene

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """As any transport."""
        self._stage.passed(f"{operation} sent")
        answer = await super().ask(service, operation, params)
        await self._come_back(operation)
        return answer

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As any transport, of requests whose files are there."""
        (override,) = json.loads(body)["overrides"]["containerOverrides"]
        for file in override["environmentFiles"]:
            assert file["value"].replace("arn:aws:s3:::", "s3://") in self._stage.neighbours.buckets.objects
        return await super().send(service, operation, body)


@dataclass(kw_only=True)
class SceneWithS3(Scene):
    """A scene with a bucket."""

    neighbours: Neighbours = field(default_factory=Neighbours)

    def registry(self) -> Registry:
        """Leads every target to the cloud and the bucket."""

        @asynccontextmanager
        async def to_cloud(_target: Target) -> AsyncIterator[Wire]:
            yield WireWithS3(self)

        return Registry(to_cloud)


async def live(s: Scene, disk: Disk, fuse: Fuse) -> bool:
    """One dispatcher's process, to its end (True) or its death (False)."""
    journal = CrashingJournal(disk)

    async def process() -> None:
        async with s.open(journal) as dispatcher:
            task = await dispatcher.submit(LONG, key="one")
            assert (await task.result()).state is State.SUCCEEDED

    running = asyncio.create_task(process())
    fuse.arm(journal, running)
    s.passed = disk.passed = fuse.point
    await asyncio.wait([running])
    if not fuse.blown or not running.cancelled():
        running.result()
    return not fuse.blown


async def died_at(number: int) -> bool:
    """Die at the point of this number and go on; False if it came to the end before."""
    scripts = every_container(Script(duration_seconds=5))
    async with Cloud(scripts=scripts, faults=Faults(latency_seconds=0.03)) as cloud:
        s, disk = SceneWithS3(cloud=cloud, settings={"targets": (TARGET,)}), Disk()
        s.neighbours.buckets.add("work")
        ended = await live(s, disk, Fuse(blows=lambda _name, passed: passed == number))
        if not ended:
            await asyncio.sleep(1.0)
            assert await live(s, disk, Fuse(blows=lambda _name, _number: False))
        assert cloud.ecs.launcher.made == 1
        assert len(s.neighbours.buckets.objects) == 1
        return not ended


def test_a_death_at_any_point_launches_once_and_with_its_file() -> None:
    """Before and after the put, the record of the launch, the request and its answer."""
    for number in range(1, MOST_POINTS):
        try:
            if not run(died_at(number)):
                assert number > 10, "it passed hardly any point"
                return
        except BaseException as error:
            error.add_note(f"it died at point {number}")
            raise
    raise AssertionError("there are more points than were tried")
