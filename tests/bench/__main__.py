"""Measure the dispatcher: `python -m tests.bench [name...]`, or `make bench` for everything.

Each bench runs in a process of its own, so that memory and processor time are its alone, and the local cloud
in another. The figures are told, not enforced: on a busy machine they are bad, and that is no defect. Only a
bench that does not come to its end makes the exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

import uvloop

from awsecs_async.testing import VirtualTimeLoop
from tests.bench import launch, memory, throughput, virtual
from tests.bench.figures import Figure, table
from tests.bench.machine import machine

Measure = Callable[[argparse.Namespace], Awaitable[list[Figure]]]
Loop = Callable[[], asyncio.AbstractEventLoop]
PATIENCE_SECONDS = 300  # for one bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One bench: what it is called in the table, and what measures it on which loop."""

    title: str
    measure: Measure
    loop: Loop = asyncio.new_event_loop


BENCHES = {
    "virtual": Bench(
        title="On virtual time, everything in one process", measure=virtual.measure, loop=VirtualTimeLoop
    ),
    "throughput": Bench(
        title="Quotas lifted, against a bare loop (stock asyncio)", measure=throughput.measure
    ),
    "launch": Bench(title="Documented quotas, 60 ms a call (stock asyncio)", measure=launch.measure),
    "launch-uvloop": Bench(
        title="Documented quotas, 60 ms a call (uvloop and gc.freeze(), as the command line has it)",
        measure=launch.measure,
        loop=uvloop.new_event_loop,
    ),
    "live": Bench(title="Live tasks, quotas lifted (stock asyncio)", measure=memory.over_http),
    "live-uvloop": Bench(
        title="Live tasks, quotas lifted (uvloop and gc.freeze())",
        measure=memory.over_http,
        loop=uvloop.new_event_loop,
    ),
    "memory": Bench(title="Live tasks in a void", measure=memory.in_void),
    "holds": Bench(title="What holds a live task's memory, by file", measure=memory.breakdown),
}


def main() -> int:
    """Run what was asked for, print the table, and say whether all came to their end."""
    arguments = _parser().parse_args()
    if arguments.inside:
        _measure_here(arguments)
        return 0
    print(machine(), flush=True)
    sections: list[tuple[str, Sequence[Figure]]] = []
    crashed: list[str] = []
    for name in arguments.names or BENCHES:
        began = time.perf_counter()
        figures = _measure_apart(name, sys.argv[1:])
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        if figures is None:
            crashed.append(name)
        else:
            sections.append((BENCHES[name].title, figures))
    print("\n" + table(sections))
    if crashed:
        print(f"\ndid not come to its end: {', '.join(crashed)}", file=sys.stderr)
    return 1 if crashed else 0


def _measure_apart(name: str, options: Sequence[str]) -> list[Figure] | None:
    """The figures of one bench, from a process of its own; None if that fails."""
    given = [option for option in options if option not in BENCHES]
    command = [sys.executable, "-m", "tests.bench", *given, "--inside", name]
    try:
        told = subprocess.run(
            command, stdout=subprocess.PIPE, check=True, text=True, timeout=PATIENCE_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return None
    return [Figure(**each) for each in json.loads(told.stdout)]


def _measure_here(arguments: argparse.Namespace) -> None:
    bench = BENCHES[arguments.inside]

    async def measured() -> list[Figure]:
        return await bench.measure(arguments)

    with asyncio.Runner(loop_factory=bench.loop) as runner:
        figures = runner.run(measured())
    json.dump([asdict(figure) for figure in figures], sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the dispatcher.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}; none: all")
    parser.add_argument("--tasks", type=int, default=1_000, help="launched under documented quotas")
    parser.add_argument("--launches", type=int, default=2_000, help="for the throughput, with quotas lifted")
    parser.add_argument("--virtual-tasks", type=int, default=10_000, help="on virtual time")
    parser.add_argument("--live", type=int, default=10_000, help="live tasks")
    parser.add_argument("--many", type=int, default=100_000, help="live tasks in the void")
    parser.add_argument("--inside", choices=BENCHES, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
