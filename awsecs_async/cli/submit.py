"""``submit``: run a task in the foreground, with its output, and exit with its exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from awsecs_async.cli import options
from awsecs_async.cli.request import (
    Request,
    UsageError,
    check,
    environment_of,
    refuse_later,
    tags_of,
    text_of,
)
from awsecs_async.errors import InvalidTask
from awsecs_async.model.task import TaskSpec

EPILOG: Final = """Standard output carries what the task prints and nothing else (tasks of an array have
[INDEX] in front of their lines); what there is to say goes to standard error.

Exit status: the task's exit code; for several tasks 0, or that of the first one that did not succeed.
2: this command line is wrong. 124: timed out and stopped. 125: the dispatcher itself failed. 126: never
started. 127: lost, or nobody can tell. 130: interrupted; Ctrl-C stops the task and waits until it has
stopped, a second one leaves at once. 141: nobody reads the output any more, so the task was stopped.
With --json the last line says whether the status is the task's own."""


def submit(
    command: options.Command = None,
    *,
    local: options.Local = False,
    container: options.Container = None,
    cpus: options.Cpus = None,
    memory: options.Memory = None,
    env: options.Env = None,
    tag: options.Tag = None,
    name: options.Name = None,
    timeout: options.Timeout = None,
    cluster: options.Cluster = None,
    region: options.Region = None,
    config: options.Config = None,
    journal: options.Journal = None,
    runtime: options.Runtime = None,
    array: options.Array = None,
    copies: options.Copies = None,
    key: options.Key = None,
    follow: options.Follow = True,
    wait_logs: options.WaitLogs = True,
    json: options.Json = False,
    quiet: options.Quiet = False,
    log_level: options.LogLevel = "error",
    log_format: options.LogFormat = "text",
    debug: options.Debug = False,
    accelerator: options.Accelerator = None,
    disk: options.Disk = None,
    machine_type: options.MachineType = None,
) -> None:
    """Run a task in the foreground, and exit with its exit code."""
    with _usage_errors():
        refuse_later({"--accelerator": accelerator, "--disk": disk, "--machine-type": machine_type})
        spec = TaskSpec(
            command=text_of("COMMAND", command or ()),
            container=container,
            cpus=cpus,
            memory=memory,
            environment=environment_of(env or ()),
            tags=tags_of(tag or ()),
            name=name,
            timeout=timeout,
        )
        where = {"cluster": cluster, "region": region, "journal": journal}
        show = {"follow": follow, "wait_logs": wait_logs, "json": json, "quiet": quiet}
        request = Request(
            spec=spec, array=array, copies=copies, key=key, local=local, runtime=runtime, config=config,
            overrides=where, **show,
        )  # fmt: skip
        check(request)
    raise typer.Exit(_carry_out(request, log_level=log_level, log_format=log_format, debug=debug))


def _carry_out(
    request: Request, *, log_level: options.Level, log_format: options.LogFormat, debug: bool
) -> int:
    from awsecs_async.cli.logbook import listen
    from awsecs_async.cli.run import run
    from awsecs_async.cli.screen import Screen

    screen = Screen()
    listen(screen.line, level=log_level, form=log_format, colors=screen.is_live)
    with asyncio.Runner(debug=debug, loop_factory=_loop) as runner:
        return runner.run(run(request, screen))


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # there is none for this interpreter or platform
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Tell what is wrong with the command line as typer tells it, exit status 2."""
    try:
        yield
    except InvalidTask as error:
        raise typer.BadParameter(error.problem, param_hint=f"--{error.field}") from error
    except UsageError as error:
        raise typer.BadParameter(error.problem, param_hint=error.option) from error
