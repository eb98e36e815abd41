"""What a ``submit`` command line asks for, checked, as a value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from awsecs_async.model.task import TaskSpec


class UsageError(ValueError):
    """The command line is wrong; ``option`` is where, the message is the mend."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: {problem}")
        self.option = option
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One run.

    Args:
        array: So many tasks that differ in AWSECS_ARRAY_INDEX; None for none.
        copies: So many equal tasks; None for none. Never both.
        runtime: What carries containers out on the local cloud; None for containers.
        overrides: The settings that were given as flags.
    """

    spec: TaskSpec
    array: int | None = None
    copies: int | None = None
    key: str | None = None
    follow: bool = True
    wait_logs: bool = True
    json: bool = False
    quiet: bool = False
    local: bool = False
    runtime: str | None = None
    config: Path | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)


def check(request: Request) -> None:
    """Refuse options that contradict each other, or mean nothing here.

    Raises:
        UsageError: naming the option.
    """
    if request.array is not None and request.copies is not None:
        raise UsageError("--copies", "an --array is several tasks already; give one of the two")
    if request.copies is not None and request.key is not None:
        raise UsageError("--key", "copies cannot be told apart by a key; use --array")
    if not request.local:
        if request.runtime is not None:
            raise UsageError("--runtime", "says what carries out tasks of the local cloud: add --local")
        return
    if request.runtime in {"podman", "docker"} and request.spec.container is None:
        raise UsageError("--runtime", f"{request.runtime} runs images: name one with --container IMAGE")
    given = {f"--{name}": value for name, value in request.overrides.items()} | {"--config": request.config}
    for option, value in given.items():
        if value is not None:
            raise UsageError(option, "means nothing with --local, which brings a cloud of its own")
    if request.key is not None:
        raise UsageError("--key", "means nothing with --local: its cloud forgets all when this command ends")


def refuse_later(given: Mapping[str, object]) -> None:
    """Refuse options that a later version brings, rather than take and ignore them.

    Raises:
        UsageError: naming the first that was given.
    """
    for option, value in given.items():
        if value is not None:
            raise UsageError(option, "this version cannot ask ECS for it yet; leave it out")


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


def tags_of(given: Iterable[str]) -> dict[str, str]:
    """The tags of ``K=V``.

    Raises:
        UsageError: if there is no ``=``.
    """
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals:
            raise UsageError("--tag", f"{name!r} has no value; write {name}=VALUE")
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
