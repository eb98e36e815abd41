"""The local cloud as a child process: `python -m awsecs_async.local --port 0`.

It writes one JSON line with its address to standard output when it is ready, and ends when its
standard input does: a parent that ends, however it ends, closes that pipe. On Linux the kernel
is asked to send SIGTERM as well. It runs on stock asyncio, since uvloop spawns processes slowly.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import signal
import sys

from awsecs_async.local.faults import Faults
from awsecs_async.local.serving import Serving, serve
from awsecs_async.local.settings import NO_QUOTAS, CloudSettings

_PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    """Read the arguments and serve."""
    arguments = _parser().parse_args()
    if not arguments.foreground:
        _die_with(arguments.parent)
    quotas = NO_QUOTAS if arguments.no_quotas else {}
    settings = CloudSettings(region=arguments.region, quotas=quotas, seed=arguments.seed)
    serving = Serving(
        host=arguments.host,
        port=arguments.port,
        runtime=arguments.runtime,
        settings=settings,
        check_subnets=arguments.check_subnets,
        faults=arguments.faults,
    )
    asyncio.run(_serve(serving, follow_stdin=not arguments.foreground))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m awsecs_async.local", description="ECS on this machine")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument(
        "--runtime", default="auto", help="auto, container, podman, docker, process or scripted"
    )
    parser.add_argument("--seed", type=int, default=None, help="makes ids repeatable")
    parser.add_argument("--no-quotas", action="store_true", help="never throttle")
    parser.add_argument(
        "--faults", type=_faults, default=Faults(), help="JSON, as POST /_local/faults takes it"
    )
    parser.add_argument("--check-subnets", action="store_true", help="refuse those that EC2 (moto) has not")
    parser.add_argument("--parent", type=int, default=None, help="the parent's process id")
    parser.add_argument("--foreground", action="store_true", help="do not end with standard input")
    return parser


def _faults(text: str) -> Faults:
    try:
        return Faults.from_json(json.loads(text))
    except (TypeError, ValueError) as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


async def _serve(serving: Serving, *, follow_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if follow_stdin:
        try:
            loop.add_reader(sys.stdin.fileno(), _read_to_end, ended)
        except PermissionError:  # a file, or /dev/null: it would end at once
            sys.exit(
                "Standard input must be a pipe or a terminal, whose end ends the cloud; or say --foreground."
            )
    await serve(serving, ready=_say, until=ended.wait())


def _read_to_end(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        ended.set()


def _say(address: str) -> None:
    sys.stdout.write(json.dumps({"endpoint_url": address, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


def _die_with(parent: int | None) -> None:
    """Ask Linux for SIGTERM when the parent ends; the pipe does the same everywhere, a little later."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if parent is not None and os.getppid() != parent:  # it ended before we asked
        sys.exit(0)


if __name__ == "__main__":
    main()
