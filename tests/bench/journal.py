"""What the journal costs: admissions a second, the loop's longest stall meanwhile, and the time of a start.

    python tests/bench/journal.py --tasks 20000 --submitters 500 --live 100000

Each submitter does what `submit` does: it writes an admission and waits until that is on disk. With
`--keys` it asks first whether the key is known, and with `--distinct` no two tasks share a spec.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import Admitted, Ended, Entry, Journal, LaunchMade, LaunchSettled
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec

SHARED = TaskSpec(container="busybox", command=("sh", "-c", "true"), cpus=0.25, memory=512)
REQUEST = '{"overrides":"' + "x" * 1000 + '"}'  # as long as a usual RunTask request
EXITED = Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0, started=True)


def admission(number: int, *, distinct: bool = False, keys: bool = False) -> Admitted:
    """The admission of the task of that number."""
    spec = TaskSpec(container="busybox", command=("echo", str(number))) if distinct else SHARED
    return Admitted(
        id=TaskId(f"{number:032x}"),
        spec=spec,
        key=f"key-{number}" if keys else None,
        submitted_at=1e9 + number,
    )


def life(number: int, *, distinct: bool = False) -> Iterator[Entry]:
    """The four entries of a task that succeeds."""
    admitted = admission(number, distinct=distinct)
    launch_id, arn = LaunchId(f"launch-{number}"), Arn(f"arn:aws:ecs:us-east-1:1:task/c/{number:032x}")
    launch = Launch(
        id=launch_id,
        target="default",
        lane=("default", "FARGATE"),
        members=(admitted.id,),
        attempts=(1,),
        request=REQUEST,
        made_at=1e9,
    )
    attempt = Attempt(number=1, launch_id=launch_id, arn=arn, target="default", outcome=EXITED)
    yield admitted
    yield LaunchMade(launch=launch)
    yield LaunchSettled(launch_id=launch_id, arns=((admitted.id, arn),))
    yield Ended(
        result=Result(
            id=admitted.id,
            title="true",
            outcome=EXITED,
            attempts=(attempt,),
            submitted_at=admitted.submitted_at,
            ended_at=2e9,
        )
    )


class Stalls:
    """How long the loop was away at worst, by a callback that calls itself again in every turn."""

    def __init__(self) -> None:
        self.longest_seconds = 0.0
        self._last = time.perf_counter()
        self._handle = asyncio.get_running_loop().call_soon(self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_seconds = max(self.longest_seconds, now - self._last)
        self._last = now
        self._handle = asyncio.get_running_loop().call_later(0.0005, self._tick)

    def stop(self) -> float:
        """The longest stall in milliseconds, less the half that the callback itself waited."""
        self._handle.cancel()
        return (self.longest_seconds - 0.0005) * 1000


def show(what: str, count: int, seconds: float, stall: float | None = None) -> None:
    """One line of the table."""
    worst = "" if stall is None else f"{stall:8.1f} ms"
    print(f"{what:44} {count:8,} {seconds:8.3f} s {count / seconds:12,.0f} /s {worst}")


def forced(directory: Path) -> None:
    """What the disk alone takes to force a page: the floor under every commit."""
    with (directory / "page").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(50):
            file.write(bytes(4096))
            os.fsync(file.fileno())
        show("pages forced to this disk, one by one", 50, time.perf_counter() - began)


async def submissions(path: Path, arguments: argparse.Namespace) -> None:
    """Many submitters at a time, each awaiting the disk for every task."""
    journal = SqliteJournal(path)
    await journal.open()
    numbers = iter(range(arguments.tasks))

    async def submitter() -> None:
        for number in numbers:
            admitted = admission(number, distinct=arguments.distinct, keys=arguments.keys)
            if admitted.key is not None:
                await journal.find(admitted.key)
            journal.write((admitted,))
            await journal.written()

    stalls, began = Stalls(), time.perf_counter()
    await asyncio.gather(*(submitter() for _ in range(arguments.submitters)))
    took = time.perf_counter() - began
    show(f"admissions, {arguments.submitters} submitters", arguments.tasks, took, stalls.stop())
    await journal.close()


async def burst(what: str, journal: Journal, tasks: int) -> None:
    """All entries of many tasks at once, as a ledger under load gives them."""
    entries = [entry for stage in zip(*map(life, range(tasks)), strict=True) for entry in stage]
    await journal.open()
    stalls, began = Stalls(), time.perf_counter()
    for number, entry in enumerate(entries):
        journal.write((entry,))
        if number % 100 == 0:
            await asyncio.sleep(0)
    await journal.written()
    took = time.perf_counter() - began
    show(what, 4 * tasks, took, stalls.stop())
    await journal.close()


async def start(path: Path, live: int, *, distinct: bool) -> None:
    """A journal with many live tasks, each launched alone, is opened again."""
    journal = SqliteJournal(path)
    await journal.open()
    for number in range(live):
        journal.write(tuple(life(number, distinct=distinct))[:3])
    await journal.close()
    journal = SqliteJournal(path)
    stalls, began = Stalls(), time.perf_counter()
    remembered = await journal.open()
    took = time.perf_counter() - began
    what = "live tasks loaded, own specs" if distinct else "live tasks loaded, one spec"
    show(what, len(remembered.tasks), took, stalls.stop())
    print(f"{'':44} file {path.stat().st_size / live:,.0f} bytes a task")
    await journal.close()


async def main(arguments: argparse.Namespace) -> None:
    """Measure, and print as it goes."""
    print(f"{'what':44} {'count':>8} {'took':>10} {'rate':>15} {'longest stall':>11}")
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        forced(Path(directory))
        await submissions(Path(directory, "submissions"), arguments)
        await burst("entries, in memory", MemoryJournal(), arguments.tasks)
        await burst("entries, SQLite", SqliteJournal(Path(directory, "burst")), arguments.tasks)
        if arguments.live:
            await start(Path(directory, "one"), arguments.live, distinct=False)
            await start(Path(directory, "own"), arguments.live, distinct=True)


if __name__ == "__main__":
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--submitters", type=int, default=500)
    parser.add_argument("--live", type=int, default=0, help="also measure a start with so many live tasks")
    parser.add_argument("--keys", action="store_true", help="every task has a key")
    parser.add_argument("--distinct", action="store_true", help="every task has a spec of its own")
    parser.add_argument("--directory", type=Path, help="on which disk, instead of the temporary one")
    asyncio.run(main(parser.parse_args()))
