"""The ECS agent's rules about the containers of one task, with every kind of task there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.runtimes.port import ContainerRun, Dependency, Exit
from awsecs_async.local.supervision import (
    ContainerState,
    Health,
    Phase,
    Refuse,
    Start,
    States,
    Stop,
    Verdict,
    decide,
    ending_of,
    finished,
    judge,
)

CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
NEVER_STARTED = ContainerState(phase=Phase.STOPPED)
SUCCEEDED = ContainerState(phase=Phase.STOPPED, started=True, exit=Exit(code=0))
FAILED = ContainerState(phase=Phase.STOPPED, started=True, exit=Exit(code=1))
RUNNING = ContainerState(phase=Phase.RUNNING, started=True)
HEALTHY = replace(RUNNING, health=Health.HEALTHY)
WAITING = ContainerState(phase=Phase.WAITING)


def container(name: str, *depends_on: tuple[str, str], essential: bool = True) -> ContainerRun:
    """A container with its dependencies as (container, condition)."""
    return ContainerRun(
        task_arn="arn:task/1",
        task_id="1",
        name=name,
        image=None,
        essential=essential,
        depends_on=tuple(Dependency(container=on, condition=condition) for on, condition in depends_on),
    )


@pytest.mark.parametrize(
    ("state", "verdicts"),
    [
        (ContainerState(), "OOOO"),
        (WAITING, "OOOO"),
        (RUNNING, "MOOO"),
        (HEALTHY, "MOOM"),
        (replace(RUNNING, health=Health.UNHEALTHY), "MOOO"),
        (replace(RUNNING, overdue=True), "MLLL"),
        (replace(HEALTHY, overdue=True), "MLLM"),
        (SUCCEEDED, "MMML"),
        (replace(SUCCEEDED, overdue=True), "MMML"),
        (FAILED, "MMLL"),
        (replace(FAILED, exit=Exit(code=None)), "MMLL"),
        (NEVER_STARTED, "LLLL"),
    ],
)
def test_conditions(state: ContainerState, verdicts: str) -> None:
    """Each condition, in each state of the container that it names: met, open or lost."""
    words = {"M": Verdict.MET, "O": Verdict.OPEN, "L": Verdict.LOST}
    judged = [judge(Dependency(container="a", condition=condition), state) for condition in CONDITIONS]
    assert judged == [words[letter] for letter in verdicts]


def test_unknown_condition_is_refused() -> None:
    """A condition that ECS does not know is an error, not a wait for ever."""
    with pytest.raises(ValueError, match="not 'SOON'"):
        judge(Dependency(container="a", condition="SOON"), RUNNING)


def test_nothing_starts_before_all_images_are_here() -> None:
    """An unpullable sidecar is found out before the main container has done anything."""
    containers = (container("a"), container("b"))
    assert decide(containers, {"a": WAITING, "b": ContainerState()}, ending=False) == []
    assert decide(containers, {"a": WAITING, "b": WAITING}, ending=False) == [Start("a"), Start("b")]


def test_a_lost_condition_refuses_as_the_agent_does() -> None:
    """A dependent of a failed container stops with 143 and the agent's reason, which says what happened."""
    containers = (container("in", essential=False), container("main", ("in", "SUCCESS")))
    (refusal,) = decide(containers, {"in": FAILED, "main": WAITING}, ending=False)
    assert isinstance(refusal, Refuse)
    assert refusal.exit == Exit(
        code=143,
        reason="CannotStartContainerError: dependency graph: "
        'waited for container "in" to reach SUCCESS, but it ended with exit code 1',
    )


def test_stopping_is_in_reverse_order() -> None:
    """A helper that the main container depends on is stopped after it, and not with it."""
    containers = (container("helper"), container("main", ("helper", "HEALTHY")), container("other"))
    states = {"helper": HEALTHY, "main": RUNNING, "other": RUNNING}
    assert decide(containers, states, ending=True) == [Stop("main"), Stop("other")]
    states["main"] = replace(RUNNING, phase=Phase.STOPPING)
    assert decide(containers, states, ending=True) == [Stop("other")]
    states["main"] = SUCCEEDED
    assert decide(containers, states, ending=True) == [Stop("helper"), Stop("other")]


def test_what_has_not_started_never_does_once_the_task_ends() -> None:
    """Pulls are given up, waiting containers stop without an exit code, starting ones are waited for."""
    containers = (container("a"), container("b"), container("c"))
    states = {"a": ContainerState(), "b": WAITING, "c": ContainerState(phase=Phase.STARTING)}
    assert decide(containers, states, ending=True) == [Stop("a"), Refuse("b", Exit(code=None))]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (RUNNING, None),
        (SUCCEEDED, "EssentialContainerExited"),
        (FAILED, "EssentialContainerExited"),
        (NEVER_STARTED, "TaskFailedToStart"),
        (replace(NEVER_STARTED, exit=Exit(code=143)), "EssentialContainerExited"),
    ],
)
def test_endings(state: ContainerState, code: str | None) -> None:
    """The end of an essential container ends the task, and the stop code tells whether it ever ran."""
    ending = ending_of(container("main"), state)
    assert (ending and ending.stop_code) == code
    assert ending_of(container("sidecar", essential=False), state) is None


@st.composite
def tasks(draw: st.DrawFn) -> tuple[ContainerRun, ...]:
    """Tasks of one to five containers whose dependencies point backwards, so that there is no cycle."""
    names = "abcde"[: draw(st.integers(1, 5))]
    edges = st.sampled_from(CONDITIONS)
    return tuple(
        container(
            name,
            *((on, draw(edges)) for on in names[:index] if draw(st.booleans())),
            essential=name == names[-1] or draw(st.booleans()),
        )
        for index, name in enumerate(names)
    )


class Machine:
    """Carries a task out in imagination: does what is decided, then lets one thing happen of all that can."""

    def __init__(self, containers: tuple[ContainerRun, ...], data: st.DataObject) -> None:
        self.containers = containers
        self.states: dict[str, ContainerState] = {run.name: ContainerState() for run in containers}
        self.data = data
        self.ending = False
        self.order: list[str] = []

    def act(self) -> None:
        """Do all that is decided, as the supervisor does."""
        while actions := decide(self.containers, self.states, ending=self.ending):
            match actions[0]:
                case Start(name):
                    self.assert_may_start(name)
                    self.states[name] = replace(self.states[name], phase=Phase.STARTING)
                case Refuse(name, exit_):
                    assert not self.states[name].started
                    self.stopped(name, exit_)
                case Stop(name) if self.states[name].phase is Phase.RUNNING:
                    self.assert_may_stop(name)
                    self.states[name] = replace(self.states[name], phase=Phase.STOPPING)
                case Stop(name):
                    self.stopped(name, Exit(code=None))

    def assert_may_start(self, name: str) -> None:
        """Nothing starts in a task that ends, nor before its conditions are met."""
        assert not self.ending
        run = next(run for run in self.containers if run.name == name)
        assert all(judge(each, self.states[each.container]) is Verdict.MET for each in run.depends_on)

    def assert_may_stop(self, name: str) -> None:
        """Nothing is stopped but in a task that ends, and never before those that depend on it."""
        assert self.ending
        dependents = [run.name for run in self.containers if name in {d.container for d in run.depends_on}]
        assert all(self.states[each].phase is Phase.STOPPED for each in dependents)

    def stopped(self, name: str, exit_: Exit) -> None:
        """A container is over; the task ends with it if it is essential."""
        self.states[name] = replace(self.states[name], phase=Phase.STOPPED, exit=exit_)
        run = next(run for run in self.containers if run.name == name)
        self.ending = self.ending or ending_of(run, self.states[name]) is not None

    def happen(self) -> None:
        """One thing happens to one container, or the user stops the task."""
        live = [
            name for name, state in self.states.items() if state.phase not in {Phase.STOPPED, Phase.WAITING}
        ]
        name = self.data.draw(st.sampled_from(live))
        state, code = self.states[name], self.data.draw(st.sampled_from((0, 1, None)))
        match state.phase:
            case Phase.PULLING if code is not None:
                self.states[name] = replace(state, phase=Phase.WAITING)
            case Phase.STARTING if code is not None:
                self.states[name] = replace(state, phase=Phase.RUNNING, started=True)
            case Phase.RUNNING if state.health is Health.UNKNOWN and code is None:
                self.states[name] = replace(state, health=Health.HEALTHY)
            case _:
                self.stopped(name, Exit(code=code))
        self.ending = self.ending or self.data.draw(st.integers(0, 9)) == 0


@given(containers=tasks(), data=st.data())
def test_every_task_ends_and_keeps_the_order(
    containers: tuple[ContainerRun, ...], data: st.DataObject
) -> None:
    """Whatever happens: no start before its conditions, no stop before its dependents, always an end."""
    machine = Machine(containers, data)
    for _ in range(4 * len(containers) + 1):
        machine.act()
        if finished(machine.states):
            return
        machine.happen()
    pytest.fail(f"it does not end: {machine.states}")


def test_states_is_what_decide_reads() -> None:
    """`decide` accepts any mapping and changes nothing in it."""
    states: States = {"a": WAITING}
    assert decide((container("a"),), states, ending=False) == [Start("a")]
    assert states == {"a": WAITING}
