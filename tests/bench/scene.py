"""What the benches share: a local cloud in a process of its own, tasks that differ, and the moment of launch.

The cloud plays scripts, so a task costs it next to nothing; every call takes 60 ms, as one to AWS does.
"""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import uvloop

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.child import LocalCloud
from awsecs_async.model.settings import Quotas, Settings
from awsecs_async.model.task import TaskSpec
from awsecs_async.task import Task

LATENCY_SECONDS = 0.06
LOOK_SECONDS = 0.01  # how exactly the moment of a launch is known
INFINITE = (float("inf"), float("inf"))
LIFTED = Quotas(
    poll_share=1.0, run_task=INFINITE, read=INFINITE, register=INFINITE, definition_read=INFINITE,
)  # fmt: skip


def cloud(*, quotas: bool) -> LocalCloud:
    """The cloud, with AWS's documented quotas or without any."""
    faults = json.dumps({"latency_seconds": LATENCY_SECONDS})
    lifted = () if quotas else ("--no-quotas",)
    return LocalCloud(runtime="scripted", arguments=("--faults", faults, "--seed", "1", *lifted))


def settings(place: LocalCloud, quotas: Quotas) -> Settings:
    """A dispatcher's settings as they are by default on AWS, but for the target."""
    return Settings(targets=(place.target(),), quotas=quotas)


def settle_in() -> None:
    """Do what a host may do once its dispatcher is open; the command line does, on uvloop.

    What was loaded so far is taken out of the garbage collector's sight, so that a full collection, which
    holds up the loop, walks only what has come since.
    """
    if isinstance(asyncio.get_running_loop(), uvloop.Loop):
        gc.freeze()


def short_task(number: int, seconds: float) -> TaskSpec:
    """A task unlike all others that lasts so long."""
    script = json.dumps({"duration": seconds})
    return TaskSpec(command=("job", str(number)), environment={"AWSECS_SCRIPT": script})


def full_task(number: int) -> TaskSpec:
    """A task unlike all others, with a command of 200 characters and 5 variables, that lasts an hour."""
    command = f"process --sample {number} ".ljust(200, "x")
    variables = {f"VARIABLE_{each}": f"value {each} of {number}" for each in range(4)}
    return TaskSpec(command=(command,), environment=variables | {"AWSECS_SCRIPT": '{"duration": 3600}'})


async def until_launched(tasks: Sequence[Task]) -> None:
    """Return when all are known to be on ECS; they are looked at in the order of their submission."""
    for task in tasks:
        while task.arn is None:
            await asyncio.sleep(LOOK_SECONDS)


async def submit_all(dispatcher: Dispatcher, specs: Sequence[TaskSpec]) -> list[Task]:
    """Submit one after the other, as a program would that has other things to do as well."""
    return [await dispatcher.submit(spec) for spec in specs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a cloud counted, by "ecs:RunTask" and the like."""

    calls: dict[str, int] = field(default_factory=dict)
    throttles: dict[str, int] = field(default_factory=dict)

    @property
    def polls(self) -> int:
        """DescribeTasks."""
        return self.calls.get("ecs:DescribeTasks", 0)

    @property
    def besides_polling(self) -> int:
        """All others."""
        return sum(self.calls.values()) - self.polls


async def counts(place: LocalCloud) -> Counts:
    """What the cloud counted so far."""
    state = await asyncio.to_thread(_state, place.endpoint_url)
    return Counts(calls=state["calls"], throttles=state["throttles"])


def _state(endpoint_url: str) -> dict[str, Any]:
    with urlopen(f"{endpoint_url}/_local/") as answer:
        state: dict[str, Any] = json.load(answer)
    return state
