"""``config``: which settings are in force, who said each, and which file is read.

On a terminal it is a table; elsewhere plain lines, one for each setting, so that ``grep`` finds what it looks
for. What is wrong or missing goes to standard error with its mend, and makes the exit status 1.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from awsecs_async.cli import options
from awsecs_async.cli.grouped import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from awsecs_async.config.rows import Row
    from awsecs_async.config.sheet import Sheet

config: Final = typer.Typer(
    help="Which settings are in force, and where they come from.", no_args_is_help=True
)

All = Annotated[bool, typer.Option("--all", help="The defaults too.")]
AsJson = Annotated[bool, typer.Option("--json", help="As one JSON object.")]
TargetName = Annotated[str | None, typer.Option("--target", metavar="NAME", help="This target alone.")]

Sections = list[tuple[str, "Sequence[Row]"]]


@config.command()
@grouped
def show(
    *, said: options.Said, target: TargetName = None, every: All = False, as_json: AsJson = False
) -> None:
    """Say which settings are in force, and who said each. Exits 1 if any is missing or wrong."""
    from awsecs_async.config import read, rows
    from awsecs_async.errors import SettingsError

    try:
        sheet = read(said.config, said.overrides, assignments=said.set or (), target=target)
        _check_target(sheet, target)
    except SettingsError as error:
        _end([str(error)], as_json=as_json)
        raise typer.Exit(1) from error
    targets, missing = rows.of_targets(sheet)
    problems = [*sheet.problems, *missing]
    if target is not None:
        targets = {target: targets[target]}
    if as_json:
        print(json.dumps(_document(sheet, targets, rows.of_others(sheet), problems), indent=2))
    else:
        _print(sheet, _sections(sheet, targets, rows.of_others(sheet)), every=every)
        _end(problems, as_json=False)
    if problems:
        raise typer.Exit(1)


@config.command()
def path(file: options.Config = None) -> None:
    """Say which file is read, and which were looked for."""
    from awsecs_async.config import find_file, looked_for

    found = file or find_file()
    if found is not None:
        print(found)
    for each in looked_for():
        if each != found:
            sys.stderr.write(f"awsecs: {each} {_why_not(each, found)}\n")


def _why_not(path: Path, found: Path | None) -> str:
    if not path.is_file():
        return "is not there"
    return f"is not read, since {found} is"


def _check_target(sheet: Sheet, target: str | None) -> None:
    from awsecs_async.errors import SettingsError

    if target is not None and target not in sheet.targets:
        raise SettingsError(f"there is no target {target!r}; the settings name {', '.join(sheet.targets)}")


def _sections(sheet: Sheet, targets: Mapping[str, Sequence[Row]], others: Sequence[Row]) -> Sections:
    first = next(iter(sheet.targets))
    note = {first: " (where a task names none)"} if len(sheet.targets) > 1 else {}
    sections: Sections = [(f"Target {name}{note.get(name, '')}", rows) for name, rows in targets.items()]
    return [*sections, ("Dispatcher", others)]


def _document(
    sheet: Sheet, targets: Mapping[str, Iterable[Row]], others: Iterable[Row], problems: Sequence[str]
) -> dict[str, Any]:
    return {
        "file": None if sheet.file is None else str(sheet.file),
        "looked_for": [str(path) for path in sheet.looked_for],
        "targets": {name: _as_json(rows) for name, rows in targets.items()},
        "settings": _as_json(others),
        "problems": list(problems),
    }


def _as_json(rows: Iterable[Row]) -> dict[str, Any]:
    return {row.name: {"value": row.value, "from": row.source} for row in rows}


def _print(sheet: Sheet, sections: Sections, *, every: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    print(_read_from(sheet))
    for title, rows in sections:
        shown = [row for row in rows if every or row.is_shown]
        print(f"\n{title}")
        if not shown:
            print("  all as by default")
        elif console.is_terminal:
            _print_table(console, shown)
        else:
            _print_lines(shown)
    if left := sum(not (every or row.is_shown) for _, rows in sections for row in rows):
        print(f"\n{left} more are as by default; --all shows them.")


def _read_from(sheet: Sheet) -> str:
    if sheet.file is not None:
        return f"Settings file: {sheet.file}"
    return "\n".join(["Settings file: none. Looked for:", *(f"  {path}" for path in sheet.looked_for)])


def _print_table(console: Console, rows: Sequence[Row]) -> None:
    from rich.padding import Padding
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Setting", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("From", overflow="fold", style="dim")
    for row in rows:
        table.add_row(row.name, row.text, row.brief_source, style="red" if row.is_missing else None)
    console.print(Padding(table, (0, 0, 0, 2)))


def _print_lines(rows: Sequence[Row]) -> None:
    names = max(len(row.name) for row in rows)
    values = max(len(row.text) for row in rows)
    for row in rows:
        print(f"  {row.name:{names}}  {row.text:{values}}  {row.brief_source}")


def _end(problems: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"problems": list(problems)}, indent=2))
        return
    for problem in problems:
        sys.stderr.write(f"awsecs: {problem}\n")
