"""What each source says, with its name: a layer of values that have not been judged yet.

Later layers go before earlier ones: file, environment, flags.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic_settings import EnvSettingsSource

from awsecs_async.config.fields import NAMES, PREFIX, Options, dotted, flat
from awsecs_async.config.names import refuse_unknown
from awsecs_async.errors import SettingsError

# Variables that tasks and the local cloud read; a command that runs inside a task sees them too.
_OTHER_VARIABLES: Final = ("AWSECS_ARRAY_", "AWSECS_LOCAL_", "AWSECS_SCRIPT")
_LIKELY_A_MISTAKE: Final = 0.8  # how alike an unknown variable must be to be taken for a mistyped one
_SHORT: Final = {"fusion": "fusion_enabled"}  # `fusion = true` is short for its table


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value, and who said it: ``the flag --region``, ``aws.ecs.cluster in awsecs.toml``, ``default``."""

    value: object
    source: str


Layer: TypeAlias = Mapping[str, Said]  # by flat name

DEFAULT: Final = "default"


def flags(overrides: Mapping[str, object]) -> dict[str, Said]:
    """What flags say; those that were not given are None.

    Raises:
        SettingsError: for a name that nobody knows.
    """
    found = {}
    for name, value in overrides.items():
        if value is None:
            continue
        written = f"--{name.replace('_', '-')}"
        setting = _SHORT.get(flat(name), flat(name))
        refuse_unknown([setting], NAMES, f"the flag {written}")
        found[setting] = Said(value=value, source=f"the flag {written}")
    return found


def assigned(texts: Iterable[str]) -> dict[str, Said]:
    """What ``--set NAME=VALUE`` says, any number of times, for any setting.

    Raises:
        SettingsError: for a name that nobody knows, or no value.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set {text} has no value; write --set NAME=VALUE")
        setting = _SHORT.get(flat(name), flat(name))
        if setting not in NAMES:
            near = difflib.get_close_matches(setting, NAMES, 1)
            mend = f"did you mean {dotted(near[0])}?" if near else "`config show --all` lists them"
            raise SettingsError(f"--set {name}: there is no such setting; {mend}")
        found[setting] = Said(value=value, source=f"the flag --set {dotted(setting)}")
    return found


def environment() -> dict[str, Said]:
    """What AWSECS_ variables say; empty ones say nothing.

    Raises:
        SettingsError: for one that looks like a mistyped setting; others are somebody else's.
    """
    _check(os.environ)
    found = dict(EnvSettingsSource(Options)())
    for short, name in _SHORT.items():
        found[name] = found.get(name) or os.environ.get(f"{PREFIX}{short.upper()}", "")
    return {
        name: Said(value=value, source=f"{PREFIX}{name.upper()} in the environment")
        for name, value in found.items()
        if value != ""
    }


def _check(variables: Iterable[str]) -> None:
    known = [f"{PREFIX}{name.upper()}" for name in (*NAMES, *_SHORT)]
    for variable in variables:
        upper = variable.upper()
        if upper.startswith(f"{PREFIX}TARGETS_"):
            raise SettingsError(
                f"{variable} in the environment is no setting: targets are described in a file, under "
                "[aws.ecs.targets.NAME]; a variable such as AWSECS_REGION is for all that say nothing of it"
            )
        if not upper.startswith(PREFIX) or upper in known or upper.startswith(_OTHER_VARIABLES):
            continue
        if near := difflib.get_close_matches(upper, known, 1, _LIKELY_A_MISTAKE):
            raise SettingsError(f"{variable} in the environment is no setting; did you mean {near[0]}?")
