"""What ECS or the container would refuse minutes later is refused when the task is made, by its field."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.errors import InvalidTask
from awsecs_async.model.resources import ALL, Accelerator, Disk
from awsecs_async.model.task import TaskSpec


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("command", ["ls", "\ud800"], "not all UTF-8 text"),
        ("name", "a\udcff", "not all UTF-8 text"),
        ("container", "image\ud800", "not all UTF-8 text"),
        ("environment", {"A": "\ud800"}, "not all UTF-8 text"),
        ("volumes", ["/data:/"], "'/' is the root of the image's own files"),
        ("disk", "100 GB mount_path=//", "'//' is the root of the image's own files"),
        ("tags", {"a<b": "c"}, "AWS takes letters, digits, spaces and .* not '<'"),
        ("tags", {"a": "line\n"}, r"not '\\n'"),
        ("accelerator", -1, "-1 is not a count"),
    ],
)
def test_what_would_fail_later_is_refused_by_its_field(field: str, value: Any, problem: str) -> None:  # noqa: ANN401
    """One field alone is wrong, and the refusal names it."""
    with pytest.raises(InvalidTask, match=problem) as refusal:
        TaskSpec(**{"container": "image", field: value})
    assert refusal.value.field == field


def test_text_of_any_language_is_taken() -> None:
    """Only what cannot be written as UTF-8 is refused; tags have letters of all scripts."""
    spec = TaskSpec(container="image", command=["echo", "größe 大"], tags={"größe": "大 1"})
    assert spec.command == ("echo", "größe 大")
    assert spec.tags == (("größe", "大 1"),)
    assert TaskSpec(command=["ls", "latin-1: \udcfc"]).command[1] == "latin-1: \udcfc"  # S3 carries it


@pytest.mark.parametrize(
    ("text", "disk"),
    [
        ("500 GB iops=4000", Disk(size=500, iops=4000)),
        ("1 TB io2, iops=4000", Disk(size=1024, type="io2", iops=4000)),
        (
            "100 GB gp3 throughput=300 mount_path=/data encrypted=true filesystem=ext4",
            Disk(size=100, type="gp3", throughput=300, mount_path="/data", encrypted=True, filesystem="ext4"),
        ),
    ],
)
def test_a_disk_is_wholly_said_in_one_string(text: str, disk: Disk) -> None:
    """io1 and io2 need iops, so a command line must be able to say them."""
    assert Disk.of(text) == disk


@pytest.mark.parametrize(
    "text", ["1 TB gp3 type=gp2", "1 TB size=2", "1 TB gp3 iopps=3", "1 TB gp3 iops=many"]
)
def test_what_a_disk_has_not_is_refused(text: str) -> None:
    """A mistyped member is not passed over."""
    with pytest.raises(InvalidTask, match="disk"):
        Disk.of(text)


def test_all_accelerators_are_asked_for_by_that_word() -> None:
    """The number that stands for it within is not taken from people, but from the journal."""
    assert Accelerator.of("all").count == ALL
    assert Accelerator.of({"count": ALL}).count == ALL
