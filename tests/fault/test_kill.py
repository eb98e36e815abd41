"""kill -9 of a real dispatcher, with its journal in a file and its cloud in another process."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from awsecs_async.local.child import LocalCloud
from awsecs_async.local.faults import DROP_AFTER, Faults, Rule
from tests.fault.dispatching import STOPPED, TASKS, exit_code_of

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6
LINES = len(TASKS) * 2 + len(STOPPED)  # that one undisturbed run says before DONE
LAST_RUN_SECONDS = 30.0


async def dispatching(cloud: LocalCloud, journal: Path) -> Process:
    """The child at work."""
    command = (
        sys.executable,
        "-W",
        "error",
        "-m",
        "tests.fault.dispatching",
        str(journal),
        cloud.endpoint_url,
    )
    environment = os.environ | cloud.environment()
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, env=environment)


async def heard(child: Process, lines: int) -> list[list[str]]:
    """So many lines of the child, or all; it is then killed, and what it had still said is added."""
    assert child.stdout is not None
    said: list[bytes] = []
    try:
        while len(said) < lines and (line := await child.stdout.readline()):
            said.append(line)
    finally:
        if child.returncode is None and b"DONE\n" not in said:
            child.kill()
    said += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    return [line.decode().split() for line in said if line.endswith(b"\n")]


def state_of(cloud: LocalCloud) -> Any:  # noqa: ANN401 (JSON)
    """What the cloud counted."""
    with urllib.request.urlopen(f"{cloud.endpoint_url}/_local/", timeout=10) as answer:
        return json.load(answer)


def assert_promises_kept(said: list[list[str]]) -> None:
    """Every task ended, each in one way however often that was told, and that way is its own."""
    endings = {(int(words[1]), *words[2:]) for words in said if words[0] == "E"}
    stopped = {(number, "CANCELLED") for number in STOPPED}
    ended = {
        (n, "FAILED" if exit_code_of(n) else "SUCCEEDED", str(exit_code_of(n)))
        for n in TASKS
        if n not in STOPPED
    }
    assert Counter(number for number, *_ in endings) == Counter(TASKS), "one ended in two ways, or not at all"
    assert {ending for ending in endings if ending[0] not in STOPPED} == ended
    assert {ending[:2] for ending in endings if ending[0] in STOPPED} == stopped


def assert_ran_once(state: Any) -> None:  # noqa: ANN401 (JSON)
    """No command was executed twice, and there are no ECS tasks but these."""
    launches = {int(line.split()[-1]): count for line, count in state["launches"].items() if count}
    assert set(launches.values()) == {1}, "a command ran twice"
    assert launches.keys() >= set(TASKS) - set(STOPPED)
    assert launches.keys() <= set(TASKS)
    assert state["tasksMade"] == len(launches)
    assert set(state["tasks"]) <= {"STOPPED"}, "something was left running"


@pytest.mark.slow
async def test_a_dispatcher_killed_at_random_keeps_its_promises(tmp_path: Path) -> None:
    """Killed at random, also while a third of RunTask's answers are lost, then let go on to the end."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    faults = Faults(
        rules=(Rule(kind=DROP_AFTER, operation="RunTask", probability=0.3),), latency_seconds=0.03, seed=seed
    )
    arguments = ("--no-quotas", "--faults", json.dumps(asdict(faults)))
    journal, said = tmp_path / "journal", list[list[str]]()
    async with LocalCloud(runtime="scripted", arguments=arguments) as cloud, asyncio.timeout(120):
        for _ in range(KILLS):
            child = await dispatching(cloud, journal)
            said += await heard(child, chance.randrange(1, LINES))
        async with asyncio.timeout(LAST_RUN_SECONDS):
            said += await heard(await dispatching(cloud, journal), LINES + 1)
        assert said[-1] == ["DONE"]
        state = await asyncio.to_thread(state_of, cloud)
    assert_promises_kept(said)
    assert_ran_once(state)
