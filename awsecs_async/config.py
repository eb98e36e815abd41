"""Where settings come from: flags, the environment, a TOML file. What they mean is in ``model/settings``.

    [aws]
    region = "eu-central-1"

    [aws.ecs]
    cluster = "workflows"
    executionRole = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    quotas = { share = 0.5 }

The fields are taken from the settings' own dataclasses, and so are the defaults, so that nothing can be
set that is not there and nothing is there that cannot be set. Names may be written in camelCase or
snake_case; ``AWSECS_EXECUTION_ROLE`` and ``AWSECS_QUOTAS_SHARE`` set the same from the environment. Flags
go before the environment, and that before the file. A name that nobody knows is refused: a setting that
is silently ignored is found only when its effect is missed.

One file is read: the one that is named, else ``awsecs.toml`` here, else the one in the user's
configuration directory.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

from pydantic import BeforeValidator, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from awsecs_async.errors import InvalidTask, SettingsError
from awsecs_async.model import units
from awsecs_async.model.settings import Quotas, Settings, Target

FILE_NAME: Final = "awsecs.toml"
PREFIX: Final = "AWSECS_"

_NOT_SET: Final = frozenset(
    {"name", "runs_processes", "credentials", "tags"}
)  # of Target: the tables' and the local cloud's business
_COMPOSED: Final = frozenset({"targets", "quotas", "fusion"})  # of Settings: made from other fields
_QUOTA: Final = "quotas_"  # the fields of Quotas stand beside the others under this prefix
_SECONDS: Final = frozenset(
    {"poll_floor", "poll_ceiling", "missing_grace", "log_interval", "log_settle", "stop_grace"}
)
# Variables that tasks and the local cloud read; a command that runs inside a task sees them too.
_OTHER_VARIABLES: Final = ("AWSECS_ARRAY_", "AWSECS_LOCAL_", "AWSECS_SCRIPT")
_LIKELY_A_MISTAKE: Final = 0.8  # how alike an unknown variable must be to be taken for a mistyped one


def load(config_file: Path | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings in force.

    Args:
        config_file: Read instead of the files that would be looked for.

        overrides: What flags say, by snake_case name; None as a value means not said.

    Raises:
        SettingsError: if something is missing, unknown or not acceptable, saying where and how to mend it.
    """
    flags = {name: value for name, value in (overrides or {}).items() if value is not None}
    path = config_file or find_file()
    file = read_file(path) if path else {}
    _check_environment(os.environ)
    environment = _environment()
    layers = [
        ("the flag --{flag}", flags),
        (f"{PREFIX}{{variable}} in the environment", environment),
        (f"{{camel}} in {path}", file),
    ]
    try:
        found = _Options(**file | environment | flags).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise SettingsError(_told(error, layers)) from None
    return _compose(found)


def find_file() -> Path | None:
    """The file that is read when none is named, or None."""
    return next((path for path in (Path(FILE_NAME), user_file()) if path.is_file()), None)


def user_file() -> Path:
    """Where the user's own settings belong on this system."""
    if sys.platform == "darwin":
        directory = Path.home() / "Library" / "Application Support"
    else:
        directory = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return directory / "awsecs" / FILE_NAME


def read_file(path: Path) -> dict[str, Any]:
    """What ``[aws]`` and ``[aws.ecs]`` of this file say, by snake_case name.

    Raises:
        SettingsError: if it cannot be read, is not TOML, or has names that nobody knows.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    aws = _table(document, "aws", known=("aws",), where=str(path))
    ecs = _table(aws, "ecs", known=("region", "profile", "ecs"), where=f"[aws] in {path}")
    flat = {name for name in _FIELDS if not name.startswith(_QUOTA)}
    quotas = _table(ecs, "quotas", known={"quotas", *flat}, where=f"[aws.ecs] in {path}")
    _refuse_unknown(
        quotas, {name.removeprefix(_QUOTA) for name in _FIELDS - flat}, f"[aws.ecs.quotas] in {path}"
    )
    said = {name: value for name, value in (aws | ecs).items() if name not in {"ecs", "quotas"}}
    return said | {f"{_QUOTA}{name}": value for name, value in quotas.items()}


def snake(name: str) -> str:
    """``executionRole`` as ``execution_role``; what is snake_case already stays."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    """``execution_role`` as ``executionRole``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


# --- the fields ------------------------------------------------------------------------------------


def _words(value: object) -> object:
    """Lists may be one string in the environment: ``subnet-1, subnet-2``."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _seconds(value: object) -> object:
    """``"90s"`` and ``"1h"`` as well as a bare number, which may be 0."""
    if isinstance(value, str) and not re.fullmatch(r"\s*0*\.?0*\s*", value):
        return units.parse_duration(value)
    if isinstance(value, int | float) and value < 0:
        raise ValueError("it is a number of seconds, 0 or more")
    return value


def _cpus(value: Any) -> object:  # noqa: ANN401 (whatever a file may hold)
    return units.parse_cpus(value, field="defaultCpus") if isinstance(value, str | int | float) else value


def _memory(value: Any) -> object:  # noqa: ANN401
    return units.parse_memory(value, field="defaultMemory") if isinstance(value, str | int | float) else value


def _home(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, str) else value


_LENIENT: Final = {"default_cpus": _cpus, "default_memory": _memory, "journal": _home} | dict.fromkeys(
    _SECONDS, _seconds
)


def _annotated(
    kind: type[Target | Quotas | Settings], *, without: frozenset[str] = frozenset(), prefix: str = ""
) -> dict[str, Any]:
    """The dataclass's fields, none of them required, lenient where people write an amount or a list."""
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in without}
    found: dict[str, Any] = {}
    for name, hint in hints.items():
        lenient = _LENIENT.get(name, _words if "tuple" in str(hint) else None)
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
        """Only what ``load`` hands over: it has asked each source itself, to know who said what."""
        return (init_settings,)


_Options = create_model(
    "_Options",
    __base__=_Sourced,
    **_annotated(Target, without=_NOT_SET),
    **_annotated(Settings, without=_COMPOSED),
    **_annotated(Quotas, prefix=_QUOTA),
)
_FIELDS: Final = frozenset(_Options.model_fields)


def _compose(found: dict[str, Any]) -> Settings:
    of_target = {field.name for field in fields(Target)}
    of_quotas = {name for name in found if name.startswith(_QUOTA)}
    target = Target(**{"cluster": ""} | {name: found[name] for name in of_target & found.keys()})
    if not target.execution_role:
        raise SettingsError(
            "no execution role is set, with which ECS pulls images and writes logs: give "
            f'{PREFIX}EXECUTION_ROLE=ARN in the environment, or executionRole = "ARN" under [aws.ecs] in '
            f"{FILE_NAME} (or try --local, which needs none)"
        )
    quotas = Quotas(**{name.removeprefix(_QUOTA): found[name] for name in of_quotas})
    others = {name: found[name] for name in found.keys() - of_target - of_quotas}
    return Settings(targets=(target,), quotas=quotas, **others)


# --- the sources -----------------------------------------------------------------------------------


def _environment() -> dict[str, Any]:
    return {name: value for name, value in EnvSettingsSource(_Options)().items() if value != ""}


def _check_environment(variables: Iterable[str]) -> None:
    """Refuse what looks like a mistyped setting; other AWSECS_ variables are somebody else's."""
    known = [f"{PREFIX}{name.upper()}" for name in _FIELDS]
    for variable in variables:
        upper = variable.upper()
        if not upper.startswith(PREFIX) or upper in known or upper.startswith(_OTHER_VARIABLES):
            continue
        if near := difflib.get_close_matches(upper, known, 1, _LIKELY_A_MISTAKE):
            raise SettingsError(f"{variable} in the environment is no setting; did you mean {near[0]}?")


def _table(within: Mapping[str, Any], name: str, *, known: Iterable[str], where: str) -> dict[str, Any]:
    """The table of that name; ``within`` must hold nothing but what is known."""
    _refuse_unknown(within, known, where)
    table = within.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{name} in {where} is no table; write [aws.ecs] with the settings below it")
    return {snake(key): value for key, value in table.items()}


def _refuse_unknown(found: Iterable[str], known: Iterable[str], where: str) -> None:
    names = {name: camel(name) for name in known}
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            mend = (
                f"did you mean {names[near[0]]}?"
                if near
                else f"there are {', '.join(sorted(names.values()))}"
            )
            raise SettingsError(f"{where}: {camel(name)} is no setting; {mend}")


def _told(error: ValidationError, layers: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """What is wrong, one line for each setting, with the source that said it."""
    return "\n".join(
        f"{_source(str(e['loc'][0]), layers)}: {e['input']!r} is not acceptable: {_problem(e)}"
        for e in error.errors()
    )


def _problem(error: Any) -> str:  # noqa: ANN401 (pydantic's own dict)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidTask):
        return cause.problem
    return str(cause or error["msg"][:1].lower() + error["msg"][1:])


def _source(name: str, layers: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    dotted = f"quotas.{camel(name.removeprefix(_QUOTA))}" if name.startswith(_QUOTA) else camel(name)
    for text, layer in layers:
        if name in layer:
            return text.format(flag=name.replace("_", "-"), variable=name.upper(), camel=dotted)
    return dotted
