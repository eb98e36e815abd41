"""The settings file: which one is read, and what its tables say."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from awsecs_async.config.fields import OF_AWS, OF_SETTINGS, OF_TARGET, TABLES, of_table
from awsecs_async.config.names import camel, refuse_unknown, snake
from awsecs_async.config.sources import Layer, Said
from awsecs_async.errors import SettingsError

FILE_NAME: Final = "awsecs.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one file says.

    Args:
        top: Of ``[aws]``, ``[aws.ecs]`` and its tables, by flat name.

        targets: Of each ``[aws.ecs.targets.NAME]``, in order.
    """

    top: Layer = field(default_factory=dict)
    targets: Mapping[str, Layer] = field(default_factory=dict)


def looked_for() -> tuple[Path, ...]:
    """The files that are looked for when none is named; the first that is there is read."""
    return Path(FILE_NAME), user_file()


def find_file() -> Path | None:
    """The file that is read when none is named, or None."""
    return next((path for path in looked_for() if path.is_file()), None)


def user_file() -> Path:
    """Where the user's own settings belong on this system."""
    if sys.platform == "darwin":
        directory = Path.home() / "Library" / "Application Support"
    else:
        directory = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return directory / "awsecs" / FILE_NAME


def read_file(path: Path) -> Document:
    """What this file says.

    Raises:
        SettingsError: if it cannot be read, is not TOML, or has names that nobody knows.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    refuse_unknown(document, ["aws"], str(path))
    reader = _Reader(path)
    aws = reader.table(document, "aws")
    ecs = reader.table(aws, "aws.ecs")
    top = reader.values(aws, "aws", OF_AWS, beside={"ecs"})
    top |= reader.values(ecs, "aws.ecs", OF_TARGET | OF_SETTINGS, beside={*TABLES, "targets"})
    for table in TABLES:
        found = reader.table(ecs, f"aws.ecs.{table}")
        top |= reader.values(found, f"aws.ecs.{table}", of_table(table), prefix=f"{table}_")
    named = reader.table(ecs, "aws.ecs.targets")
    targets = {
        name: reader.values(
            reader.table(named, f"aws.ecs.targets.{name}", name), f"aws.ecs.targets.{name}", OF_TARGET
        )
        for name in named
    }
    return Document(top=top, targets=targets)


class _Reader:
    """Reads the tables of one file, naming it and them in what it refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def table(self, within: Mapping[str, Any], dotted: str, name: str | None = None) -> Mapping[str, Any]:
        """The table of that name; empty if there is none."""
        name = name or dotted.rpartition(".")[2]
        found = within.get(name, {})
        if dotted == "aws.ecs.fusion" and isinstance(found, bool):
            return {"enabled": found}
        if not isinstance(found, dict):
            raise SettingsError(
                f"{dotted} in {self._path} is no table; write [{dotted}] with the settings below it"
            )
        return found

    def values(
        self,
        table: Mapping[str, Any],
        dotted: str,
        known: frozenset[str],
        *,
        beside: set[str] | frozenset[str] = frozenset(),
        prefix: str = "",
    ) -> dict[str, Said]:
        """The settings of a table, by flat name; ``beside`` are names that it may have beside them."""
        where = f"[{dotted}] in {self._path}"
        refuse_unknown(table, known | beside, where)
        found: dict[str, Said] = {}
        for written, value in table.items():
            name = snake(written)
            if name in beside:
                continue
            if prefix + name in found:
                raise SettingsError(f"{where}: {camel(name)} is there twice, as {camel(name)} and as {name}")
            found[prefix + name] = Said(value=value, source=f"{dotted}.{camel(name)} in {self._path}")
        return found
