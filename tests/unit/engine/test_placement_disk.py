"""Disks: a volume with the infrastructure role, Fargate's ephemeral storage, or the instance's own."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from awsecs_async.model.placement import Provider
from tests.unit.engine.placing import EC2, FARGATE, MANAGED, ROLE, managed, place, refusal, says, station_of


@pytest.mark.parametrize("provider", [MANAGED, EC2])
def test_with_the_role_a_disk_is_a_volume(provider: Provider) -> None:
    """On Managed Instances and EC2; too small a size is raised, and it says so."""
    placed = place(station_of(provider, infrastructure_role=ROLE), disk="500 GB")
    assert placed.ebs is not None
    assert (placed.ebs.role, placed.ebs.size_gib, placed.ebs.type) == (ROLE, 500, "gp3")
    placed = place(station_of(provider, infrastructure_role=ROLE), disk="100 GB st1")
    assert placed.ebs is not None
    assert placed.ebs.size_gib == 125
    assert placed.remarks == ("disk 100 GB raised to 125 GB, the least that st1 has",)


@pytest.mark.parametrize(("size", "ephemeral"), [(10, None), (20, None), (21, 21), (200, 200)])
@pytest.mark.parametrize("role", [None, ROLE])
def test_on_fargate_up_to_200_gib_are_ephemeral(size: int, ephemeral: int | None, role: str | None) -> None:
    """20 come free; a volume is made only where a type is asked for, or more than that."""
    placed = place(station_of(FARGATE, infrastructure_role=role), disk=size)
    assert (placed.ephemeral_gib, placed.ebs) == (ephemeral, None)


@pytest.mark.parametrize("disk", [201, "50 GB gp3", {"size": 50, "iops": 4000}])
def test_on_fargate_the_rest_is_a_volume(disk: Any) -> None:  # noqa: ANN401
    """With the role; without it a refusal that names it."""
    placed = place(station_of(FARGATE, infrastructure_role=ROLE), disk=disk)
    assert placed.ebs is not None
    assert placed.ephemeral_gib is None
    assert "ask for 200 GB or less and no more, or set infrastructureRole" in refusal(
        station_of(FARGATE), disk=disk
    )


def test_without_the_role_a_managed_instance_may_be_large_enough() -> None:
    """80 GiB where the provider says nothing, else what it says; the sharing is told."""
    large = dataclasses.replace(MANAGED, storage_gib=600)
    station = station_of(MANAGED, large)
    (remark,) = place(station_of(MANAGED), disk="80 GB").remarks
    assert says(remark, "disk 80 GB is part of the 80 GB that the tasks", "share; set infrastructureRole for")
    assert place(station, disk="500 GB").provider is large
    assert place(station, disk="500 GB").ebs is None
    said = refusal(station_of(MANAGED), disk="81 GB")
    assert says(said, "disk: 81 GB is more than the 80 GB of mi's instances; set infrastructureRole")
    assert says(said, "disk: ", "ask for 80 GB or less, or raise the provider's storageSizeGiB")


def test_without_the_role_what_shared_storage_cannot_do_is_said() -> None:
    """Encryption is refused, as it may be meant seriously; a mount path is told to be none."""
    assert "encryption" in refusal(station_of(MANAGED), disk={"size": 50, "encrypted": True})
    placed = place(station_of(MANAGED), disk={"size": 50, "mount_path": "/data"})
    assert placed.remarks[-1].startswith("nothing is mounted at /data")
    assert place(station_of(FARGATE), disk={"size": 50, "encrypted": True}).ephemeral_gib == 50


def test_without_the_role_instance_store_counts_where_the_provider_uses_it() -> None:
    """As much as the largest type for this task has; a type nobody knows may have any."""
    local = dataclasses.replace(managed(allowed=("c6id.large", "c6id.4xlarge")), uses_local_storage=True)
    assert place(station_of(local), disk="800 GB").provider is local
    assert "more than the 884 GB" in refusal(station_of(local), disk="900 GB")
    assert "more than the 109 GB" in refusal(station_of(local), disk="800 GB", machine_type="c6id.large")
    unknown = dataclasses.replace(managed(allowed=("c99.*",)), uses_local_storage=True)
    assert place(station_of(unknown), disk="9 TB").provider is unknown


@pytest.mark.parametrize(
    ("provider", "disk", "said"),
    [
        (EC2, 50, "disk: 50 GB at asg takes an EBS volume, which ECS makes with a role of yours; set "),
        (
            MANAGED,
            "50 GB gp3",
            "disk: type gp3 at mi takes an EBS volume, which ECS makes with a role of yours; ",
        ),
        (
            MANAGED,
            {"size": 50, "filesystem": "ext4"},
            "disk: iops, throughput, encryption or a file system of its own at mi ",
        ),
    ],
)
def test_without_the_role_a_volume_is_refused(provider: Provider, disk: Any, said: str) -> None:  # noqa: ANN401
    """Naming the setting."""
    text = refusal(station_of(provider), disk=disk)
    assert text.startswith(said)
    assert text.endswith("set infrastructureRole under [aws.ecs]")
