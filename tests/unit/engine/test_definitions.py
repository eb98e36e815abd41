"""What is remembered of renderings: a definition looked up is the one that rendering gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.engine.definitions import Definitions
from awsecs_async.errors import InvalidTask
from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.placement import Ebs, Kind, Placement, Provider
from awsecs_async.model.task import TaskSpec
from tests.unit.engine.placing import ROLE, station_of
from tests.unit.model.specs import SECRET, all_flat, all_specs

STATION = station_of(execution_role=ROLE)
disks = st.none() | st.builds(
    Ebs, role=st.just(ROLE), size_gib=st.integers(30, 99), type=st.just("gp3"),
    mount_path=st.sampled_from(["/disk", "/tmp"]),
)  # fmt: skip
placements = st.builds(
    Placement,
    target=st.just(STATION.target.name),
    cluster=st.just("c"),
    provider=st.builds(Provider, name=st.sampled_from(["a", "b"]), kind=st.sampled_from(Kind)),
    network_mode=st.sampled_from(["awsvpc", "host"]),
    cpu_units=st.just(1024),
    memory_mib=st.just(2048),
    architecture=st.sampled_from(["X86_64", "ARM64"]),
    ebs=disks,
)
fusions = st.builds(
    Fusion, enabled=st.booleans(), privileged=st.booleans(), license=st.none() | st.just(SECRET + "a")
)


@given(st.lists(st.tuples(all_specs, placements), min_size=2, max_size=2), fusions)
def test_the_memory_agrees_with_rendering(asked: list[tuple[TaskSpec, Placement]], fusion: Fusion) -> None:
    """Every part of a spec and a place that a definition is made of is a part of what is looked up."""
    definitions = Definitions(fusion)
    for spec, placement in (*asked, *asked, (asked[0][0], asked[1][1]), (asked[1][0], asked[0][1])):
        fresh = render_definition(spec, placement, STATION.target, fusion)
        assert definitions.render(spec, placement, STATION) == fresh


@given(all_flat, all_flat, placements, fusions)
def test_no_field_is_forgotten(one: TaskSpec, other: TaskSpec, placement: Placement, fusion: Fusion) -> None:
    """Tasks that differ in one field alone, whichever it is, each get the definition of their own."""
    definitions = Definitions(fusion)
    for spec in (one, *apart(one, other), TaskSpec(containers=one.all_containers)):
        fresh = render_definition(spec, placement, STATION.target, fusion)
        assert definitions.render(spec, placement, STATION) == fresh


def apart(one: TaskSpec, other: TaskSpec) -> Iterator[TaskSpec]:
    """``one`` with a single field of ``other``, for each field, as far as they go together."""
    for field in fields(one):
        with suppress(InvalidTask):
            yield replace(one, **{field.name: getattr(other, field.name)})
    (container,), (source,) = one.all_containers, other.all_containers
    for field in fields(container):
        with suppress(InvalidTask):
            changed = replace(container, **{field.name: getattr(source, field.name)})
            yield TaskSpec(containers=[changed])
