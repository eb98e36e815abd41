"""The command line as a whole: quick to answer, and complete."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from awsecs_async.cli.app import app

HEAVY = (
    "pydantic_settings",
    "botocore",
    "aiobotocore",
    "aiohttp",
    "uvloop",
    "structlog",
    "awsecs_async.dispatcher",
)


def test_help_imports_nothing_heavy() -> None:
    """Who mistypes an option does not wait for an engine."""
    script = (
        "import sys\n"
        "from awsecs_async.__main__ import main\n"
        "sys.argv[1:] = ['submit', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        f"    print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize(
    "option",
    [
        *("--local", "--container", "--cpus", "--memory", "--accelerator", "--disk", "--machine-type"),
        *("--env", "--tag", "--name", "--timeout", "--cluster", "--region", "--config", "--array"),
        *("--copies", "--key", "--json", "--quiet", "--follow", "--no-follow", "--wait-logs"),
        *("--no-wait-logs", "--runtime", "--journal", "--log-level", "--log-format"),
        *("--architecture", "--container-options", "--volume", "--secret", "--env-file", "--user"),
        *("--workdir", "--entry-point", "--task-role", "--provider", "--network", "--fusion", "--work-dir"),
        *("--no-fusion", "--start-timeout", "--queue-timeout", "--spot-attempts", "--host-attempts"),
        *("--exec", "--target", "--execution-role", "--profile", "--set"),
    ],
)
def test_submit_offers_what_it_promises(option: str) -> None:
    """Every option is there under its documented name."""
    shown = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, ["submit", "--help"])
    assert option in shown.output


@pytest.mark.parametrize("command", [[], ["submit"], ["local"], ["config"], ["config", "show"]])
def test_help_fits_a_terminal_of_80_columns(command: list[str]) -> None:
    """Nothing is cut off or hidden."""
    shown = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"}).invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert max(len(line) for line in shown.output.splitlines()) <= 80
    assert "…" not in shown.output


def test_help_says_what_the_exit_statuses_mean() -> None:
    """Scripts are written by it."""
    shown = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, ["submit", "--help"])
    assert all(status in shown.output for status in ("124", "125", "126", "127", "130", "141"))


def test_version_says_what_is_installed() -> None:
    """For bug reports."""
    shown = CliRunner().invoke(app, ["version"])
    assert shown.exit_code == 0
    assert shown.output.startswith("awsecs-async ")
