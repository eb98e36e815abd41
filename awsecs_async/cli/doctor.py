"""``doctor``: will it work with these settings? A table of checks; on demand the least IAM policy for them.

Exit status 0 if nothing failed, 1 if something did. What could not be asked is a warning.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from awsecs_async.cli import options
from awsecs_async.cli.grouped import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from awsecs_async.doctor import Check
    from awsecs_async.model.settings import Settings

POLICY_HELP: Final = "Print only the least IAM policy that the dispatcher needs."
_STYLES: Final = {"ok": "green", "warning": "yellow", "failed": "red"}

PolicyOnly = Annotated[bool, typer.Option("--policy", help=POLICY_HELP)]
TargetName = Annotated[str | None, typer.Option("--target", metavar="NAME", help="This target alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Checks and policy as one JSON object.")]


@grouped
def doctor(
    *,
    said: options.Said,
    target: TargetName = None,
    as_json: AsJson = False,
    policy: PolicyOnly = False,
) -> None:
    """Check the account, cluster, network, roles and logs that the settings name; say what to mend.

    --policy prints the least IAM policy for these settings. Exits 1 if a check failed.
    """
    from awsecs_async.config import load
    from awsecs_async.errors import SettingsError
    from awsecs_async.model.policy import least_policy

    try:
        settings = load(said.config, said.overrides, assignments=said.set or (), target=target)
        if target is not None:
            settings = replace(settings, targets=(settings.target(target),))
    except SettingsError as error:
        _refuse(str(error), as_json=as_json)
        raise typer.Exit(1) from error
    document = least_policy(settings, doctor=True)
    if policy:
        print(json.dumps(document, indent=2))
        return
    checks = asyncio.run(_examine(settings))
    if as_json:
        print(json.dumps({"checks": [_told(check) for check in checks], "policy": document}, indent=2))
    else:
        _show(checks, document)
    if any(check.verdict.value == "failed" for check in checks):
        raise typer.Exit(1)


async def _examine(settings: Settings) -> list[Check]:
    from awsecs_async.doctor import examine

    return await examine(settings)


def _refuse(why: str, *, as_json: bool) -> None:
    if as_json:
        check = {"target": "", "name": "settings", "verdict": "failed", "found": why, "mend": ""}
        print(json.dumps({"checks": [check]}, indent=2))
    else:
        for line in why.splitlines():
            typer.echo(f"awsecs: {line}", err=True)


def _told(check: Check) -> dict[str, Any]:
    return {
        "target": check.target,
        "name": check.name,
        "verdict": check.verdict.value,
        "found": check.found,
        "mend": check.mend,
    }


def _show(checks: Sequence[Check], policy: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print("The least IAM policy for these settings (--policy prints it alone):", style="bold")
    console.print(_compact(policy), soft_wrap=True, style="dim")
    console.print()
    console.print(_table(checks))
    tally = Counter(check.verdict.value for check in checks)
    counts = {"failed": tally["failed"], "to look at": tally["warning"]}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    console.print(said or "all is well", style="bold" if said else "bold green")


def _compact(policy: dict[str, Any]) -> str:
    """The policy with a statement on each line: what is wrong is to be seen below it without scrolling."""
    statements = ",\n".join(f"  {json.dumps(each)}" for each in policy["Statement"])
    return f'{{"Version": "{policy["Version"]}", "Statement": [\n{statements}\n]}}'


def _table(checks: Sequence[Check]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    several = len({check.target for check in checks if check.target}) > 1
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("", *(("Target",) if several else ()), "Check"):
        table.add_column(name, no_wrap=True)
    table.add_column("Found, and what to do about it", overflow="fold")
    for check in checks:
        word = check.verdict.value
        said = Text(check.found)
        if check.mend:
            said.append(f"\n-> {check.mend}", style="bold")
        target = (check.target,) if several else ()
        table.add_row(Text(word, style=_STYLES[word]), *target, check.name, said)
    return table
