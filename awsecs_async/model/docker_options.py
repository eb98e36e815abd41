"""Nextflow's ``containerOptions``: options of ``docker run``, as its awsbatch executor reads them, and more.

An option that ECS cannot have, or that is a field of the task, is refused with the place where it belongs;
one that nobody knows, with the nearest that there is. Nothing is dropped in silence: a task that runs without
what it was given would be a riddle.
"""

from __future__ import annotations

import argparse
import shlex
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from awsecs_async.errors import InvalidTask
from awsecs_async.model import units
from awsecs_async.model.linux import docker_mebibytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELD: Final = "container_options"

_FLAGS: Final = ("--privileged", "--init", "--read-only")
_LISTS: Final = MappingProxyType(
    {
        "--ulimit": "ulimits", "--device": "devices", "--tmpfs": "tmpfs", "--cap-add": "add_capabilities",
        "--cap-drop": "drop_capabilities", "--env": "environment", "--volume": "volumes",
    }
)  # fmt: skip
_VALUES: Final = MappingProxyType(
    {
        "--shm-size": "shared_memory", "--memory-swap": "memory_swap", "--memory-swappiness": "swappiness",
        "--user": "user", "--workdir": "working_directory",
    }
)  # fmt: skip
_SHORT: Final = MappingProxyType({"--env": "-e", "--volume": "-v", "--user": "-u", "--workdir": "-w"})

_NEVER: Final = "no such option is carried out here; leave it out"
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--cpus": "say it in the field cpus",
        "-c": "say it in the field cpus",
        "--cpu-shares": "say it in the field cpus",
        "--memory": "say it in the field memory",
        "-m": "say it in the field memory",
        "--memory-reservation": "say it in the field memory",
        "--gpus": "say it in the field accelerator",
        "--network": "say it in the field network, or in the setting networkMode",
        "--net": "say it in the field network, or in the setting networkMode",
        "--platform": "say it in the field architecture",
        "--entrypoint": "say it in the field entry_point",
        "--env-file": "ECS reads such files from S3: say it in the field environment_files",
        "--name": "say it in the field name",
        "--label": "say it in the field tags",
        "-l": "say it in the field tags",
        "--stop-timeout": "say it in the field stop_timeout",
        "--mount": "write it as -v /host:/path, or say it in the field volumes",
        "--log-driver": "output goes to CloudWatch Logs: see the settings logsGroup and logMode",
        "--log-opt": "output goes to CloudWatch Logs: see the settings logsGroup and logMode",
        "--health-cmd": "say it in the field health_check of a container in containers",
        "--hostname": "ECS names hosts itself, in awsvpc and host networks; leave it out",
        "-h": "ECS names hosts itself, in awsvpc and host networks; leave it out",
        "--dns": "in awsvpc and host networks the VPC's own name servers answer; leave it out",
        "--link": "containers of one task share their network; leave it out",
        "--publish": "nothing needs to reach a task from outside; leave it out",
        "-p": "nothing needs to reach a task from outside; leave it out",
        "--rm": "ECS removes containers itself; leave it out",
        "--restart": "the dispatcher decides what runs again; leave it out",
        "--detach": "tasks always run by themselves; leave it out",
        "-d": "tasks always run by themselves; leave it out",
        "--interactive": "nobody sits before a task; leave it out",
        "-i": "nobody sits before a task; leave it out",
        "--tty": "nobody sits before a task; leave it out",
        "-t": "nobody sits before a task; leave it out",
        "-it": "nobody sits before a task; leave it out",
        "--security-opt": _NEVER,
        "--ipc": _NEVER,
        "--pid": _NEVER,
        "--cpuset-cpus": _NEVER,
        "--group-add": _NEVER,
        "--runtime": _NEVER,
        "--add-host": _NEVER,
        "--sysctl": _NEVER,
        "--cgroup-parent": _NEVER,
        "--oom-kill-disable": _NEVER,
        "--oom-score-adj": _NEVER,
        "--pids-limit": _NEVER,
        "--userns": _NEVER,
    }
)


def parse(text: str) -> dict[str, Any]:
    """The fields of ``ContainerOptions`` that the options of ``text`` set.

    Raises:
        InvalidTask: for what cannot be asked of ECS so.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidTask(_FIELD, f"{text!r} cannot be split into words: {error}") from None
    found, rest = _parser().parse_known_args(words)
    if rest:
        _refuse(rest[0])
    options = {name: value for name, value in vars(found).items() if value is not None}
    for name in ("shared_memory", "memory_swap"):
        if name in options:
            options[name] = _amount(name, options[name])
    if "swappiness" in options:
        options["swappiness"] = _number(options["swappiness"])
    if "environment" in options:
        options["environment"] = _variables(options["environment"])
    return options


class _Options(argparse.ArgumentParser):
    """Reads words into options; what it cannot read is InvalidTask, and it never ends the process."""

    def error(self, message: str) -> NoReturn:
        raise InvalidTask(_FIELD, message.removeprefix("argument "))


@cache
def _parser() -> argparse.ArgumentParser:
    parser = _Options(prog="", add_help=False, allow_abbrev=False, argument_default=None)
    for option in _FLAGS:
        parser.add_argument(option, nargs="?", const=True, type=_boolean)
    for option, field in _LISTS.items():
        parser.add_argument(*_names(option), dest=field, action="append")
    for option, field in _VALUES.items():
        parser.add_argument(*_names(option), dest=field)
    return parser


def _names(option: str) -> tuple[str, ...]:
    return (_SHORT[option], option) if option in _SHORT else (option,)


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise argparse.ArgumentTypeError(f"{text!r} is not true or false")
    return text.lower() == "true"


def _amount(name: str, text: str) -> int:
    if name == "shared_memory" and text.isdecimal():
        text += "b"  # as docker and awsbatch read it; memory_swap is MiB there
    if text == "0":
        return 0
    return units.parse_memory(docker_mebibytes(_FIELD, text), field=_FIELD)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:  # noqa: PLR2004 (100 has three)
        raise InvalidTask(_FIELD, f"--memory-swappiness: {text!r} is not a number from 0 to 100")
    return int(text)


def _variables(texts: list[str]) -> tuple[tuple[str, str], ...]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidTask(_FIELD, f"--env {name}: write {name}=VALUE; a task has none of your variables")
        found[name] = value  # the last one counts, as with docker run
    return tuple(found.items())


def _refuse(word: str) -> NoReturn:
    option = word.partition("=")[0]
    if not option.startswith("-"):
        raise InvalidTask(_FIELD, f"{word!r} belongs to no option")
    if option in _ELSEWHERE:
        raise InvalidTask(_FIELD, f"{option}: {_ELSEWHERE[option]}")
    known = [*_FLAGS, *_LISTS, *_VALUES, *_SHORT.values()]
    close = get_close_matches(option, [*known, *_ELSEWHERE], n=1)
    nearest = f"the nearest is {close[0]}" if close else f"there are {', '.join(sorted(known))}"
    raise InvalidTask(_FIELD, f"{option} is no option that is known here; {nearest}")
