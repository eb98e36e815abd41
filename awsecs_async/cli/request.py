"""What a ``submit`` command line asks for, checked, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from awsecs_async.model.named import is_named
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
        overrides: The settings that were given as flags of their own.
        assignments: Those that were given as ``--set NAME=VALUE``.
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
    assignments: Sequence[str] = ()


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
    if is_named(request.spec.container):
        raise UsageError(
            "--container", "--local brings a cloud of its own, without task definitions: name an image"
        )
    given = {f"--{name.replace('_', '-')}": value for name, value in request.overrides.items()}
    given |= {
        "--config": request.config,
        "--target": request.spec.target,
        "--set": request.assignments or None,
    }
    for option, value in given.items():
        if value is not None:
            raise UsageError(option, "means nothing with --local, which brings a cloud of its own")
    if request.key is not None:
        raise UsageError("--key", "means nothing with --local: its cloud forgets all when this command ends")
