"""Fargate: the least size of its table, and nothing that it has not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.fusion import Fusion
from awsecs_async.model.quotas import FARGATE_SIZES
from awsecs_async.model.task import TaskSpec
from tests.unit.engine.placing import FARGATE, MANAGED, place, places, refusal, station_of


@given(st.floats(0.01, 32), st.integers(1, 244 * 1024))
def test_fargate_gets_the_smallest_size_that_holds_the_task(cpus: float, memory: int) -> None:
    """The size is in AWS's table, is never less than asked, and no smaller CPU would have held it."""
    placement = place(station_of(FARGATE), cpus=cpus, memory=memory)
    assert placement.memory_mib in FARGATE_SIZES[placement.cpu_units]
    assert placement.memory_mib >= memory
    assert placement.cpu_units >= cpus * 1024 - 1e-5
    assert min(m for m in FARGATE_SIZES[placement.cpu_units] if m >= memory) == placement.memory_mib
    for smaller in (c for c in FARGATE_SIZES if c < placement.cpu_units):
        assert smaller < cpus * 1024 or max(FARGATE_SIZES[smaller]) < memory
    is_raised = placement.memory_mib > memory or placement.cpu_units > cpus * 1024 + 1
    assert bool(placement.remarks) >= is_raised


@pytest.mark.parametrize(
    ("task", "remarks"),
    [
        ({"cpus": 1, "memory": "2 GB"}, ()),
        (
            {"cpus": 3, "memory": "3 GB"},
            (
                "cpus 3 raised to 4: Fargate's nearest size",
                "memory 3 GB raised to 8 GB: Fargate's nearest size with 4 vCPU",
            ),
        ),
        ({"cpus": 1, "memory": "20 GB"}, ("cpus 1 raised to 4: Fargate's least with 20 GB",)),
    ],
)
def test_what_was_raised_is_said(task: dict[str, Any], remarks: tuple[str, ...]) -> None:
    """To what, and why."""
    assert place(station_of(FARGATE), **task).remarks == remarks


@pytest.mark.parametrize("task", [{"cpus": 33}, {"memory": "245 GB"}])
def test_what_fargate_has_no_size_for_is_refused(task: dict[str, Any]) -> None:
    """With the largest size there is, and the way out."""
    said = refusal(station_of(FARGATE), **task)
    assert said.startswith("cpus, memory: ")
    assert said.endswith("Fargate's largest, 32 vCPU with 244 GB; ask for less, or use Managed Instances")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"accelerator": 1}, "accelerator: Fargate has no GPUs; use Managed Instances or EC2"),
        (
            {"machine_type": "c6i"},
            "machine_type: Fargate lets nobody choose its machines; leave it out, or use Managed Instances",
        ),
    ],
)
def test_what_fargate_has_not_is_refused(task: dict[str, Any], said: str) -> None:
    """With the reason and the kind of capacity that has it."""
    assert refusal(station_of(FARGATE), **task) == said


def test_fusion_is_refused_for_want_of_privileges() -> None:
    """By the task's own wish or the setting's; a task that says no is placed."""
    said = refusal(station_of(FARGATE), fusion=True, work_dir="s3://bucket/work")
    assert said.startswith("fusion: needs /dev/fuse and SYS_ADMIN (or privileges), which Fargate gives no")
    found = places(station_of(FARGATE), fusion=Fusion(enabled=True))
    assert found.place(TaskSpec(fusion=False))[0].provider is FARGATE
    assert place(station_of(MANAGED), fusion=True, work_dir="s3://bucket/work").provider is MANAGED
