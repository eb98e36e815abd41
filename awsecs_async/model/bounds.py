"""What the settings may be, field by field: each check takes a value and returns the one to keep.

The dataclasses of ``model/settings`` hold themselves to these tables when they are made, so that a program
that builds its own settings is told as much as the reader of a file. A check knows the form that AWS
documents, not what is there: whether a subnet exists is for the start to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

from awsecs_async.errors import InvalidTask, SettingsError
from awsecs_async.model import checks, units
from awsecs_async.model.network import NetworkMode
from awsecs_async.model.quotas import (
    RUN_TASK_MAX_COUNT,
    SECURITY_GROUPS_MAX,
    STARTED_BY_MAX_CHARACTERS,
    STRATEGY_ITEMS_MAX,
    SUBNETS_MAX,
)
from awsecs_async.model.volumes import Volume

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

LogMode = Literal["non-blocking", "blocking"]
MoveOn = Literal["capacity", "spot", "start"]
Check = Callable[[Any], object]
Bounds = Mapping[str, Check]

_MOST: Final = 1e12  # seconds or things; nobody means more, and JSON and SQLite hold it

ROLE_FORM: Final = "arn:aws:iam::123456789012:role/NAME"


def hold(value: DataclassInstance, bounds: Bounds) -> None:
    """Keep a dataclass, as it is made, to its bounds. None is for fields that are None by default.

    Raises:
        SettingsError: naming the field in ``setting``.
    """
    optional = {field.name for field in fields(value) if field.default is None}
    for name, check in bounds.items():
        said = getattr(value, name)
        if said is None and name in optional:
            continue
        try:
            kept = check(said)
        except InvalidTask as error:
            raise SettingsError(error.problem, setting=name) from None
        except ValueError as error:
            raise SettingsError(str(error), setting=name) from None
        if kept is not said:
            object.__setattr__(value, name, kept)


def several(value: Iterable[T], kind: type[T], *, setting: str) -> tuple[T, ...]:
    """The values, in order, if all are of this kind.

    Raises:
        SettingsError: if one is none.
    """
    if not isinstance(value, Iterable):
        raise SettingsError(f"{value!r} is not a list", setting=setting)
    found = tuple(value)
    for each in found:
        if not isinstance(each, kind):
            raise SettingsError(f"{each!r} is no {kind.__name__}", setting=setting)
    return found


def _form(pattern: str, what: str) -> Check:
    """A text of this form; ``what`` ends the sentence "VALUE is not"."""
    compiled = re.compile(pattern)

    def check(value: object) -> object:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        return value

    return check


def _hidden(check: Check, problem: str) -> Check:
    """The same check, of what may be a secret: refused in these words, which do not repeat it."""

    def without_it(value: object) -> object:
        try:
            return check(value)
        except ValueError:
            raise ValueError(problem) from None

    return without_it


def _one_of(words: object) -> Check:
    known = get_args(words)

    def check(value: object) -> object:
        if value not in known:
            raise ValueError(f"{value!r} is not one of {', '.join(known)}")
        return value

    return check


def _names(each: Check, *, most: int) -> Check:
    def check(value: object) -> object:
        found = checks.texts("", value) if value else ()
        for name in found:
            each(name)
        if len(found) > most:
            raise ValueError(f"{len(found)} of them; AWS allows {most}")
        if doubled := [name for name in found if found.count(name) > 1]:
            raise ValueError(f"{doubled[0]!r} is there twice")
        return found

    return check


def _number(least: float, most: float = _MOST, *, of: str = "", above: bool = False) -> Check:
    """A number from ``least`` (or, if ``above``, over it) to ``most``; ``of`` says what is counted."""
    bounds = f"over {least:g}" if above else f"{least:g} or more"
    if most < _MOST:
        bounds = f"over {least:g} and up to {most:g}" if above else f"{least:g} to {most:g}"

    def check(value: Any) -> object:  # noqa: ANN401 (whatever a program may hand over)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not (value > least if above else value >= least) or value > most:
            raise ValueError(f"{value!r} is not a number{of}, {bounds}")
        return value

    return check


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is not one of true and false")  # noqa: TRY004 (as all checks)
    return value


def _path(value: object) -> object:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError(f"{value!r} is not the path of a file")
    return Path(value)


def _rate(value: object) -> object:
    """(calls a second, burst); ``float('inf')`` lifts a limit."""
    if not isinstance(value, tuple | list) or len(value) != 2:  # noqa: PLR2004 (a pair)
        raise ValueError(f"{value!r} is not a pair: calls a second, burst")
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            raise ValueError(f"{value!r}: both, calls a second and burst, are numbers over 0")
    return tuple(value)


def _volumes(value: object) -> object:
    """As a task has them; one text may hold several with commas between."""
    found = Volume.several(checks.texts("", value) if value and isinstance(value, str) else value)
    places = [volume.mount_path.rstrip("/") for volume in found]
    if doubled := [place for place in places if places.count(place) > 1]:
        raise ValueError(f"{doubled[0]!r} is there twice; mount one volume on a path")
    return found


def _move_on(value: object) -> object:
    found = checks.texts("", value) if value else ()
    for word in found:
        _one_of(MoveOn)(word)
    return found


_SECONDS: Final = _number(0, of=" of seconds")
_SECONDS_ABOVE: Final = _number(0, of=" of seconds", above=True)
_COUNT: Final = _number(1)
_ATTEMPTS: Final = _number(0, of=" of attempts")
_SHARE: Final = _number(0, 1, above=True)
_URL: Final = _form(r"https?://[^\s/]+\S*", "a URL such as http://127.0.0.1:4566")
_ROLE: Final = _form(r"arn:aws[\w-]*:iam::\d+:role/[\w+=,.@/-]+", f"the ARN of an IAM role: {ROLE_FORM}")
_SECRET: Final = _hidden(
    _form(r"arn:aws[\w-]*:(secretsmanager|ssm):[\w-]+:\d+:(secret:|parameter/).+", ""),
    "'(hidden)' is not the ARN of a Secrets Manager secret or an SSM parameter; the value itself does not "
    "belong here",
)
_TEXT: Final = _form(r"[^\x00]*", "a text")
_PROVIDER: Final = _form(r"[\w-]{1,255}", "the name of a capacity provider")

TARGET: Final[Bounds] = MappingProxyType(
    {
        "name": _form(r"[\w.-]{1,128}", "a target's name: up to 128 letters, digits, dots and hyphens"),
        "cluster": _form(
            r"[\w-]{1,255}|arn:aws[\w-]*:ecs:[\w-]+:\d+:cluster/[\w-]{1,255}",
            "the name of an ECS cluster, or its ARN",
        ),
        "region": _form(r"[a-z0-9-]+", "the name of a region such as eu-central-1"),
        "profile": _form(r".+", "the name of a profile of ~/.aws/config"),
        "endpoint_url": _URL,
        "execution_role": _ROLE,
        "task_role": _ROLE,
        "infrastructure_role": _ROLE,
        "capacity_providers": _names(_PROVIDER, most=STRATEGY_ITEMS_MAX),
        "network_mode": _one_of(NetworkMode),
        "subnets": _names(_form(r"subnet-[\w-]+", "a subnet's id: subnet-..."), most=SUBNETS_MAX),
        "security_groups": _names(
            _form(r"sg-[\w-]+", "a security group's id: sg-..."), most=SECURITY_GROUPS_MAX
        ),
        "volumes": _volumes,
        # AWS: API_CreateLogGroup, logGroupName
        "logs_group": _form(
            r"[\w./#-]{1,512}", "the name of a log group: letters, digits and ./_-# (no ARN)"
        ),
        "log_stream_prefix": _form(r"[^:*\s]{1,256}", "a prefix of log streams: no spaces, colons, stars"),
        "log_mode": _one_of(LogMode),
        "log_max_buffer": _form(r"[1-9]\d*[bkmg]?", "a size such as 25m"),
        "architecture": checks.architecture,
        "platform_version": _form(r"LATEST|\d+\.\d+\.\d+", "a version of Fargate's platform such as 1.4.0"),
        "tags": checks.tags,
        "work_bucket": lambda value: checks.s3_url("", value),
    }
    | dict.fromkeys(
        ("assign_public_ip", "logs_group_is_ours", "ecs_managed_tags", "check_at_start", "runs_processes"),
        _flag,
    )
)

RATES: Final = (
    "run_task", "read", "register", "definition_read", "fargate_calls", "fargate_launches",
    "fargate_spot_launches", "network_interfaces", "filter_logs",
)  # fmt: skip
QUOTAS: Final[Bounds] = MappingProxyType(
    {"share": _SHARE, "poll_share": _SHARE} | dict.fromkeys(RATES, _rate),
)

FUSION: Final[Bounds] = MappingProxyType(
    {
        "enabled": _flag,
        "privileged": _flag,
        "license": _SECRET,
        "server_side_encryption": _form(r"AES256|aws:kms(:dsse)?", "one of AES256, aws:kms, aws:kms:dsse"),
        "s3_endpoint": _URL,
    }
    | dict.fromkeys(("tags", "log_level", "log_output", "cache_size", "kms_key"), _TEXT)
)

SETTINGS: Final[Bounds] = MappingProxyType(
    {
        # AWS: API_RunTask, startedBy
        "dispatcher_id": _form(
            rf"[\w/-]{{1,{STARTED_BY_MAX_CHARACTERS}}}", "1 to 128 letters, digits, '-', '_' and '/'"
        ),
        "journal": _path,
        "queue_limit": _COUNT,
        "launches_in_flight": _COUNT,
        "max_copies_per_launch": _number(1, RUN_TASK_MAX_COUNT, of=" of tasks in one RunTask call"),
        "default_cpus": lambda value: units.parse_cpus(value, field=""),
        "default_memory": lambda value: units.parse_memory(value, field=""),
        "poll_floor": _SECONDS_ABOVE,
        "poll_ceiling": _SECONDS_ABOVE,
        "missing_grace": _SECONDS,
        "max_spot_attempts": _ATTEMPTS,
        "max_host_attempts": _ATTEMPTS,
        "move_on": _move_on,
        "start_timeout": _SECONDS_ABOVE,
        "queue_timeout": _SECONDS_ABOVE,
        "unknown_goes_round": _flag,
        "log_interval": _SECONDS_ABOVE,
        "log_settle": _SECONDS,
        "log_buffer_lines": _COUNT,
        "stop_grace": _SECONDS_ABOVE,
        "finished_kept": _COUNT,
        "finished_kept_seconds": _SECONDS,
    }
)
