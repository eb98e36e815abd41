"""Scripts and the timeline that follows from them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.local.ecs.script import Script, scripts_from_environment, timeline
from awsecs_async.local.runtimes.port import ContainerRun, Dependency

CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def run(name: str, *depends_on: Dependency, script: str | None = None) -> ContainerRun:
    """A container's run."""
    environment = {} if script is None else {"AWSECS_SCRIPT": script}
    return ContainerRun(
        task_arn="arn", task_id="id", name=name, image="x", environment=environment, depends_on=depends_on
    )


@st.composite
def casts(draw: st.DrawFn) -> dict[str, tuple[ContainerRun, Script]]:
    """Up to six containers, each depending on some before it."""
    cast: dict[str, tuple[ContainerRun, Script]] = {}
    for number in range(draw(st.integers(1, 6))):
        others = draw(st.lists(st.sampled_from(sorted(cast)), unique=True)) if cast else []
        wishes = [
            Dependency(container=other, condition=draw(st.sampled_from(CONDITIONS))) for other in others
        ]
        script = Script(duration_seconds=draw(st.integers(0, 9)), exit_code=draw(st.sampled_from([0, 0, 1])))
        cast[f"c{number}"] = (run(f"c{number}", *wishes), script)
    return cast


@given(casts())
def test_nothing_starts_before_what_it_waits_for(cast: dict[str, tuple[ContainerRun, Script]]) -> None:
    """START and HEALTHY wait for a start, COMPLETE and SUCCESS for an end, SUCCESS for a good one."""
    acts = timeline(cast)
    assert set(acts) == set(cast)
    for name, (container, script) in cast.items():
        act = acts[name]
        met = True
        for dependency in container.depends_on:
            other = acts[dependency.container]
            by_start = dependency.condition in {"START", "HEALTHY"}
            met &= other.start is not None and (dependency.condition != "SUCCESS" or other.exit_code == 0)
            if act.start is not None and other.start is not None:
                assert act.start >= (other.start if by_start else other.end)
        assert (act.start is not None) == met
        assert act.exit_code == (script.exit_code if met else 143)


def test_a_script_is_read_from_the_environment() -> None:
    """Every member has its name in the JSON."""
    text = {"duration": 2, "exit": 3, "output": ["a"], "interval": 0.5, "stop": 9, "reason": "why"}
    expected = Script(
        duration_seconds=2,
        exit_code=3,
        output=("a",),
        line_interval_seconds=0.5,
        stop_seconds=9,
        reason="why",
    )
    assert scripts_from_environment(run("a", script=json.dumps(text))) == expected
    assert scripts_from_environment(run("a")) is None


@pytest.mark.parametrize("text", ["", "[]", '{"duration": "long"}', '{"output": 5}'])
def test_a_script_that_cannot_be_read_fails_loudly(text: str) -> None:
    """The task exits with 2 and its log says why, instead of succeeding by accident."""
    script = scripts_from_environment(run("a", script=text))
    assert script is not None
    assert script.exit_code == 2
    assert "AWSECS_SCRIPT" in script.output[0]
