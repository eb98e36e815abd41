"""What RunTask has no room for, carried by an environment file on S3 instead.

ECS's agent fetches environment files with the execution role before it starts a container, so nothing is
asked of the image but, for a long command, a POSIX shell. Two steps, each only as far as it is needed:

1. Variables go into the file as they are, ``NAME=value``, a line each.
2. A command goes into variables of the file, from which a script makes it again: see ``model/bootstrap``.
   A variable that cannot stand in a line (a newline, an empty value) goes with it, by ``env``.

The script stands where the command stood, so an entry point of the image gets it as its arguments: right
for those that end in ``exec "$@"``, wrong for interpreters. An entry point that the task names itself is
known: it becomes part of what is carried, and the script takes its place in the definition.

Lines are kept plain, because their readers differ: agents before 2023 cut a value at its second ``=``, all
drop empty ones, and read lines of 64 KiB at most. Source: the agent's envfile.go; API_EnvironmentFile.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model.bootstrap import PART_CHARACTERS, SHELL, parts
from awsecs_async.model.checks import MAX_ENVIRONMENT_FILES
from awsecs_async.model.named import is_named
from awsecs_async.model.overrides import (
    ARRAY_INDEX,
    ARRAY_SIZE,
    OVERRIDES_TAKEN,
    environment_files,
    length,
    overrides_of,
    surely_fits,
)
from awsecs_async.model.s3 import S3Url, in_partition

if TYPE_CHECKING:
    from collections.abc import Collection

    from awsecs_async.model.overrides import Work
    from awsecs_async.model.task import TaskSpec

FILE_MAX_BYTES: Final = 512 * 1024
"""Of one environment file: a quarter of what Linux gives a process for its words and variables together."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN: Final = re.compile(r"[!-<>-~](?:[ -<>-~]*[!-<>-~])?")  # printable ASCII without =, no blank at an end
_OURS: Final = frozenset({ARRAY_INDEX, ARRAY_SIZE})  # stay: so the members of an array share one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Spilled:
    """A work's overrides as far as RunTask takes them, and what is on S3 instead.

    Args:
        spec: The spec that the task definition is to be made of.

        files: What has to be there before the request is sent.
    """

    overrides: dict[str, Any]
    spec: TaskSpec
    files: tuple[tuple[S3Url, bytes], ...]


def spill(work: Work, folder: str) -> Spilled | None:
    """What goes to S3 so that the rest of the work fits; None where nothing needs to.

    The same work has the same answer. The files go to ``folder`` below the target's ``work_bucket``.

    Raises:
        InvalidTask: if it does not fit even so, or there is no ``work_bucket``.
    """
    if surely_fits(work):
        return None
    overrides = overrides_of(work)
    long = length(overrides)
    if long <= OVERRIDES_TAKEN:
        return None
    if not work.target.work_bucket:
        raise InvalidTask(
            "command",
            f"command and environment come to {long} characters with ECS's own JSON, and RunTask has room "
            f"for {OVERRIDES_TAKEN}; S3 carries the rest where one is set: "
            'workBucket = "s3://bucket/prefix" under [aws.ecs]',
        )
    has_role = work.target.execution_role or work.target.runs_processes or is_named(work.spec.container)
    if not has_role:
        raise InvalidTask(
            "command",
            "what RunTask has no room for is fetched from S3 with the execution role: set executionRole",
        )
    return _Hold(work, overrides, S3Url.parse(work.target.work_bucket) / folder).emptied()


class _Hold:
    """Overrides that are too long, while they are emptied into files, the largest container's first.

    Its state is the overrides, the lines of each container's file, and whose entry point is carried too.
    """

    def __init__(self, work: Work, overrides: dict[str, Any], place: S3Url) -> None:
        self._spec = work.spec
        self._overrides = overrides
        self._place = place
        self._by_name = {container.name: container for container in work.spec.all_containers}
        self._lines: dict[str, list[str]] = {}
        self._target = work.target
        self._entered: set[str] = set()

    def emptied(self) -> Spilled:
        """What is left, once that fits."""
        largest = sorted(self._overrides["containerOverrides"], key=length, reverse=True)
        for step in (self._take_variables, self._take_command):
            for override in largest:
                step(override)
                if length(self._overrides) <= OVERRIDES_TAKEN:
                    return Spilled(
                        overrides=self._overrides,
                        spec=_entered_by_script(self._spec, self._entered),
                        files=tuple(self._file(name) for name in self._lines),
                    )
        raise InvalidTask(
            "command",
            f"command and environment are too long even with workBucket: {length(self._overrides)} "
            f"characters are left that only RunTask can carry, and it has room for {OVERRIDES_TAKEN}",
        )

    def _take_variables(self, override: dict[str, Any]) -> None:
        # Of two environment files that name one variable either may win: the user's own must not.
        if self._by_name[override["name"]].environment_files:
            return
        environment = override.get("environment", [])
        plain = [pair for pair in environment if _is_plain(pair) and pair["name"] not in _OURS]
        if plain:
            _keep(override, "environment", [pair for pair in environment if pair not in plain])
            self._write(override, [_line(pair) for pair in plain])

    def _take_command(self, override: dict[str, Any]) -> None:
        name = override["name"]
        entry_point = self._by_name[name].entry_point or ()
        words = [*entry_point, *override.get("command", ())]
        if not words:
            return
        environment = override.get("environment", [])
        if "=" not in words[0]:  # env would take it for one more variable
            carried = [_line(pair) for pair in environment if pair["name"] not in _OURS]
            words = ["env", "--", *carried, *words] if carried else words
            _keep(override, "environment", [pair for pair in environment if pair["name"] in _OURS])
        self._write(override, parts(words))
        if entry_point:
            self._entered.add(name)
        _keep(override, "command", [] if entry_point else list(SHELL))

    def _write(self, override: dict[str, Any], lines: list[str]) -> None:
        """More lines for the container's file, which is named by all that is in it."""
        name = override["name"]
        self._lines[name] = [*self._lines.get(name, ()), *lines]
        files = environment_files(self._by_name[name], self._target)
        if len(files) == MAX_ENVIRONMENT_FILES:
            raise InvalidTask(
                "environment_files",
                f"ECS takes {len(files)}, and what RunTask has no room for needs one: join two of them",
            )
        arn = in_partition(self._file(name)[0].arn, self._target.partition)
        override["environmentFiles"] = [*files, {"value": arn, "type": "s3"}]

    def _file(self, name: str) -> tuple[S3Url, bytes]:
        text = "".join(f"{line}\n" for line in self._lines[name]).encode()
        if len(text) > FILE_MAX_BYTES:
            raise InvalidTask(
                "command",
                f"command and environment come to {len(text):,} bytes on S3, and a container can be given "
                f"{FILE_MAX_BYTES:,}; put them into a file that the task fetches itself",
            )
        return self._place / f"{hashlib.sha256(text).hexdigest()}.env", text


def _is_plain(pair: dict[str, str]) -> bool:
    """Whether every reader of a line takes it as it is meant."""
    name, value = pair["name"], pair["value"]
    return bool(
        _NAME.fullmatch(name) and _PLAIN.fullmatch(value) and len(name) + len(value) < PART_CHARACTERS
    )


def _line(pair: dict[str, str]) -> str:
    return f"{pair['name']}={pair['value']}"


def _keep(override: dict[str, Any], field: str, value: list[Any]) -> None:
    if value:
        override[field] = value
    else:
        override.pop(field, None)


def _entered_by_script(spec: TaskSpec, names: Collection[str]) -> TaskSpec:
    """The spec with the script as the entry point of these containers."""
    if not names:
        return spec
    if not spec.containers:
        return replace(spec, entry_point=SHELL)
    return replace(
        spec, containers=[replace(c, entry_point=SHELL) if c.name in names else c for c in spec.containers]
    )
