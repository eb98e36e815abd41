"""Whatever is asked of whatever provider: a place could be had, a refusal is honest."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from awsecs_async.engine.placement.fleet import task_memory_mib
from awsecs_async.engine.targets import Station
from awsecs_async.errors import InvalidTask, Refused
from awsecs_async.model.instances import CATALOGUE, InstanceType
from awsecs_async.model.placement import InstanceRequirements, Placement
from awsecs_async.model.task import TaskSpec
from tests.unit.engine.placing import MANAGED, managed, places, station_of
from tests.unit.model.constraints import holds

GLOBS = ["c6i.*", "m5.*", "m7g.*", "g4dn.*", "g6*", "r*.8xlarge", "*.large", "p5.*", "c6i.2xlarge", "t3.*"]
OLD = {"a1", "c4", "d2", "h1", "i3", "m4", "p3", "r4", "t2", "x1", "x1e", "u-3tb1", "u-6tb1"}
requirements = st.builds(
    InstanceRequirements,
    vcpus=st.tuples(st.integers(1, 8), st.none() | st.integers(8, 128)),
    memory_mib=st.tuples(st.integers(0, 8192), st.none() | st.integers(8192, 1024 * 1024)),
    allowed=st.lists(st.sampled_from(GLOBS), max_size=3).map(tuple),
    excluded=st.lists(st.sampled_from(GLOBS), max_size=1).map(tuple),
    accelerator_names=st.lists(st.sampled_from(["t4", "l4", "h100"]), max_size=1).map(tuple),
    accelerator_count=st.none() | st.tuples(st.integers(0, 2), st.none() | st.integers(2, 8)),
)
tasks = st.fixed_dictionaries(
    {
        "cpus": st.sampled_from([0.25, 1, 8, 48, 100, 192]),
        "memory": st.sampled_from([512, 8000, 65536, 900_000]),
    },
    optional={
        "machine_type": st.sampled_from([*GLOBS, "c6i, m5", "g4dn.xlarge"]),
        "accelerator": st.sampled_from([1, 4, 0.25, "1 t4", "2 l4", "8 h100", "all l4"]),
        "architecture": st.sampled_from(["X86_64", "ARM64"]),
    },
)


def may_launch(wanted: InstanceRequirements, of: InstanceType) -> bool:
    """AWS's rules over again, as simply as they can be said."""
    least, most = wanted.accelerator_count or (0, None)
    return (
        wanted.vcpus[0] <= of.vcpus <= (wanted.vcpus[1] or 1e9)
        and wanted.memory_mib[0] <= of.memory_mib <= (wanted.memory_mib[1] or 1e9)
        and (not wanted.allowed or any(fnmatchcase(of.name, glob) for glob in wanted.allowed))
        and not any(fnmatchcase(of.name, glob) for glob in wanted.excluded)
        and (not wanted.accelerator_names or of.accelerator in wanted.accelerator_names)
        and (wanted.accelerator_count is None or least <= -(-of.gpus // 1) <= (most or 1e9))
        and of.vcpus > 1
        and of.family not in OLD
    )


def could_hold(of: InstanceType, placed: Placement) -> bool:
    """Whether an instance of this type has all that the placement asks for."""
    gpus = {"": 0.0, "ALL": 0.1}.get(placed.gpus) if placed.gpus in {"", "ALL"} else float(placed.gpus)
    return (
        of.architecture == placed.architecture
        and holds(placed.constraint, of.name)
        and of.vcpus * 1024 >= placed.cpu_units
        and task_memory_mib(of) >= placed.memory_mib
        and of.gpus >= (gpus or 0)
        and not (gpus and of.accelerator in {"inferentia", "inferentia2", "trainium", "trainium2"})
    )


@given(requirements, tasks)
@settings(deadline=None)  # the catalogue is read whole for requirements not seen before
def test_a_place_is_one_that_the_provider_could_give(
    wanted: InstanceRequirements, task: dict[str, Any]
) -> None:
    """Some type that it may launch holds all of it; a refusal names a field and is one for every type."""
    provider = managed(**{name: getattr(wanted, name) for name in InstanceRequirements.__slots__})
    obtainable = [each for each in CATALOGUE.values() if may_launch(wanted, each)]
    spec = TaskSpec(**task)
    try:
        placed = places(station_of(provider)).place(spec)[0]
    except (Refused, InvalidTask) as why:
        field = str(why).partition(":")[0]
        assert set(field.split(", ")) <= {*task, "architecture", "capacity_providers"}
        anything = places(station_of(MANAGED))
        try:
            elsewhere = anything.place(spec)[0]
        except (Refused, InvalidTask):
            return
        assert not any(could_hold(each, elsewhere) for each in obtainable)
    else:
        assert any(could_hold(each, placed) for each in obtainable)


ADVICE = {
    "cpus": r"cpus: .*ask for (\d+) or fewer",
    "memory": r"memory: .*ask for '(\d+ [GM]B)' or less",
    "machine_type": r"machine_type: .*the nearest it may launch is '([\w.-]+)': ask for that",
    "accelerator": r"accelerator: .*(?:it has ([\w-]+).*: ask for one|: ask for ([\d.]+))",
    "architecture": r"architecture: .*set architecture='(\w+)'",
}


@given(requirements, tasks)
@settings(deadline=None)  # the catalogue is read whole for requirements not seen before
def test_the_advice_of_a_refusal_can_be_followed(wanted: InstanceRequirements, task: dict[str, Any]) -> None:
    """Whoever asks for the nearest that was named is not refused for the same field again."""
    station = station_of(managed(**{name: getattr(wanted, name) for name in InstanceRequirements.__slots__}))
    said = reason(station, task)
    for field, pattern in ADVICE.items():
        if found := re.match(pattern, said):
            advice = next(group for group in found.groups() if group)
            number = re.fullmatch(r"[\d.]+", advice)
            changed = task | {field: float(advice) if number else advice}
            assert reason(station, changed).partition(":")[0] != field


def reason(station: Station, task: dict[str, Any]) -> str:
    """Why it is refused; empty if it is not."""
    try:
        places(station).place(TaskSpec(**task))
    except (Refused, InvalidTask) as why:
        return str(why)
    return ""
