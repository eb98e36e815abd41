"""A sheet as rows: every setting with its value and who said it, for a table or for a program.

Values are shown as people write them. Credentials are never shown, and neither is what stands before the
``@`` of a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from awsecs_async.config.chain import HIDDEN, found_by_botocore
from awsecs_async.config.fields import NAMES, OF_TARGET, default, dotted, split
from awsecs_async.config.sheet import Sheet
from awsecs_async.config.sources import DEFAULT, Layer, Said
from awsecs_async.model.units import format_duration, format_memory
from awsecs_async.model.volumes import Volume

REQUIRED: Final = ("cluster", "execution_role")
FIRST: Final = (*REQUIRED, "region", "profile", "credentials")  # are shown in any case, in this order

LICENSE: Final = "fusion_license"

_UNSET: Final = {
    "subnets": "(the default VPC's)",
    "security_groups": "(the default VPC's)",
    "capacity_providers": "(the cluster's default strategy)",
    "network_mode": "(by the kind of capacity)",
    "journal": "(in memory)",
    "dispatcher_id": "(made once, kept in the journal)",
    "start_timeout": "(no limit)",
    "queue_timeout": "(no limit)",
    "platform_version": "(the latest)",
    "work_bucket": "(none)",
    "tags": "(none)",
    "volumes": "(none)",
    "move_on": "(never)",
    "endpoint_url": "(AWS's)",
}
_SECONDS: Final = frozenset(
    {"poll_floor", "poll_ceiling", "missing_grace", "log_interval", "log_settle", "stop_grace"}
    | {"start_timeout", "queue_timeout", "finished_kept_seconds"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting.

    Args:
        name: As people write it: ``quotas.runTask``.

        value: As JSON has it; None where it is not set.

        text: As people write it.

        source: Who said it, or ``default``.

        is_missing: Whether it must be set and is not.
    """

    name: str
    value: object
    text: str
    source: str
    is_missing: bool = False

    @property
    def brief_source(self) -> str:
        """Without what stands beside it anyway: the setting's own name, and that of the file."""
        table = re.fullmatch(r"(aws\S*)\.\w+ in .+", self.source)
        if table is not None:
            return f"[{table[1]}]"
        return self.source.removesuffix(" in the environment").removeprefix("the flag ")

    @property
    def is_shown(self) -> bool:
        """Whether it is of interest where not all are asked for: somebody said it, or must."""
        return self.source != DEFAULT or self.name in {dotted(name) for name in FIRST}


def of_targets(sheet: Sheet) -> tuple[Mapping[str, list[Row]], list[str]]:
    """The rows of each target, by its name, and what botocore does not find for them."""
    found: dict[str, list[Row]] = {}
    problems: list[str] = []
    for name, layer in sheet.targets.items():
        chain, told = found_by_botocore(name, layer)
        problems += [problem for problem in told if problem not in problems]
        found[name] = _rows({**chain, **layer}, {*OF_TARGET, "credentials"})
    return found, problems


def of_others(sheet: Sheet) -> list[Row]:
    """The rows of what all targets have in common."""
    return _rows(sheet.others, NAMES - OF_TARGET)


def _rows(layer: Layer, names: Iterable[str]) -> list[Row]:
    first = {name: place for place, name in enumerate(FIRST)}
    ordered = sorted(names, key=lambda name: (first.get(name, len(first)), split(name)[0], dotted(name)))
    return [_row(name, layer.get(name)) for name in ordered]


def _row(name: str, said: Said | None) -> Row:
    value = default(name) if said is None else said.value
    if name == LICENSE and not str(value or "arn:").startswith("arn:"):
        value = HIDDEN  # no ARN, so it may be the licence itself
    row = Row(
        name=dotted(name), value=_plain(value), text=_text(name, value),
        source=DEFAULT if said is None else said.source,
    )  # fmt: skip
    if said is None and name in {*REQUIRED, "region"}:
        return replace(row, text="MISSING", source="must be set", is_missing=True)
    return row


def _plain(value: object) -> object:
    """As JSON has it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"//[^/@]*@", "//***@", value)
    return str(value) if isinstance(value, Path | Volume) else value


def _text(name: str, value: object) -> str:
    """As people write it."""
    if value is None or value == ():
        return "(as AWS documents it)" if name.startswith("quotas_") else _UNSET.get(name, "(not set)")
    match value:
        case bool():
            text = str(value).lower()
        case int() | float() if name in _SECONDS:
            text = format_duration(value)
        case int() if name == "default_memory":
            text = format_memory(value)
        case (rate, burst) if name.startswith("quotas_"):
            text = f"{rate:g} a second, burst {burst:g}"
        case tuple():
            text = ", ".join("=".join(each) if isinstance(each, tuple) else str(each) for each in value)
        case float():
            text = f"{value:g}"
        case _:
            text = str(_plain(value))
    return text
