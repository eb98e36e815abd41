"""The fields of the settings: their names, and how people may write their values.

Settings are known by one flat name: that of their dataclass's field, with the table in front where they
have a table of their own (``quotas_share``, ``fusion_enabled``). pydantic gives each value its type,
leniently where people write amounts and lists: ``"4 GB"``, ``"30m"``, ``"subnet-1, subnet-2"``. What a
value may be is not decided here but in ``model/bounds``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, get_type_hints

from pydantic import BeforeValidator, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from awsecs_async.config.names import camel, snake
from awsecs_async.model import checks, units
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.settings import Quotas, Settings, Target
from awsecs_async.model.volumes import Volume

PREFIX: Final = "AWSECS_"

_NOT_SET: Final = frozenset({"name", "runs_processes", "credentials"})  # of Target: not a file's business
_COMPOSED: Final = frozenset({"targets", "quotas", "fusion"})  # of Settings: made from other fields
_SECONDS: Final = (
    "poll_floor", "poll_ceiling", "missing_grace", "log_interval", "log_settle", "stop_grace",
    "start_timeout", "queue_timeout", "finished_kept_seconds",
)  # fmt: skip

TABLES: Final[Mapping[str, type[Quotas | Fusion]]] = MappingProxyType({"quotas": Quotas, "fusion": Fusion})
"""The tables within ``[aws.ecs]`` whose fields have the table's name in front."""


def _numbers(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("it is a number, not true or false")  # noqa: TRY004 (pydantic listens to it)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("it is a finite number")  # TOML has inf and nan
    return value


def _words(value: object) -> object:
    """Lists may be one string: ``subnet-1, subnet-2``."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _pairs(value: object) -> object:
    """Tags are a table, or one string: ``team=ngs, project=atlas``."""
    if isinstance(value, str):
        pairs = [word.partition("=") for word in value.split(",") if word.strip()]
        if without := [name for name, equals, _ in pairs if not equals]:
            raise ValueError(f"{without[0].strip()!r} has no value; write it as NAME=VALUE, NAME=VALUE")
        return [(name.strip(), text.strip()) for name, _, text in pairs]
    return list(value.items()) if isinstance(value, Mapping) else value


def _seconds(value: object) -> object:
    """``"90s"`` and ``"1h"`` as well as a bare number, which may be 0."""
    if isinstance(value, str) and not re.fullmatch(r"\s*-?\d*\.?\d*\s*", value):
        return units.parse_duration(value)
    return _numbers(value)


def _patience(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "none" else _seconds(value)


def _cpus(value: Any) -> object:  # noqa: ANN401 (whatever a file may hold)
    return units.parse_cpus(value) if isinstance(value, str | int | float) else value


def _memory(value: Any) -> object:  # noqa: ANN401
    return units.parse_memory(value) if isinstance(value, str | int | float) else value


def _architecture(value: object) -> object:
    return checks.architecture(value) if isinstance(value, str) else value


def _path(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, str) else value


def _volumes(value: object) -> object:
    return Volume.several(_words(value))


_LENIENT: Final = dict.fromkeys(_SECONDS, _seconds) | {
    "start_timeout": _patience,
    "queue_timeout": _patience,
    "default_cpus": _cpus,
    "default_memory": _memory,
    "journal": _path,
    "architecture": _architecture,
    "volumes": _volumes,
}


def _lenient(name: str, hint: str) -> Any:  # noqa: ANN401 (pydantic's validator functions)
    if name in _LENIENT:
        return _LENIENT[name]
    if "tuple" in hint:
        return _pairs if "tuple[tuple" in hint else _words
    return _numbers if hint in {"<class 'int'>", "<class 'float'>"} else None


def _annotated(kind: type, without: frozenset[str] = frozenset(), prefix: str = "") -> dict[str, Any]:
    """The dataclass's fields, none of them required."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        if name not in without:
            lenient = _lenient(name, str(hint))
            found[prefix + name] = (Annotated[hint, BeforeValidator(lenient)] if lenient else hint, None)
    return found


class _Sourced(BaseSettings):
    model_config = SettingsConfigDict(
        extra="forbid",
        env_prefix=PREFIX,
        enable_decoding=False,  # lists are words with commas between, not JSON
        validate_default=False,  # a field that is not set keeps its dataclass's default
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (pydantic-settings calls with all of these)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is handed: each source is asked apart, to know who said what."""
        return (init_settings,)


_of_target: Final = _annotated(Target, _NOT_SET)
_of_settings: Final = _annotated(Settings, _COMPOSED)

Options = create_model(
    "Options",
    __base__=_Sourced,
    **_of_target,
    **_of_settings,
    **_annotated(Quotas, prefix="quotas_"),
    **_annotated(Fusion, prefix="fusion_"),
)
NAMES: Final = frozenset(Options.model_fields)
"""Every setting, by its flat name."""

OF_TARGET: Final = frozenset(_of_target)
OF_SETTINGS: Final = frozenset(_of_settings)
OF_AWS: Final = frozenset(
    {"region", "profile", "endpoint_url"}
)  # may stand in [aws], where Nextflow has them


def of_table(table: str) -> frozenset[str]:
    """The names within one of ``TABLES``, without the table's own."""
    return frozenset(field.name for field in fields(TABLES[table]))


def split(name: str) -> tuple[str, str]:
    """A flat name as (table, field): ``("quotas", "share")``; ``("", "cluster")``."""
    for table in TABLES:
        if name.startswith(f"{table}_") and name not in OF_TARGET | OF_SETTINGS:
            return table, name.removeprefix(f"{table}_")
    return "", name


def dotted(name: str) -> str:
    """A flat name as people write it below ``aws.ecs``: ``quotas.runTask``."""
    table, field = split(name)
    return f"{table}.{camel(field)}" if table else camel(field)


def flat(name: str) -> str:
    """``quotas.runTask`` as ``quotas_run_task``; any spelling is understood."""
    return snake(name.removeprefix("aws.").removeprefix("ecs.").replace(".", "_").replace("-", "_"))


def default(name: str) -> object:
    """What holds where nobody says anything; None where it must be said."""
    table, field = split(name)
    kinds: tuple[type, ...] = (TABLES[table],) if table else (Target, Settings)
    found: dict[str, Field[Any]] = {each.name: each for kind in kinds for each in fields(kind)}
    value = found[field].default
    return None if value is MISSING else value
