"""Volumes: raised to what there is, refused with the most there is, before ECS would fail the task for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.disk import RULES, volume
from awsecs_async.model.resources import Disk

ROLE = "arn:aws:iam::123456789012:role/infrastructure"


@given(st.integers(1, 20_000), st.sampled_from(sorted(RULES)), st.none() | st.integers(1, 300_000))
def test_a_volume_is_one_that_ebs_has(size: int, kind: Any, iops: int | None) -> None:  # noqa: ANN401
    """Whatever is asked: within AWS's ranges and no smaller than asked, or refused."""
    try:
        made, remarks = volume(Disk(size=size, type=kind, iops=iops), ROLE)
    except InvalidTask:
        return
    assert size <= made.size_gib <= 16_384
    assert made.size_gib >= (125 if kind in {"st1", "sc1"} else 30)
    assert bool(remarks) == (made.size_gib > size)
    assert (iops is None) == (made.iops is None)
    if iops is not None:
        assert iops <= {"gp3": 16_000, "io1": 64_000, "io2": 256_000}[kind]


def test_what_is_asked_reaches_the_volume() -> None:
    """All of it, and gp3 where no type is named."""
    disk = Disk(
        size="1 TB", iops=16_000, throughput=1_000, encrypted=True, mount_path="/scratch", filesystem="ext4"
    )
    made, remarks = volume(disk, ROLE)
    assert (made.role, made.size_gib, made.type, made.iops, made.throughput) == (
        ROLE,
        1024,
        "gp3",
        16_000,
        1_000,
    )
    assert (made.encrypted, made.mount_path, made.filesystem) == (True, "/scratch", "ext4")
    assert remarks == ()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"size": "20 TB"},
            "20,480 GB is more than EBS's largest volume, 16,384 GB; ask for '16 TB' or less",
        ),
        (
            {"size": 100, "type": "io2"},
            "io2 has as many iops as are paid for; say how many, such as iops=3000",
        ),
        (
            {"size": 100, "type": "io2", "iops": 200_000},
            "200,000 iops; io2 has 100 to 100,000 with a volume of 100 GB",
        ),
        ({"size": 100, "iops": 100}, "100 iops; gp3 has 3,000 to 16,000 with a volume of 100 GB"),
        ({"size": 30, "iops": 16_000}, "16,000 iops; gp3 has 3,000 to 15,000 with a volume of 30 GB"),
        ({"size": 100, "type": "gp2", "iops": 3000}, "gp2 takes no iops; leave them out, or take type='gp3'"),
        ({"size": 100, "throughput": 1200}, "a throughput of 1,200 MiB/s; a gp3 volume has 125 to 1,000"),
        ({"size": 100, "throughput": 900}, "a throughput of 900 MiB/s takes 3,600 iops; say iops=3600"),
        (
            {"size": 200, "type": "st1", "throughput": 300},
            "st1 takes no throughput; leave it out, or take type='gp3'",
        ),
    ],
)
def test_what_ebs_has_not_is_refused(asked: dict[str, Any], said: str) -> None:
    """With the nearest that it has."""
    with pytest.raises(InvalidTask) as refused:
        volume(Disk(**asked), ROLE)
    assert str(refused.value) == f"disk: {said}"
