"""The TaskSpec that the options of a command line ask for, and the option that a refusal is about."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from awsecs_async.cli.request import UsageError
from awsecs_async.errors import InvalidTask
from awsecs_async.model.task import TaskSpec

if TYPE_CHECKING:
    from awsecs_async.cli.options import Needs, Place, Work

# The fields of a TaskSpec whose option has another name.
_OPTIONS: Final = {
    "command": "COMMAND",
    "environment": "--env",
    "environment_files": "--env-file",
    "secrets": "--secret",
    "tags": "--tag",
    "working_directory": "--workdir",
    "volumes": "--volume",
    "capacity_providers": "--provider",
    "execute_command": "--exec",
    "max_spot_attempts": "--spot-attempts",
    "max_host_attempts": "--host-attempts",
}


def spec_of(command: Sequence[str], work: Work, needs: Needs, place: Place) -> TaskSpec:
    """The task that is asked for.

    Raises:
        UsageError: naming the option that is not acceptable.
    """
    fields: dict[str, object] = {
        "command": text_of("COMMAND", command),
        "entry_point": _words("--entry-point", work.entry_point),
        "environment": environment_of(work.env or ()),
        "environment_files": work.env_file or (),
        "secrets": pairs_of("--secret", "ARN", work.secret or ()),
        "tags": pairs_of("--tag", "VALUE", work.tag or ()),
        "working_directory": _absolute("--workdir", work.workdir),
        "volumes": needs.volume or (),
        "capacity_providers": place.provider or (),
        "execute_command": place.exec,
        "max_spot_attempts": place.spot_attempts,
        "max_host_attempts": place.host_attempts,
    }
    for group, names in (
        (work, ("container", "user", "container_options", "timeout", "name")),
        (
            needs,
            ("cpus", "memory", "accelerator", "disk", "machine_type", "architecture", "fusion", "work_dir"),
        ),
        (place, ("target", "network", "task_role", "start_timeout", "queue_timeout")),
    ):
        fields |= {name: getattr(group, name) for name in names}
    try:
        return TaskSpec(**fields)  # type: ignore[arg-type] # __post_init__ checks what comes from outside
    except InvalidTask as error:
        raise UsageError(option_of(error.field), error.problem) from error


def option_of(field: str) -> str:
    """The option that sets a field of a TaskSpec."""
    return _OPTIONS.get(field, f"--{field.replace('_', '-')}")


def environment_of(given: Iterable[str]) -> dict[str, str]:
    """The variables of ``K=V`` and, from our own environment, of ``K``.

    Raises:
        UsageError: if a ``K`` is not set here.
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            if name not in os.environ:
                raise UsageError("--env", f"{name} is not set in this environment; write {name}=VALUE")
            value = os.environ[name]
        found[name] = value
    text_of("--env", [*found, *found.values()])
    return found


def pairs_of(option: str, value_word: str, given: Iterable[str]) -> dict[str, str]:
    """The pairs of ``K=V``.

    Raises:
        UsageError: if there is no ``=``.
    """
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals:
            raise UsageError(option, f"{name!r} has no value; write {name}={value_word}")
    return {name: value for name, _, value in pairs}


def text_of(option: str, words: Iterable[str]) -> tuple[str, ...]:
    """The words, if they are text: ECS takes its command as JSON.

    Raises:
        UsageError: naming the word that is not.
    """
    found = tuple(words)
    for word in found:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise UsageError(option, f"{word!r} is not UTF-8 text, and ECS takes nothing else") from None
    return found


def _words(option: str, text: str | None) -> list[str] | None:
    try:
        return None if text is None else shlex.split(text)
    except ValueError as error:
        raise UsageError(option, f"{text!r} cannot be read as a shell's words: {error}") from None


def _absolute(option: str, path: str | None) -> str | None:
    if path is not None and not path.startswith("/"):
        mend = "; --work-dir is the one on S3" if path.startswith("s3:") else ""
        raise UsageError(option, f"{path!r} is not an absolute path in the container{mend}")
    return path
