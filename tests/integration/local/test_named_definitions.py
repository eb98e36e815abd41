"""Task definitions of one's own, end to end: registered by somebody else, run by name, with their output."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.kit.fanout import Dropped
from awsecs_async.local.child import LocalCloud
from awsecs_async.model.lifecycle import State

ROOT = Path(__file__).resolve().parents[3]
LIMIT_SECONDS = 30
SHOUT = ["sh", "-c", "echo $GREETING from $0"]


async def register(ecs: Any, *, prefix: str = "awsecs") -> None:  # noqa: ANN401
    """The family ``align``, whose container ``app`` runs the command; ``side`` only is there."""
    options = {
        "awslogs-group": "/awsecs/local", "awslogs-create-group": "true", "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": prefix,
    }  # fmt: skip
    app = {
        "name": "app", "image": "scratch", "entryPoint": SHOUT,
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }  # fmt: skip
    side = {"name": "side", "image": "scratch", "essential": False, "command": ["true"]}
    await ecs.register_task_definition(
        family="align", networkMode="host", requiresCompatibilities=["MANAGED_INSTANCES"], cpu="256",
        memory="512", containerDefinitions=[app, side],
    )  # fmt: skip


async def test_a_definition_is_run_as_it_is(cloud: LocalCloud, clients: dict[str, Any]) -> None:
    """Its entry point holds, the command and variables are the task's, and its output is followed."""
    await register(clients["ecs"])
    async with Dispatcher(cloud.settings()) as dispatcher:
        task = await dispatcher.submit(
            container="task-definition://align#app", command=["here"], environment={"GREETING": "hello"}
        )
        lines = [line.message async for line in task.logs() if not isinstance(line, Dropped)]
        result = await task.result()
    assert (result.state, result.exit_code, lines) == (State.SUCCEEDED, 0, ["hello from here"])
    (ran,) = (await clients["ecs"].list_task_definitions())["taskDefinitionArns"]
    assert ran.endswith("task-definition/align:1")


async def test_output_elsewhere_is_not_followed(cloud: LocalCloud, clients: dict[str, Any]) -> None:
    """What the definition sends to streams of another name stays there; nobody waits for it for ever."""
    await register(clients["ecs"], prefix="theirs")
    async with asyncio.timeout(LIMIT_SECONDS), Dispatcher(cloud.settings()) as dispatcher:
        task = await dispatcher.submit(container="task-definition://align#app", command=["here"])
        assert [line async for line in task.logs()] == []
        assert (await task.result()).state is State.SUCCEEDED


async def test_the_command_line_names_one_too(
    cloud: LocalCloud, clients: dict[str, Any], tmp_path: Path
) -> None:
    """``--container`` takes it where the image would be, and the exit status is its container's."""
    await register(clients["ecs"])
    target = cloud.target()
    settings = {
        "AWSECS_CLUSTER": target.cluster, "AWSECS_EXECUTION_ROLE": str(target.execution_role),
        "AWSECS_LOGS_GROUP": target.logs_group, "AWSECS_CHECK_AT_START": "false", "HOME": str(tmp_path),
        "AWSECS_LOG_SETTLE": "0", "AWSECS_LOG_INTERVAL": "0.1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "awsecs_async", "submit", "--container", "task-definition://align#app",
        "--env", "GREETING=good day", "--", "there",
        cwd=tmp_path, env=os.environ | cloud.environment() | settings,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate()
    assert (process.returncode, out) == (0, b"good day from there\n"), err
