"""``submit``: run a task in the foreground, with its output, and exit with its exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from awsecs_async.cli import options
from awsecs_async.cli.asked import spec_of
from awsecs_async.cli.grouped import grouped
from awsecs_async.cli.request import Request, UsageError, check

EPILOG: Final = (
    "Standard output carries what the task prints and nothing else (tasks of an array have [INDEX] in front "
    "of their lines); what there is to say goes to standard error."
    "\n\n"
    "Exit status: the task's exit code; for several tasks 0, or that of the first one that did not succeed. "
    "2: this command line is wrong. 124: timed out and stopped. 125: the dispatcher itself failed. 126: "
    "never started. 127: lost, or nobody can tell. 130: interrupted; Ctrl-C stops the task and waits until "
    "it has stopped, a second one leaves at once. 141: nobody reads the output any more, so the task was "
    "stopped. With --json the last line says whether the status is the task's own."
)


@grouped
def submit(
    command: options.Command = None,
    *,
    work: options.Work,
    needs: options.Needs,
    place: options.Place,
    many: options.Many,
    said: options.Said,
    shown: options.Shown,
) -> None:
    """Run a task in the foreground, and exit with its exit code."""
    with _usage_errors():
        request = Request(
            spec=spec_of(command or (), work, needs, place),
            array=many.array,
            copies=many.copies,
            key=many.key,
            follow=shown.follow,
            wait_logs=shown.wait_logs,
            json=shown.json,
            quiet=shown.quiet,
            local=place.local,
            runtime=place.runtime,
            config=said.config,
            overrides=said.overrides,
            assignments=said.set or (),
        )
        check(request)
    raise typer.Exit(_carry_out(request, shown))


def _carry_out(request: Request, shown: options.Shown) -> int:
    from awsecs_async.cli.logbook import listen
    from awsecs_async.cli.run import run
    from awsecs_async.cli.screen import Screen

    screen = Screen()
    listen(screen.line, level=shown.log_level, form=shown.log_format, colors=screen.is_live)
    with asyncio.Runner(debug=shown.debug, loop_factory=_loop) as runner:
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
    except UsageError as error:
        raise typer.BadParameter(error.problem, param_hint=error.option) from error
