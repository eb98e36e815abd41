"""``local``: the cloud alone, in the foreground, for any AWS client to use.

Standard output has the variables that lead clients here, one ``export`` a line, so that it can be kept and
sourced. What the cloud can and cannot do goes to standard error, read off the cloud itself where it can be.
"""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from awsecs_async.cli.endings import Status
from awsecs_async.cli.options import RuntimeName

if TYPE_CHECKING:
    from awsecs_async.local.faults import Faults
    from awsecs_async.local.serving import Serving

OTHERS: Final = "S3, SQS, EC2, STS, IAM, ECR, EventBridge: moto's, started when first asked for"
RUNTIMES: Final = {
    "container": "in Podman or Docker; without an image named, as a process",
    "auto": "in Podman or Docker where they can, else as a process",
    "podman": "in Podman; without an image named, as a process",
    "docker": "in Docker; without an image named, as a process",
    "process": "as plain processes, whatever image they name",
    "scripted": "not at all: each plays its AWSECS_SCRIPT, or ends at once",
}
RUNTIME_HELP: Final = f"What carries containers out: {', '.join(RUNTIMES)}."
NOT_DONE: Final = (
    "services, deployments, load balancers and ECS Exec; task networking of its own (awsvpc is "
    "accepted and shares this machine's network); limits of CPU and memory for processes; who may do what "
    "(signatures and policies are not checked)"
)
USE: Final = "the export lines (standard output) in another shell, then say: aws ecs list-clusters"
TRY: Final = "python -m awsecs_async submit --local -- COMMAND brings its own and needs none of this"
COMPUTE: Final = (
    "each with Fargate, Fargate Spot and, by default, Managed Instances: definitions must be compatible "
    "with MANAGED_INSTANCES or FARGATE, or the call says launch type EC2"
)


def local(  # noqa: PLR0917 (typer passes each option by name)
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    region: Annotated[str, typer.Option(help="Which it says it is.")] = "us-east-1",
    runtime: Annotated[RuntimeName, typer.Option(metavar="NAME", help=RUNTIME_HELP)] = "container",
    quotas: Annotated[
        bool, typer.Option("--quotas/--no-quotas", help="Throttle as AWS documents it.")
    ] = True,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON, as POST /_local/faults takes it.")
    ] = None,
    latency: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Of every call.")] = 0.0,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Makes ids and faults repeatable.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the variables only.")] = False,
) -> None:
    """A cloud on this machine: ECS and CloudWatch Logs for any AWS client, until Ctrl-C."""
    from awsecs_async.local.loopback import NotLoopback
    from awsecs_async.local.serving import Serving
    from awsecs_async.local.settings import NO_QUOTAS, CloudSettings

    settings = CloudSettings(region=region, seed=seed, quotas={} if quotas else NO_QUOTAS)
    found = _faults(faults, latency=latency, seed=seed)
    serving = Serving(host=host, port=port, runtime=runtime, settings=settings, faults=found)
    try:
        # Stock asyncio: uvloop starts processes slowly, and that is what a cloud does.
        asyncio.run(_serve(serving, quiet=quiet))
    except NotLoopback as error:
        raise typer.BadParameter(str(error), param_hint="--host") from error
    except OSError as error:
        sys.stderr.write(f"awsecs: the local cloud cannot listen on {host}:{port}: {_why(error)}\n")
        raise typer.Exit(Status.DISPATCHER) from error


async def _serve(serving: Serving, *, quiet: bool) -> None:
    from awsecs_async.local.child import variables
    from awsecs_async.local.serving import serve

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)

    def ready(address: str) -> None:
        found = variables(address, serving.settings.region)
        exports = (f"export {name}={value}" for name, value in found.items())
        print("\n".join(exports), flush=True)  # all at once, so that `head` cannot close it half-way
        if not quiet:
            _describe(serving, address)

    ending = asyncio.create_task(ended.wait())
    try:
        await serve(serving, ready=ready, until=ending)
    finally:
        ending.cancel()
    if not quiet:
        sys.stderr.write("awsecs: the local cloud and everything it ran have ended\n")


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is in use; --port takes another, and 0 any free one"
    return str(error.strerror or error)


def _faults(file: Path | None, *, latency: float, seed: int | None) -> Faults:
    from awsecs_async.local.faults import Faults

    raw = {"latency_seconds": latency, "seed": seed or 0}
    try:
        if file is not None:
            said = json.loads(file.read_text())
            if not isinstance(said, dict):
                raise typer.BadParameter('not a JSON object such as {"rules": []}', param_hint="--faults")
            raw |= said
        return Faults.from_json(raw)
    except (OSError, ValueError, TypeError) as error:
        raise typer.BadParameter(str(error), param_hint="--faults") from error


def _describe(serving: Serving, address: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from awsecs_async.local.cloud import Cloud

    cloud = Cloud(serving.settings)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("To use it", USE)
    table.add_row("Clusters", f"{' and '.join(cloud.ecs.clusters.clusters)}, {COMPUTE}")
    table.add_row("ECS", ", ".join(sorted(cloud.ecs.operations)))
    table.add_row("Logs", ", ".join(sorted(cloud.logs.operations)))
    table.add_row("Others", OTHERS)
    table.add_row("Containers", RUNTIMES[serving.runtime])
    table.add_row("Quotas", "none" if serving.settings.quotas else "as AWS documents them")
    table.add_row("Faults", f"POST JSON to {address}/_local/faults")
    table.add_row("Counts", f"GET {address}/_local/ (calls, throttles, launches)")
    table.add_row("Not done", NOT_DONE)
    table.add_row("Shorter", TRY)
    table.add_row("To end it", "Ctrl-C; everything it runs ends with it")
    Console(stderr=True, highlight=False, markup=False).print(table)
