"""A TaskSpec is checked when it is made, and every refusal names the field and the mend."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.errors import InvalidTask
from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.task import TaskSpec, new_id

TWO = (ContainerSpec(name="main", container="a"), ContainerSpec(name="proxy", container="b", essential=False))


def test_quantities_are_ecs_ready_after_construction() -> None:
    """Written as people write them, kept as numbers and tuples."""
    spec = TaskSpec(command=["a"], cpus="0.5", memory="4 GB", timeout="1h", environment={"A": "1"})
    assert (spec.cpus, spec.memory, spec.timeout) == (0.5, 4096, 3600.0)
    assert (spec.command, spec.environment) == (("a",), (("A", "1"),))


def test_equal_however_it_was_written() -> None:
    """Idempotency compares specs: a list or a tuple, a dict or pairs, "1 GB" or 1024 make no difference."""
    first = TaskSpec(command=["a"], memory="1 GB", environment={"A": "1"}, tags={"t": "v"})
    assert first == TaskSpec(command=("a",), memory=1024, environment=(("A", "1"),), tags=[("t", "v")])


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("command", {"command": "echo hello"}),
        ("command", {"command": ["a\0"]}),
        ("command", {"command": [1]}),
        ("entry_point", {"entry_point": "sh"}),
        ("container", {"container": " ubuntu"}),
        ("container", {"container": ""}),
        ("environment", {"environment": {"A=B": "1"}}),
        ("environment", {"environment": {"": "1"}}),
        ("environment", {"environment": {"A": 1}}),
        ("environment", {"environment": [("A", "1"), ("A", "2")]}),
        ("tags", {"tags": {"aws:x": "1"}}),
        ("tags", {"tags": {"k" * 129: "1"}}),
        ("tags", {"tags": {str(i): "" for i in range(51)}}),
        ("cpus", {"cpus": 0}),
        ("memory", {"memory": "much"}),
        ("timeout", {"timeout": -1}),
        ("name", {"name": ""}),
        ("name", {"name": "n" * 129}),
        ("group", {"group": ""}),
        ("priority", {"priority": 1001}),
        ("result_from", {"result_from": "other"}),
        ("command", {"containers": TWO, "command": ["a"]}),
        ("containers", {"containers": (TWO[0], TWO[0])}),
        ("containers", {"containers": (TWO[1],)}),
        ("containers", {"containers": tuple(ContainerSpec(name=f"c{i}") for i in range(11))}),
        ("result_from", {"containers": (ContainerSpec(name="a"), ContainerSpec(name="b"))}),
        ("result_from", {"containers": TWO, "result_from": "c"}),
        ("depends_on", {"containers": (ContainerSpec(depends_on=[Dependency(container="gone")]),)}),
        ("depends_on", {"containers": (ContainerSpec(depends_on=[Dependency(container="main")]),)}),
    ],
)
def test_what_is_refused_names_its_field(field: str, fields: dict[str, Any]) -> None:
    """Whoever wrote it wrong is told where."""
    with pytest.raises(InvalidTask) as caught:
        TaskSpec(**fields)
    assert caught.value.field == field
    assert caught.value.problem


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("name", lambda: ContainerSpec(name="a b")),
        ("stop_timeout", lambda: ContainerSpec(stop_timeout=-1)),
        ("depends_on", lambda: Dependency(container="a", condition="LATER")),  # type: ignore[arg-type]
        ("health_check.interval", lambda: HealthCheck(command=["CMD", "true"], interval=4)),
        ("health_check.command", lambda: HealthCheck(command="true")),
    ],
)
def test_what_a_container_may_not_be(field: str, make: Any) -> None:  # noqa: ANN401
    """ECS's limits on containers are met before ECS is asked."""
    with pytest.raises(InvalidTask) as caught:
        make()
    assert caught.value.field == field


def test_whose_exit_code_counts() -> None:
    """One container, the one essential one, or the one that is named."""
    assert TaskSpec(command=["a"]).result_container == "main"
    assert TaskSpec(containers=TWO).result_container == "main"
    both = (ContainerSpec(name="a"), ContainerSpec(name="b"))
    assert TaskSpec(containers=both, result_from="b").result_container == "b"


def test_what_people_call_it() -> None:
    """Its name, else its command, else its image."""
    assert TaskSpec(name="n", command=["a", "b"]).title == "n"
    assert TaskSpec(command=["a", "b"]).title == "a b"
    assert TaskSpec(container="ubuntu").title == "ubuntu"


def test_ids_sort_by_time_and_never_repeat() -> None:
    """Listings by id are listings by time; ids made in one millisecond differ."""
    ids = [new_id(wall) for wall in (1.0, 1.5, 2.0, 1_767_225_600.0)]
    assert ids == sorted(ids)
    assert len({new_id(5.0) for _ in range(100)}) == 100
    assert {len(i) for i in ids} == {32}


@pytest.mark.parametrize(
    ("containers", "said"),
    [
        (
            [
                ContainerSpec(name="a", depends_on=[Dependency(container="b")]),
                ContainerSpec(name="b", essential=False, depends_on=[Dependency(container="a")]),
            ],
            "wait for each other",
        ),
        (
            [
                ContainerSpec(name="a"),
                ContainerSpec(
                    name="b", essential=False, depends_on=[Dependency(container="a", condition="SUCCESS")]
                ),
            ],
            "essential",
        ),
    ],
)
def test_dependencies_that_ecs_would_refuse_are_refused_at_once(
    containers: list[ContainerSpec], said: str
) -> None:
    """No definition is registered to learn that containers wait for each other."""
    with pytest.raises(InvalidTask, match=said):
        TaskSpec(containers=containers)
