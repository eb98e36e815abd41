"""Machines that cannot be bought: RunTask accepts, and the task stops without ever having had one."""

from __future__ import annotations

import asyncio
from typing import Any

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.model.lifecycle import State
from awsecs_async.testing.rehearsal import rehearsal

REASON = (
    "ResourceInitializationError: Unable to launch instance(s) for capacity provider mi. "
    "InsufficientInstanceCapacity: none"
)


class SoldOut(Cloud):
    """Accepts every launch, and cannot buy a machine for any while ``is_sold_out``."""

    is_sold_out = True

    def perform(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """As the cloud does, but what was launched stops where it stands."""
        answer = super().perform(service, operation, params)
        if operation == "RunTask" and self.is_sold_out:
            now = self.clock()
            for wire in answer["tasks"]:
                task = self.ecs.task(wire["taskArn"])
                assert task is not None
                self.ecs.lifecycle.stop(task, now, "TaskFailedToStart", REASON)
            self.settle(now)
        return answer


async def test_without_machines_launches_come_one_probe_at_a_time() -> None:
    """An hour of it costs a probe a minute, nothing fails, its reason is told, and then all run."""
    cloud = SoldOut(scripts=every_container(Script(duration_seconds=1)))
    async with cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        tasks = [await dispatcher.submit(command=[str(n)]) for n in range(300)]
        await asyncio.sleep(60)
        begun = cloud.calls["ecs:RunTask"]
        await asyncio.sleep(3600)
        assert cloud.calls["ecs:RunTask"] - begun <= 80
        assert not any(task.state.is_ending for task in tasks)
        assert "InsufficientInstanceCapacity" in next(task.note for task in tasks if task.note)
        cloud.is_sold_out = False
        results = [await task.result() for task in tasks]
        assert {result.state for result in results} == {State.SUCCEEDED}
        assert {len(result.attempts) for result in results} <= {1, 2}
