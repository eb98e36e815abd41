"""Placement: a size and a provider that ECS accepts, or a refusal that names what to change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.aws.ports import Cluster
from awsecs_async.engine.buckets import open_buckets
from awsecs_async.engine.definitions import Definitions
from awsecs_async.engine.placement import Places
from awsecs_async.engine.targets import Station
from awsecs_async.errors import Refused, SettingsError
from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.quotas import FARGATE_SIZES
from awsecs_async.model.settings import Quotas, Settings, Target
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskSpec
from tests.unit.model.specs import specs

MANAGED = Provider(name="mi", kind=Kind.MANAGED_INSTANCES)
FARGATE = Provider(name="FARGATE", kind=Kind.FARGATE)
EC2 = Provider(name="asg", kind=Kind.EC2)
NOBODY: Any = None  # placing never awaits, and so asks nobody


def station_of(*providers: Provider, default: tuple[str, ...] = (), **target: Any) -> Station:  # noqa: ANN401
    """A station in a cluster with these providers."""
    members: dict[str, Any] = {"cluster": "c", "runs_processes": True, "subnets": ("subnet-1",)} | target
    return Station(
        target=Target(**members), ecs=NOBODY, logs=NOBODY, buckets=open_buckets(Quotas(), "us-east-1"),
        cluster=Cluster(arn=Arn("c"), name="c", providers=providers, default=default), account="a",
    )  # fmt: skip


def place(station: Station, **fields: Any) -> Placement:  # noqa: ANN401
    """Where a task with these fields runs."""
    return Places([station], Settings(targets=(station.target,))).place(TaskSpec(**fields))[0]


@given(st.floats(0.01, 32), st.integers(1, 244 * 1024))
def test_fargate_gets_the_smallest_size_that_holds_the_task(cpus: float, memory: int) -> None:
    """The size is in AWS's table, is never less than asked, and no smaller CPU would have held it."""
    placement = place(station_of(FARGATE), cpus=cpus, memory=memory)
    assert placement.memory_mib in FARGATE_SIZES[placement.cpu_units]
    assert placement.memory_mib >= memory
    assert placement.cpu_units >= cpus * 1024 - 1e-5
    for smaller in (c for c in FARGATE_SIZES if c < placement.cpu_units):
        assert smaller < cpus * 1024 or max(FARGATE_SIZES[smaller]) < memory


@pytest.mark.parametrize("fields", [{"cpus": 33}, {"memory": "245 GB"}])
def test_what_fargate_has_no_size_for_is_refused(fields: dict[str, Any]) -> None:
    """With the largest size there is, and the way out."""
    with pytest.raises(Refused, match=r"32 vCPU with 244 GB.*Managed Instances"):
        place(station_of(FARGATE), **fields)


def test_the_order_of_preference() -> None:
    """What the settings name, else the cluster's default, else Managed Instances, Fargate, EC2."""
    providers = (EC2, FARGATE, MANAGED)
    assert place(station_of(*providers, capacity_providers=("asg",), default=("FARGATE",))).provider is EC2
    assert place(station_of(*providers, default=("FARGATE",))).provider is FARGATE
    assert place(station_of(*providers)).provider is MANAGED
    assert place(station_of()).provider == Provider(name=None, kind=Kind.EC2)


def test_a_provider_that_is_not_there_is_a_mistake_in_the_settings() -> None:
    """Named with those that are there."""
    with pytest.raises(SettingsError, match="'gone', but cluster c has asg"):
        place(station_of(EC2, capacity_providers=("gone",)))


def test_the_network_follows_from_kind_and_subnets() -> None:
    """Fargate must have awsvpc; others have it where there are subnets, or what the settings say."""
    assert place(station_of(FARGATE)).network_mode == "awsvpc"
    assert place(station_of(MANAGED)).network_mode == "awsvpc"
    assert place(station_of(MANAGED, subnets=())).network_mode == "host"
    assert place(station_of(EC2, network_mode="bridge")).network_mode == "bridge"
    with pytest.raises(Refused, match="networkMode: Fargate"):
        place(station_of(FARGATE, network_mode="host"))
    with pytest.raises(Refused, match="subnets"):
        place(station_of(FARGATE, subnets=()))


def test_equal_decisions_are_one_object() -> None:
    """A hundred thousand live tasks hold a handful of placements."""
    station = station_of(MANAGED)
    places = Places([station], Settings(targets=(station.target,)))
    assert places.place(TaskSpec(command=["a"])) is places.place(TaskSpec(command=["b"]))


@given(specs, specs)
def test_the_memory_of_renderings_agrees_with_the_fingerprint(first: TaskSpec, second: TaskSpec) -> None:
    """What is looked up without rendering is what rendering gives, also after another spec."""
    station = station_of(MANAGED)
    places = Places([station], Settings(targets=(station.target,)))
    definitions = Definitions(Fusion())
    for spec in (first, second, first):
        (placement,) = places.place(spec)
        fresh = render_definition(spec, placement, station.target, Fusion())
        assert definitions.render(spec, placement, station) == fresh
