"""Scripted containers: what a container would do, said beforehand.

A simulation of ten thousand tasks must not cost ten thousand coroutines, so a task whose
containers are scripts lives wholly in the machine: when each starts and exits follows from the
scripts and the definition's dependencies alone, and is laid out here as a `Timeline` the moment
the task runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from awsecs_async.local.runtimes.port import ContainerRun

SCRIPT_VARIABLE = "AWSECS_SCRIPT"  # environment: {"duration": 1.5, "exit": 0, "output": ["a line"]}
EXIT_SIGTERM = 143
EXIT_SIGKILL = 137


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What one container does: prints `output`, lasts, and exits."""

    duration_seconds: float = 0.0
    exit_code: int | None = 0  # None: nobody ever learns it
    reason: str | None = None  # the container's reason, say "OutOfMemoryError: ..."
    output: tuple[str, ...] = ()
    line_interval_seconds: float = 0.0  # between two lines of output
    stop_seconds: float = 0.0  # from SIGTERM to the end; beyond the stop timeout it is killed

    @classmethod
    def from_json(cls, text: str) -> Script:
        """Read the value of AWSECS_SCRIPT. Raises ValueError for what is not such a value."""
        raw: Any = json.loads(text)
        if not isinstance(raw, dict):
            message = f"{SCRIPT_VARIABLE} must be a JSON object, not {text!r}"
            raise ValueError(message)  # noqa: TRY004 - a wrong value, not a wrong argument
        return cls(
            duration_seconds=float(raw.get("duration", 0)),
            exit_code=raw.get("exit", 0),
            reason=raw.get("reason"),
            output=tuple(raw.get("output", ())),
            line_interval_seconds=float(raw.get("interval", 0)),
            stop_seconds=float(raw.get("stop", 0)),
        )


Scripts = Callable[[ContainerRun], Script | None]  # None: this container is a real one


def scripts_from_environment(run: ContainerRun) -> Script | None:
    """The script in a container's AWSECS_SCRIPT, if it has one that can be read."""
    text = run.environment.get(SCRIPT_VARIABLE)
    if text is None:
        return None
    try:
        return Script.from_json(text)
    except (TypeError, ValueError) as problem:
        return Script(exit_code=2, output=(f"{SCRIPT_VARIABLE}: {problem}",))


def every_container(script: Script) -> Scripts:
    """One and the same script for every container without one of its own."""

    def of(run: ContainerRun) -> Script:
        return scripts_from_environment(run) or script

    return of


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One container's part of a timeline; seconds count from the task's start.

    `start` is None for a container that never starts, because what it waits for failed.
    """

    run: ContainerRun
    script: Script
    start: float | None
    end: float

    @property
    def exit_code(self) -> int | None:
        """The code of an undisturbed end; ECS says 143 for what never could start."""
        return EXIT_SIGTERM if self.start is None else self.script.exit_code

    @property
    def reason(self) -> str | None:
        """The reason that goes with `exit_code`."""
        if self.start is None:
            return "CannotStartContainerError: dependency graph: container dependency never will be satisfied"
        return self.script.reason

    def stopped(self) -> tuple[float, int]:
        """Seconds from SIGTERM to the end, and the exit code, if it is stopped while it runs."""
        if self.script.stop_seconds > self.run.stop_timeout_seconds:
            return self.run.stop_timeout_seconds, EXIT_SIGKILL
        return self.script.stop_seconds, EXIT_SIGTERM


def timeline(cast: Mapping[str, tuple[ContainerRun, Script]]) -> dict[str, Act]:
    """When each container starts and ends if nobody stops the task.

    `cast` must be free of cycles, which the definition's validation sees to.
    """
    if len(cast) == 1:  # ten thousand times in a simulation
        ((name, (run, script)),) = cast.items()
        return {name: Act(run=run, script=script, start=0.0, end=script.duration_seconds)}
    acts: dict[str, Act] = {}
    for name in cast:
        _place(name, cast, acts)
    return acts


def _place(name: str, cast: Mapping[str, tuple[ContainerRun, Script]], acts: dict[str, Act]) -> Act:
    if name in acts:
        return acts[name]
    run, script = cast[name]
    start: float | None = 0.0
    earliest = 0.0
    for dependency in run.depends_on:
        other = _place(dependency.container, cast, acts)
        met_at, met = _condition(other, dependency.condition)
        earliest = max(earliest, met_at)
        if not met:
            start = None
    start = earliest if start is not None else None
    end = earliest if start is None else start + script.duration_seconds
    acts[name] = Act(run=run, script=script, start=start, end=end)
    return acts[name]


def _condition(other: Act, condition: str) -> tuple[float, bool]:
    if condition in {"START", "HEALTHY"}:
        return (other.start, True) if other.start is not None else (other.end, False)
    met = other.start is not None and (condition == "COMPLETE" or other.exit_code == 0)
    return other.end, met
