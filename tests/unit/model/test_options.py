"""Container options: read as people write them, and what ECS cannot have is told where it belongs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume

SECRET = {"A": "arn:aws:ssm:eu-central-1:123456789012:parameter/a"}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("--privileged", {"privileged": True}),
        ("--privileged=false --init --read-only=true", {"init": True, "read_only": True}),
        ("--ulimit nofile=1280:2560 --ulimit nproc=6", {"ulimits": ["nofile=1280:2560", "nproc=6:6"]}),
        ("--ulimit=memlock=-1:-1", {"ulimits": [("memlock", -1, -1)]}),
        ("--ulimit memlock=-1", {"ulimits": [("memlock", -1, -1)]}),
        ("--shm-size 12048024", {"shared_memory": 12}),
        ("--shm-size=2g", {"shared_memory": 2048}),
        ("--memory-swap 2048 --memory-swappiness 90", {"memory_swap": 2048, "swappiness": 90}),
        ("--memory-swap 0", {"memory_swap": 0}),
        ("--tmpfs /run:rw,noexec,nosuid,size=64", {"tmpfs": [("/run", 64, ("rw", "noexec", "nosuid"))]}),
        ("--tmpfs /app:ro,size=1g --tmpfs /b:size=1m", {"tmpfs": [("/app", 1024, ("ro",)), ("/b", 1, ())]}),
        ("--cap-add sys_admin --cap-add CAP_KILL", {"add_capabilities": ["KILL", "SYS_ADMIN"]}),
        ("--cap-drop=ALL", {"drop_capabilities": ["ALL"]}),
        ("--device /dev/fuse", {"devices": [("/dev/fuse", "/dev/fuse", "rwm")]}),
        ("--device=/dev/a:/dev/b:r --device /dev/c:wr",
         {"devices": [("/dev/a", "/dev/b", "r"), ("/dev/c", "/dev/c", "rw")]}),
        ("-e A=1 --env 'B=two words' -eC=x=y", {"environment": {"A": "1", "B": "two words", "C": "x=y"}}),
        ("-e A=1 -e A=2", {"environment": {"A": "2"}}),
        ("-u 1000:1000 -w /data", {"user": "1000:1000", "working_directory": "/data"}),
        ("--user me --workdir=/data", {"user": "me", "working_directory": "/data"}),
        ("-v /host:/a -v /b:/c:ro", {"volumes": ["/host:/a", "/b:/c:ro"]}),
    ],
)  # fmt: skip
def test_options_are_read_as_docker_and_nextflow_write_them(text: str, fields: dict[str, Any]) -> None:
    """Both forms, with = and without, and the sizes as Nextflow's awsbatch executor reads them."""
    assert ContainerOptions.of(text) == ContainerOptions(**fields)


@pytest.mark.parametrize("text", ["", "   "])
def test_no_options_are_none(text: str) -> None:
    """Nextflow gives an empty string where a process has none."""
    assert ContainerOptions.of(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("--cpus 4", "--cpus: say it in the field cpus"),
        ("-m 4g", "-m: say it in the field memory"),
        ("--gpus all", "field accelerator"),
        ("--network host", "field network"),
        ("--platform=linux/arm64", "field architecture"),
        ("--entrypoint sh", "field entry_point"),
        ("--env-file a.env", "field environment_files"),
        ("--hostname h", "ECS names hosts itself"),
        ("--rm", "leave it out"),
        ("-it", "nobody sits before a task"),
        ("--security-opt a", "no such option"),
        ("--privilegd", "the nearest is --privileged"),
        ("--zzz 5", "there are --cap-add"),
        ("busybox", "'busybox' belongs to no option"),
        ("--init maybe", "not true or false"),
        ("--user", "expected one argument"),
        ("-e HOME", "write HOME=VALUE"),
        ("--ulimit nofile", "'nofile=1024:2048'"),
        ("--ulimit files=5", "none of ECS's: core"),
        ("--ulimit nofile=9:5", "soft limit 9 is over the hard limit 5"),
        ("--tmpfs /run", "'/run:size=64m'"),
        ("--tmpfs run:size=5", "absolute path"),
        ("--tmpfs /run:size=5,quick", "'quick' is no mount option"),
        ("--tmpfs /run:size=67108864", "write, say, 64m"),
        ("--memory-swap -1", "-1"),
        ("--memory-swappiness 101", "0 to 100"),
        ("--memory-swappiness high", "0 to 100"),
        ("--cap-add SYS_ADMN", "perhaps SYS_ADMIN"),
        ("--device fuse", "absolute path"),
        ("--device /dev/a:/dev/b:rx", "made of r, w and m"),
        ("-v data:/a", "named volumes"),
        ("-v /a", "/host:/path"),
        ("-v /a:/b:Z", "/host:/path"),
        ("--mount type=bind", "-v /host:/path"),
        ("-e 'A=1", "split into words"),
        ("-u 'a b'", "a name or a number"),
        ("-w data", "absolute path"),
    ],
)
def test_what_cannot_be_is_refused_with_where_it_belongs(text: str, said: str) -> None:
    """Nothing is dropped in silence: the option is named, and what to do instead."""
    with pytest.raises(InvalidTask) as caught:
        ContainerOptions.of(text)
    assert caught.value.field == "container_options"
    assert said in caught.value.problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ulimits", [("nofile", 5)]), ("ulimits", [["nofile", 5, 5]]), ("ulimits", ["nofile=5"]),
        ("ulimits", [{"name": "nofile", "soft": 5}]),
    ],
)  # fmt: skip
def test_equal_however_it_was_written(field: str, value: object) -> None:
    """A tuple, a list, a text or a table: one value, which can be compared and cached."""
    made = ContainerOptions(**{field: value})  # type: ignore[arg-type]
    assert made == ContainerOptions(ulimits=[("nofile", 5, 5)])
    assert hash(made) == hash(ContainerOptions(ulimits=[("nofile", 5, 5)]))


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"user": "a", "container_options": "-u b"}, "user", "say it once"),
        ({"working_directory": "/a", "container_options": "-w /b"}, "working_directory", "say it once"),
        ({"secrets": SECRET, "environment": {"A": "1"}}, "secrets", "A is"),
        ({"secrets": SECRET, "container_options": "-e A=1"}, "secrets", "A is"),
        ({"volumes": ["/a:/b"], "container_options": "-v /c:/b"}, "volumes", "two are mounted on /b"),
        ({"volumes": ["/a:/b"], "container_options": "--tmpfs /b/:size=1"}, "volumes", "two are mounted"),
        ({"volumes": ["/a:/tmp"], "disk": 30}, "volumes", "set disk.mount_path"),
        ({"work_dir": "s3://bucket/a", "fusion": False}, "work_dir", "Fusion's"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], field: str, said: str) -> None:
    """Two fields that say different things about the same are told at once, not by ECS later."""
    with pytest.raises(InvalidTask) as caught:
        TaskSpec(**fields)
    assert caught.value.field == field
    assert said in caught.value.problem


def test_what_is_said_twice_alike_is_taken() -> None:
    """A pipeline may say the same user in its options and in its process."""
    assert TaskSpec(user="a", container_options="-u a").user == "a"


pieces = st.sampled_from(
    [
        "--privileged",
        "--ulimit",
        "nofile=1:2",
        "-e",
        "A=1",
        "--tmpfs",
        "/a:size=5",
        "-v",
        "/a:/b",
        "-u",
        "=",
        "-",
    ]
)


@given(st.text(max_size=30) | st.lists(pieces, max_size=6).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in a pipeline's configuration ends as options or as InvalidTask."""
    with suppress(InvalidTask):
        hash(ContainerOptions.of(text))


@pytest.mark.parametrize(
    ("written", "volume"),
    [
        ("/a:/b", Volume(host_path="/a", mount_path="/b")),
        ("/a:/b:ro", Volume(host_path="/a", mount_path="/b", read_only=True)),
        ("fs-12345678:/b:rw", Volume(efs="fs-12345678", mount_path="/b")),
        ("fs-12345678/d/e:/b", Volume(efs="fs-12345678", efs_path="/d/e", mount_path="/b")),
        ({"host_path": "/a", "mount_path": "/b"}, Volume(host_path="/a", mount_path="/b")),
    ],
)
def test_a_volume_is_read_as_people_write_it(written: object, volume: Volume) -> None:
    """Directories of the host and EFS file systems, as text or as a table."""
    assert Volume.of(written) == volume


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mount_path": "/a"}, "host_path or efs"),
        ({"mount_path": "/a", "host_path": "/b", "efs": "fs-12345678"}, "one of the two"),
        ({"mount_path": "/a", "host_path": "/b", "iam": True}, "go with efs"),
        ({"mount_path": "a", "host_path": "/b"}, "mount_path: 'a' is not an absolute path"),
        ({"mount_path": "/a", "host_path": "b"}, "host_path: 'b' is not an absolute path"),
        ({"mount_path": "/a", "efs": "fs-1"}, "'fs-12345678'"),
        ({"mount_path": "/a", "efs": "fs-12345678", "access_point": "ap"}, "'fsap-12345678'"),
        ({"mount_path": "/a", "efs": "fs-12345678", "access_point": "fsap-12345678", "efs_path": "/d"},
         "a directory of its own"),
    ],
)  # fmt: skip
def test_what_is_no_volume_is_refused(fields: dict[str, Any], said: str) -> None:
    """What ECS or EFS would refuse when the task starts is refused when it is made."""
    with pytest.raises(InvalidTask, match=r"^volumes: ") as caught:
        Volume(**fields)
    assert said in caught.value.problem


def test_a_volume_is_named_by_its_source_alone() -> None:
    """The same source has the same name wherever it is mounted, and another source another."""
    first, again = Volume.of("/a:/b"), Volume.of("/a:/c:ro")
    assert first.name == again.name == "host-" + first.name.removeprefix("host-")
    others = ["/b:/b", "fs-12345678:/b", "fs-12345678/d:/b"]
    assert len({first.name, *(Volume.of(each).name for each in others)}) == 4
