"""Between the machine and real containers: what a runtime does becomes what DescribeTasks shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.carrier import Carrier
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.runtimes.port import CannotPull, ContainerRun, Exit, Running, Runtime, TaskPlan

Params = dict[str, Any]


GRACES: list[float | None] = []  # what the last containers were given to stop


class Pretended:
    """A running container that lasts ten seconds, unless it is stopped."""

    def __init__(self) -> None:
        self._exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(10, self._end, 0)

    def _end(self, code: int) -> None:
        if not self._exit.done():
            self._exit.set_result(Exit(code=code))

    async def wait(self) -> Exit:
        """Its end."""
        return await asyncio.shield(self._exit)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """It heeds SIGTERM at once."""
        GRACES.append(grace_seconds)
        self._end(143)

    async def execute(self, command: tuple[str, ...], timeout_seconds: float) -> int:
        """Healthy."""
        return 0


class PretendedRuntime:
    """A runtime that pulls everything but `none` and prints one line."""

    name = "pretended"

    async def prepare(self, run: ContainerRun) -> None:
        """Two seconds of pulling."""
        await asyncio.sleep(2)
        if run.image == "none":
            raise CannotPull("none: not found")

    async def start(self, run: ContainerRun, output: Callable[[str], None]) -> Running:
        """Begin."""
        output(f"hello from {run.name}")
        return Pretended()

    async def release(self, task_id: str) -> None:
        """Nothing to release."""

    async def close(self) -> None:
        """Nothing to close."""


async def pretend(_plan: TaskPlan) -> Runtime:
    """The pretended runtime for every task."""
    return PretendedRuntime()


async def break_down(plan: TaskPlan) -> Runtime:
    """A runtime's author made a mistake."""
    raise RuntimeError(plan.task_id)


async def carried(
    cloud: Cloud, image: str = "busybox", choose: Callable[[TaskPlan], Awaitable[Runtime]] = pretend
) -> str:
    """A task with a log, given to a carrier; its ARN."""
    cloud.containers = Carrier(cloud, choose, PretendedRuntime().close)
    options = {"awslogs-group": "/g", "awslogs-region": "x", "awslogs-stream-prefix": "p"}
    logging = {"logDriver": "awslogs", "options": {**options, "awslogs-create-group": "true"}}
    container = {"name": "main", "image": image, "logConfiguration": logging}
    definition = {"family": "job", "requiresCompatibilities": ["MANAGED_INSTANCES"], "networkMode": "host"}
    await cloud.call("ecs", "RegisterTaskDefinition", {**definition, "containerDefinitions": [container]})
    answer = await cloud.call("ecs", "RunTask", {"cluster": "local", "taskDefinition": "job"})
    return str(answer["tasks"][0]["taskArn"])


async def after(cloud: Cloud, seconds: float, arn: str) -> Params:
    """The task, so much later."""
    await asyncio.sleep(seconds)
    task: Params = (await cloud.call("ecs", "DescribeTasks", {"cluster": "local", "tasks": [arn]}))["tasks"][
        0
    ]
    return task


async def test_a_real_task_is_seen_from_pull_to_end() -> None:
    """PENDING while it is pulled, RUNNING while it runs, STOPPED with its code and its output."""
    async with Cloud() as cloud:
        arn = await carried(cloud)
        assert (await after(cloud, 1, arn))["lastStatus"] == "PENDING"
        assert (await after(cloud, 2, arn))["lastStatus"] == "RUNNING"
        task = await after(cloud, 10, arn)
        assert (task["lastStatus"], task["containers"][0]["exitCode"]) == ("STOPPED", 0)
        found = await cloud.call("logs", "FilterLogEvents", {"logGroupName": "/g"})
        assert [event["message"] for event in found["events"]] == ["hello from main"]


@pytest.mark.parametrize(("when", "exit_code"), [(1, None), (5, 143)])
async def test_a_real_task_can_be_stopped_at_any_time(when: float, exit_code: int | None) -> None:
    """While it is pulled it has no exit code; once it runs it gets SIGTERM."""
    async with Cloud() as cloud:
        arn = await carried(cloud)
        await asyncio.sleep(when)
        await cloud.call("ecs", "StopTask", {"cluster": "local", "task": arn})
        task = await after(cloud, 5, arn)
        assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "UserInitiated")
        assert task["containers"][0].get("exitCode") == exit_code


async def test_a_lost_machine_leaves_its_containers_no_time() -> None:
    """The task is over at once, and the container that hears of it late gets none of its stop timeout."""
    async with Cloud() as cloud:
        arn = await carried(cloud)
        await asyncio.sleep(5)
        assert cloud.lose_host(arn) == [arn]
        task = await after(cloud, 1, arn)
        assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TerminationNotice")
        assert "exitCode" not in task["containers"][0]
        assert GRACES[-1] == 0


async def test_an_image_that_is_not_to_be_had_fails_the_task() -> None:
    """The runtime's reason arrives in ECS's words."""
    async with Cloud() as cloud:
        task = await after(cloud, 5, await carried(cloud, image="none"))
        assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TaskFailedToStart")
        assert task["containers"][0]["reason"].startswith("CannotPullContainerError: none")


async def test_a_broken_runtime_does_not_leave_its_task_running() -> None:
    """A defect of ours ends the task and says where to look; the other tasks live on."""
    async with Cloud() as cloud:
        task = await after(cloud, 5, await carried(cloud, choose=break_down))
        assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TaskFailedToStart")
        assert task["stoppedReason"].startswith("InternalError")


async def test_without_a_runtime_a_real_task_is_refused() -> None:
    """A cloud for simulations says that it only plays scripts."""
    async with Cloud() as cloud:
        arn = await carried(cloud)
        cloud.containers = None
        task = await after(cloud, 1, arn)
        assert task["stopCode"] == "TaskFailedToStart"
        assert "only plays scripts" in task["stoppedReason"]
