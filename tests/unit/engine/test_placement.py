"""Placement: a route of providers that fit, or a refusal that names for each what to change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from awsecs_async.engine import placement as placement_module
from awsecs_async.engine.definitions import Definitions
from awsecs_async.errors import InvalidTask, Refused, SettingsError
from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.placement import Kind, Provider
from awsecs_async.model.task import TaskSpec
from tests.unit.engine.placing import (
    EC2,
    FARGATE,
    MANAGED,
    ROLE,
    managed,
    place,
    places,
    refusal,
    route,
    says,
    station_of,
)
from tests.unit.model.specs import all_specs, specs

SPOT = Provider(name="mi-spot", kind=Kind.MANAGED_INSTANCES, is_spot=True)
BARE_EC2 = Provider(name=None, kind=Kind.EC2)


def test_a_route_has_every_provider_that_fits_in_the_order_given() -> None:
    """Kinds may be mixed, since each launch names one provider; ``EC2`` is the cluster's own instances."""
    there = (EC2, FARGATE, MANAGED, SPOT)
    named = ("mi-spot", "FARGATE", "EC2", "mi")
    found = route(station_of(*there, capacity_providers=named))
    assert [each.provider for each in found] == [SPOT, FARGATE, BARE_EC2, MANAGED]


def test_a_provider_that_does_not_fit_is_left_out() -> None:
    """A task that only one provider of three can have goes there alone."""
    there = (managed("small", allowed=("c6i.large",)), FARGATE, managed("large", allowed=("c6i.8xlarge",)))
    station = station_of(*there, capacity_providers=("small", "FARGATE", "large"))
    assert [each.provider.word for each in route(station, cpus=24, memory="60 GB")] == ["FARGATE", "large"]
    assert [each.provider.word for each in route(station, machine_type="c6i")] == ["small", "large"]


def test_the_task_names_providers_before_its_target_before_the_cluster() -> None:
    """And where nobody does, Managed Instances on demand: nobody is moved to spot or to Fargate unasked."""
    there = (EC2, FARGATE, SPOT, MANAGED)
    station = station_of(*there, capacity_providers=("asg",), default=("FARGATE",))
    assert place(station, capacity_providers=["mi"]).provider is MANAGED
    assert place(station).provider is EC2
    assert place(station_of(*there, default=("FARGATE",))).provider is FARGATE
    assert [each.provider for each in route(station_of(*there))] == [MANAGED]
    assert [each.provider for each in route(station_of(SPOT, FARGATE))] == [SPOT]
    assert [each.provider for each in route(station_of(FARGATE, EC2))] == [EC2]
    assert place(station_of()).provider == BARE_EC2


def test_a_provider_that_is_not_there_is_a_mistake() -> None:
    """Of the settings or of the task, named with those that are there and the nearest."""
    with pytest.raises(SettingsError, match="'gone', but cluster c has asg"):
        place(station_of(EC2, capacity_providers=("gone",)))
    with pytest.raises(
        InvalidTask,
        match=r"capacity_providers: 'mi-sport', but cluster c has mi-spot, mi; did you mean 'mi-s",
    ):
        place(station_of(SPOT, MANAGED), capacity_providers=["mi-sport"])


def test_a_provider_found_unfit_is_skipped_with_the_reason() -> None:
    """What the survey found at opening, or ECS says of the provider itself."""
    station = station_of(SPOT, MANAGED, capacity_providers=("mi-spot", "mi"))
    station.unfit = {"mi-spot": "its subnets are in vpc-1"}
    assert [each.provider for each in route(station)] == [MANAGED]
    station = station_of(Provider(name="old", kind=Kind.EC2, status="DEPROVISIONING"))
    assert refusal(station) == "capacity_providers: old is DEPROVISIONING; name another"


def test_a_refusal_has_a_line_for_each_provider() -> None:
    """With the nearest that would fit there; providers that say the same share a line."""
    there = (managed("a", allowed=("c6i.*",)), FARGATE, EC2, MANAGED)
    station = station_of(*there, capacity_providers=("a", "FARGATE", "asg", "mi"))
    first, second, third = refusal(station, cpus=200).splitlines()
    assert first == "no capacity provider of cluster c can have this task:"
    assert second == "  a, asg, mi: cpus: 200 vCPUs are more than ECS gives a task; ask for 192 or fewer"
    assert says(
        third, "  FARGATE: cpus, memory: 200 vCPU with 2 GB", "Fargate's largest, 32 vCPU with 244 GB"
    )


@pytest.mark.parametrize(
    ("task", "target", "said"),
    [
        ({}, {"runs_processes": False}, "container: name the image"),
        (
            {"secrets": {"A": "arn:aws:ssm:us-east-1:123456789012:parameter/x"}},
            {},
            "secrets: .*executionRole",
        ),
        ({"environment_files": ["s3://bucket/a.env"]}, {}, "environment_files: .*executionRole"),
        ({"execute_command": True}, {}, "execute_command: .*taskRole"),
    ],
)
def test_what_no_provider_could_do_is_refused_once(
    task: dict[str, Any], target: dict[str, Any], said: str
) -> None:
    """Before any provider is looked at, with the setting that is missing."""
    station = station_of(MANAGED, FARGATE, capacity_providers=("mi", "FARGATE"), **target)
    assert re.fullmatch(said + ".*", refusal(station, **task))


def test_equal_decisions_are_one_object() -> None:
    """A hundred thousand live tasks hold a handful of routes; a size said or taken by default is the same."""
    found = places(station_of(MANAGED))
    first = found.place(TaskSpec(command=["a"]))
    assert found.place(TaskSpec(command=["b"], environment={"A": "b"})) is first
    assert found.place(TaskSpec(cpus=1, memory="2 GB")) is first
    assert found.place(TaskSpec(cpus=2)) is not first


def test_what_decides_the_place_is_never_mistaken_for_the_same() -> None:
    """Each field that a place depends on makes another route, looked up or not."""
    station = station_of(MANAGED, FARGATE, capacity_providers=("mi", "FARGATE"), infrastructure_role=ROLE)
    found = places(station)
    tasks: list[dict[str, Any]] = [
        {}, {"cpus": 4}, {"memory": "30 GB"}, {"accelerator": 1}, {"accelerator": "1 t4"}, {"disk": "90 GB"},
        {"machine_type": "c6i"}, {"architecture": "ARM64"}, {"network": "host"},
        {"capacity_providers": ["mi"]}, {"container_options": {"privileged": True}},
        {"volumes": ["/data:/data"]},
    ]  # fmt: skip
    fresh = [places(station).place(TaskSpec(**task)) for task in tasks]
    for _ in range(2):
        assert [found.place(TaskSpec(**task)) for task in tasks] == fresh


def test_the_memory_of_places_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that sees ever new sizes forgets the oldest, and places them anew."""
    monkeypatch.setattr(placement_module, "REMEMBERED", 3)
    found = places(station_of(MANAGED))
    for memory in range(1, 10):
        found.place(TaskSpec(memory=memory))
    assert repr(found) == "<Places on default: 3 shapes of tasks placed>"
    assert found.place(TaskSpec(memory=1))[0].memory_mib == 1


@given(all_specs)
@settings(deadline=None)  # the catalogue is read whole for requirements not seen before
def test_any_task_is_placed_or_refused(spec: TaskSpec) -> None:
    """Never anything else, whatever it asks for together, and the memory of places tells the same."""
    there = (MANAGED, FARGATE, EC2, SPOT)
    station = station_of(*there, capacity_providers=("mi", "FARGATE", "asg"), execution_role=ROLE)
    spec = replace(spec, target=None)
    found = places(station)
    try:
        first = found.place(spec)
    except (Refused, InvalidTask) as why:
        assert re.match(r"([a-z_, ]+|networkMode): |no capacity provider of cluster c can have", str(why))  # noqa: PT017
    else:
        assert found.place(spec) is first
        assert first == places(station).place(spec)
        assert all(each.provider in there for each in first)


@given(specs, specs)
def test_the_memory_of_renderings_agrees_with_the_fingerprint(first: TaskSpec, second: TaskSpec) -> None:
    """What is looked up without rendering is what rendering gives, also after another spec."""
    station = station_of(MANAGED, execution_role=ROLE)
    found = places(station)
    definitions = Definitions(Fusion())
    for spec in (first, second, first):
        placement = found.place(spec)[0]
        fresh = render_definition(spec, placement, station.target, Fusion())
        assert definitions.render(spec, placement, station) == fresh


def test_a_provider_that_the_task_named_is_not_left_out_in_silence() -> None:
    """Who names a provider hears why it is not among the places; of the settings' list nobody asked."""
    named = place(station_of(MANAGED, FARGATE, subnets=()), capacity_providers=("mi", "FARGATE"))
    assert named.remarks[-1].startswith("FARGATE left out: subnets: ")
    target = station_of(MANAGED, FARGATE, subnets=(), capacity_providers=("mi", "FARGATE"))
    assert place(target).remarks == ()
