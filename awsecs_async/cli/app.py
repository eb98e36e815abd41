"""The commands, put together."""

from __future__ import annotations

from typing import Final

import typer

from awsecs_async.cli.config import config
from awsecs_async.cli.doctor import doctor
from awsecs_async.cli.local import local
from awsecs_async.cli.submit import EPILOG, submit
from awsecs_async.cli.version import version

app: Final = typer.Typer(
    name="awsecs-async",
    help="Run containers on Amazon ECS, or on a cloud of your own with --local.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what went wrong is told by us, in a line
    context_settings={"help_option_names": ["-h", "--help"]},
)
# The task's command begins at the first word that is no option; what follows is all its own.
app.command(epilog=EPILOG, context_settings={"allow_interspersed_args": False})(submit)
app.command()(doctor)
app.command()(local)
app.command()(version)
app.add_typer(config, name="config")
