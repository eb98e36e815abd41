"""What to do next with the containers of one task: the ECS agent's rules, as a pure function.

`decide` is given the containers as the task definition has them, the state each is in, and whether
the task is to end; it returns what to start, what to stop and what can never start. It holds no
state, awaits nothing and knows no clock, so it can be tested with every state there is; the
supervisor acts on it and asks again after each change.

The rules, as AWS documents dependsOn and as the agent carries it out:

- nothing starts before all images are here; a container starts when all its conditions are met;
- a condition that can no longer be met refuses its container, with exit code 143 and the reason
  CannotStartContainerError, and that cascades: whoever depends on the refused one is refused too;
- once the task is to end, nothing starts, and a container is stopped when all that depend on it
  have stopped: the reverse of the order they started in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from awsecs_async.local.runtimes.port import ContainerRun, Dependency, Exit

REFUSED_EXIT_CODE = 143  # the agent's synthetic code for a container whose dependency failed
ESSENTIAL_EXITED = "Essential container in task exited"
FAILED_TO_START = "Task failed to start"


class Phase(Enum):
    """Where a container is. ECS shows the first three as PENDING and the next two as RUNNING."""

    PULLING = "PULLING"
    WAITING = "WAITING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"

    @property
    def last_status(self) -> str:
        """ECS's word for it. AWS: API_Container, lastStatus."""
        if self in (Phase.PULLING, Phase.WAITING, Phase.STARTING):
            return "PENDING"
        return "STOPPED" if self is Phase.STOPPED else "RUNNING"


class Health(Enum):
    """What the health check says. AWS: API_Container, healthStatus."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """One container at one moment. `overdue` says that its startTimeout has passed."""

    phase: Phase = Phase.PULLING
    started: bool = False  # it has run, or still does
    exit: Exit | None = None
    health: Health = Health.UNKNOWN
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Start this container now."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop this container now: a running one by signal, a pull by giving it up."""

    name: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """This container will never start; record that it has stopped, so."""

    name: str
    exit: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a task ends. AWS: API_Task, stopCode and stoppedReason."""

    stop_code: str
    stopped_reason: str


Action = Start | Stop | Refuse
States = Mapping[str, ContainerState]


class Verdict(Enum):
    """What can be said of a condition."""

    MET = "met"
    OPEN = "open"
    LOST = "lost"  # it can no longer be met


def decide(containers: Sequence[ContainerRun], states: States, *, ending: bool) -> list[Action]:
    """What to do now. Doing it and asking again leads to the task's end or to waiting for a change."""
    if ending:
        return [action for run in containers for action in _to_end(run, containers, states)]
    if any(state.phase is Phase.PULLING for state in states.values()):
        return []
    waiting = (run for run in containers if states[run.name].phase is Phase.WAITING)
    return [action for run in waiting for action in _to_start(run, states)]


def finished(states: States) -> bool:
    """Whether the task has ended: all of its containers have, not only the essential ones."""
    return all(state.phase is Phase.STOPPED for state in states.values())


def ending_of(run: ContainerRun, state: ContainerState) -> Ending | None:
    """Why the task must end because of this container, if it must."""
    if not run.essential or state.phase is not Phase.STOPPED:
        return None
    if state.started or (state.exit is not None and state.exit.code is not None):
        return Ending(stop_code="EssentialContainerExited", stopped_reason=ESSENTIAL_EXITED)
    return Ending(stop_code="TaskFailedToStart", stopped_reason=FAILED_TO_START)


def judge(dependency: Dependency, state: ContainerState) -> Verdict:
    """Whether a condition is met by the container it names, in the state that one is in."""
    if _met(dependency.condition, state):
        return Verdict.MET
    if state.phase is Phase.STOPPED or (state.overdue and dependency.condition != "START"):
        return Verdict.LOST
    return Verdict.OPEN


def _met(condition: str, state: ContainerState) -> bool:
    exited = state.phase is Phase.STOPPED and state.started
    match condition:
        case "START":
            return state.started
        case "COMPLETE":
            return exited
        case "SUCCESS":
            return exited and state.exit is not None and state.exit.code == 0
        case "HEALTHY":
            return state.phase is Phase.RUNNING and state.health is Health.HEALTHY
        case _:
            raise ValueError(f"dependsOn knows START, COMPLETE, SUCCESS and HEALTHY, not {condition!r}")


def _to_start(run: ContainerRun, states: States) -> Iterable[Action]:
    verdicts = [
        (dependency, judge(dependency, states[dependency.container])) for dependency in run.depends_on
    ]
    lost = [dependency for dependency, verdict in verdicts if verdict is Verdict.LOST]
    if lost:
        yield Refuse(run.name, Exit(code=REFUSED_EXIT_CODE, reason=_refusal(lost[0], states)))
    elif all(verdict is Verdict.MET for _, verdict in verdicts):
        yield Start(run.name)


def _to_end(run: ContainerRun, containers: Sequence[ContainerRun], states: States) -> Iterable[Action]:
    match states[run.name].phase:
        case Phase.PULLING:
            yield Stop(run.name)
        case Phase.WAITING:
            yield Refuse(run.name, Exit(code=None))
        case Phase.RUNNING:
            dependents = (other for other in containers if _depends(other, run.name))
            if all(states[other.name].phase is Phase.STOPPED for other in dependents):
                yield Stop(run.name)


def _depends(run: ContainerRun, name: str) -> bool:
    return any(dependency.container == name for dependency in run.depends_on)


def _refusal(dependency: Dependency, states: States) -> str:
    """Why a container never starts, for who reads the task's containers."""
    state = states[dependency.container]
    if state.phase is not Phase.STOPPED:
        why = f"its startTimeout has passed and it is {state.phase.value}, {state.health.value}"
    elif not state.started:
        why = "it never started"
    else:
        why = f"it ended with exit code {state.exit.code if state.exit else None}"
    wanted = f'container "{dependency.container}" to reach {dependency.condition}'
    return f"CannotStartContainerError: dependency graph: waited for {wanted}, but {why}"
