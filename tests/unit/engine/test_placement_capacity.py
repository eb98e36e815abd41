"""Machines: what a provider may launch holds the task, or the refusal names the nearest that it could."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.engine.placement.fleet import task_memory_mib
from awsecs_async.model.instances import CATALOGUE
from awsecs_async.model.placement import Provider
from tests.unit.engine.placing import EC2, MANAGED, managed, place, refusal, says, station_of
from tests.unit.model.constraints import holds

MORE = "the provider's instanceRequirements"


@pytest.mark.parametrize(
    ("wanted", "task", "said"),
    [
        (
            {"allowed": ("c6i.*",)},
            {"cpus": 130},
            ["cpus: 130 vCPUs", "mi", "c6i.32xlarge with 128", "128 or fewer, or allow larger types", MORE],
        ),
        (
            {"allowed": ("c6i.*",)},
            {"memory": "300 GB"},
            ["memory: 300 GB", "c6i.32xlarge with 256 GB", "ask for '254 GB' or less, or allow larger", MORE],
        ),
        (
            {},
            {"machine_type": "m5.xlarge", "memory": "16 GB"},
            [
                "memory: 16 GB",
                "m5.xlarge with 16 GB, of which the system keeps",
                "'15 GB' or less, or for another",
            ],
        ),
        (
            {"allowed": ("c6i.4xlarge", "r5.2xlarge")},
            {"cpus": 16, "memory": "60 GB"},
            ["cpus, memory: mi", "'31 GB' with 16 vCPUs (c6i.4xlarge), and 8 with 60 GB (r5.2xlarge)", MORE],
        ),
        ({"vcpus": (2, 8)}, {"cpus": 16}, ["cpus: 16 vCPUs", ".2xlarge with 8; ask for 8 or fewer", MORE]),
        (
            {"allowed": ("c6i.*", "m5.*")},
            {"machine_type": "m6a.2xlarge"},
            ["machine_type: mi may not launch m6a.2xlarge, only c6i, m5; the nearest", "'m5.2xlarge'", MORE],
        ),
        (
            {},
            {"machine_type": "m4.xlarge"},
            ["machine_type: Managed Instances have no m4.xlarge; the nearest it may launch is 'm5.xlarge'"],
        ),
        (
            {},
            {"machine_type": "p3.2xlarge"},
            ["machine_type: Managed Instances have no p3.2xlarge; the nearest it may launch is 'g"],
        ),
        (
            {"allowed": ("c99.*",)},
            {"machine_type": "m5.xlarge"},
            ["machine_type: mi may not launch m5.xlarge, only c99; allow it in", MORE],
        ),
        (
            {"allowed": ("m7g.*",)},
            {},
            ["architecture: mi launches no X86_64", "architecture='ARM64'", "another capacity provider"],
        ),
        (
            {"allowed": ("g5.*",)},
            {"accelerator": "nvidia-tesla-t4"},
            [
                "accelerator: mi may launch no instance with a t4 (g4dn); it has a10g: ask for one of these",
                MORE,
            ],
        ),
        (
            {"allowed": ("c99.*",)},
            {"accelerator": "t4"},
            [
                "accelerator: mi may launch no instance with a t4 (g4dn); leave accelerator out, or allow",
                MORE,
            ],
        ),
        (
            {"allowed": ("c6i.*",)},
            {"accelerator": 1},
            [
                "accelerator: mi may launch no instance with a GPU; leave accelerator out, or allow one in",
                MORE,
            ],
        ),
        (
            {"allowed": ("g4dn.xlarge", "g4dn.12xlarge")},
            {"accelerator": "8 t4"},
            ["accelerator: 8 of them", "the most is 4, on g4dn.12xlarge: ask for 4, or allow larger", MORE],
        ),
        ({}, {"accelerator": "16 t4"}, ["accelerator: 16 of them", "8, on g4dn.metal: ask for 8"]),
        ({"vcpus": (300, 301)}, {}, ["capacity_providers: no instance type known here meets mi's instance"]),
    ],
)
def test_a_refusal_names_the_nearest_that_fits(
    wanted: dict[str, Any], task: dict[str, Any], said: list[str]
) -> None:
    """What was asked, what there is, what to change, and where."""
    assert says(refusal(station_of(managed(**wanted)), **task), *said)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (
            {"accelerator": "t4", "machine_type": "c6i"},
            ["accelerator, machine_type: a t4 is in g4dn, and machine_type is c6i", "leave one of them out"],
        ),
        (
            {"accelerator": 1, "machine_type": "c6i"},
            ["accelerator, machine_type: c6i has no GPU; leave one of them out", "'g4dn.xlarge'"],
        ),
        (
            {"machine_type": "m7g.xlarge"},
            ["architecture: m7g.xlarge is ARM64, and this task is for X86_64", "architecture='ARM64'"],
        ),
        (
            {"accelerator": "t4g"},
            ["architecture: accelerator t4g (g5g) is ARM64, and this task is for X86_64", "='ARM64'"],
        ),
        ({"accelerator": "inferentia2"}, ["accelerator: inferentia2 is no GPU", "machine_type='inf2'"]),
    ],
)
@pytest.mark.parametrize("provider", [MANAGED, EC2])
def test_what_contradicts_itself_is_refused(
    provider: Provider, task: dict[str, Any], said: list[str]
) -> None:
    """Whatever the provider, naming both sides."""
    assert says(refusal(station_of(provider), **task), *said)


def test_accelerators_and_machine_types_become_a_constraint() -> None:
    """One memberOf expression, a lane of their own, and the count as RunTask has it."""
    placed = place(station_of(MANAGED), accelerator="2 nvidia-tesla-t4")
    assert (placed.gpus, placed.machine) == ("2", "t4")
    assert placed.constraint == r"attribute:ecs.instance-type =~ g4dn\..*"
    assert placed.lane == ("default", "mi t4")
    assert place(station_of(MANAGED), machine_type="c6i.large").lane == ("default", "mi c6i.large")
    both = place(station_of(EC2), accelerator="t4", machine_type="g4dn.xlarge, c6i.large")
    assert both.constraint == "attribute:ecs.instance-type == g4dn.xlarge"
    assert place(station_of(MANAGED), accelerator="all").gpus == "ALL"
    part = place(station_of(MANAGED), accelerator=0.5)
    assert (part.gpus, part.machine) == ("0.5", "l4")
    assert holds(part.constraint, "g6f.4xlarge")
    assert not holds(part.constraint, "g6.4xlarge")


def test_what_is_not_known_refuses_nothing() -> None:
    """A new type, a new family among those allowed, a provider that says nothing: they may hold anything."""
    placed = place(station_of(MANAGED), machine_type="c6i.3xlarge", cpus=24)
    (remark,) = placed.remarks
    assert says(remark, "machine_type 'c6i.3xlarge' is asked for", "c6i has large, xlarge, 2xlarge, 4xlarge")
    assert place(station_of(managed(allowed=("c99.*",))), cpus=100, accelerator=2).cpu_units == 102_400
    assert place(station_of(managed(accelerator_names=("z1",))), accelerator=4).gpus == "4"
    assert place(station_of(EC2), cpus=192, memory="20 TB").cpu_units == 192 * 1024
    limited = managed(allowed=("c99.*",), vcpus=(1, 8), memory_mib=(0, 65536))
    assert says(
        refusal(station_of(limited), cpus=16), "cpus: 16 vCPUs", "ask for 8 or fewer", "vCpuCount", MORE
    )
    assert says(
        refusal(station_of(limited), memory="65 GB"), "memory: 65 GB", "than 64 GB", "memoryMiB", MORE
    )
    assert "machine_type" in refusal(station_of(managed(allowed=("c6i.*",))), machine_type="c99.large")


def test_types_of_accelerators_restrict_what_may_be_launched() -> None:
    """Inference accelerators are no GPUs; on a provider of GPU instances other tasks run as well."""
    assert place(station_of(managed(accelerator_types=("gpu",))), accelerator="8 h100").gpus == "8"
    assert place(station_of(managed(accelerator_types=("gpu",))), cpus=4).gpus == ""
    text = refusal(station_of(managed(accelerator_types=("inference",))), accelerator=1)
    assert says(
        text, "accelerator: mi may launch no instance with a GPU; leave accelerator out, or allow", MORE
    )


def test_a_gpu_of_a_provider_that_says_nothing_is_remarked() -> None:
    """Whether AWS would buy one there is not documented: the task is placed, and told what to look at."""
    (remark,) = place(station_of(MANAGED), accelerator=1).remarks
    assert says(remark, "accelerator: mi has no instanceRequirements", "give it acceleratorTypes or allowed")
    assert place(station_of(managed(allowed=("g6.*",))), accelerator=1).remarks == ()


def test_a_size_below_ecs_least_is_raised() -> None:
    """And it says so."""
    placed = place(station_of(MANAGED), cpus=0.05)
    assert placed.cpu_units == 128
    assert placed.remarks == ("cpus 0.05 raised to 0.125: the least that ECS gives a task",)
    assert place(station_of(MANAGED), cpus=0.125).remarks == ()


def test_the_memory_assumed_for_tasks_is_rather_too_much() -> None:
    """Nothing is refused that fits: instances are known to leave less than what is assumed here."""
    registered = {"t3.medium": 3_884, "m5.large": 7_764, "c5.2xlarge": 15_550, "r5.24xlarge": 777_000}
    for name, memory_mib in registered.items():
        assert memory_mib <= task_memory_mib(CATALOGUE[name]) < CATALOGUE[name].memory_mib
