"""The child that ``test_kill`` kills: a dispatcher with its journal in a file, and a client that says what it
is told.

    python -m tests.fault.dispatching JOURNAL ENDPOINT_URL

It submits every task under a key, so a later run finds what an earlier one submitted. Each line on standard
output is something that was promised: ``A number`` submitted, ``C number`` its cancel was taken,
``E number state exit_code`` it ended; ``DONE`` when all have.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from awsecs_async import Dispatcher
from awsecs_async.model.settings import Settings, Target

TASKS = range(60)
STOPPED = range(50, 60)  # these would run for ever, and are cancelled
RUNS_SECONDS = 0.3


def exit_code_of(number: int) -> int:
    """What the task of that number exits with."""
    return number % 7


def say(*words: object) -> None:
    """One line, whole or not at all."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


async def one(dispatcher: Dispatcher, number: int) -> None:
    """Submit it, perhaps cancel it, and say how it ended."""
    script = {"duration": 1e6 if number in STOPPED else RUNS_SECONDS, "exit": exit_code_of(number)}
    task = await dispatcher.submit(
        command=["work", str(number)], environment={"AWSECS_SCRIPT": json.dumps(script)}, key=f"task {number}"
    )
    say("A", number)
    if number in STOPPED:
        await task.cancel("enough")
        say("C", number)
    result = await task.result()
    say("E", number, result.state.value, result.exit_code)


async def main(journal: Path, endpoint_url: str) -> None:
    """Go on until all have ended."""
    target = Target(cluster="local", region="us-east-1", endpoint_url=endpoint_url, runs_processes=True)
    settings = Settings(targets=(target,), journal=journal, poll_floor=0.2, poll_ceiling=0.5)
    async with Dispatcher(settings, leaving="leave") as dispatcher:
        async with asyncio.TaskGroup() as group:
            for number in TASKS:
                group.create_task(one(dispatcher, number))
        await dispatcher.drain()
    say("DONE")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
