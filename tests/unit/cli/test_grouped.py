"""Groups of options, as typer sees them and as a command takes them."""

import inspect
from dataclasses import dataclass
from typing import Annotated

from typer import Option, Typer
from typer.testing import CliRunner

from awsecs_async.cli.grouped import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A group."""

    width: Annotated[int, Option(help="Wide.")] = 1
    name: Annotated[str | None, Option()] = None


@grouped
def draw(first: int = 5, *, size: Size, fast: bool = False) -> None:
    """Draw it."""
    print(first, size, fast)


def test_typer_sees_the_fields() -> None:
    """In the group's place, with their own annotations and defaults."""
    assert list(inspect.signature(draw).parameters) == ["first", "width", "name", "fast"]
    assert draw.__doc__ == "Draw it."


def test_the_command_gets_the_group() -> None:
    """As a value, with what was given and the defaults of what was not."""
    app = Typer()
    app.command()(draw)
    shown = CliRunner().invoke(app, ["--width", "3", "--fast"])
    assert shown.output == "5 Size(width=3, name=None) True\n"
