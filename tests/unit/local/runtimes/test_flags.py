"""A container as the arguments of its engine, and the flags that a machine needs."""

from __future__ import annotations

from awsecs_async.local.runtimes.flags import (
    DEFAULT_FLAGS,
    FLAGS_VARIABLE,
    LOW_LIMITS,
    Flags,
    create_arguments,
    create_environment,
)
from awsecs_async.local.runtimes.port import Box, ContainerRun, Mount

RUN = ContainerRun(
    task_arn="a",
    task_id="1",
    name="main",
    image="app",
    entry_point=("/bin/sh", "-c"),
    command=("echo hello",),
    environment={"SECRET": "s3cret", "PATH": "/bin", "DOCKER_HOST": "here", "GOAL": "x"},
    working_directory="/data",
    user="1000:1000",
    cpu_units=512,
    memory_mib=256,
    init_process=True,
    mounts=(
        Mount(volume="work", container_path="/work"),
        Mount(volume="etc", container_path="/etc/app", host_path="/etc", read_only=True),
    ),
)


def test_every_field_is_an_argument() -> None:
    """All that a task definition says of a container reaches the engine, the command last."""
    assert create_arguments(RUN, "app", ("--name=x",), Flags(place=())) == (
        "--name=x",
        "--pull=never",
        *("--env", "SECRET"),
        *("--env", "PATH=/bin"),
        *("--env", "DOCKER_HOST=here"),
        *("--env", "GOAL"),
        "--volume=awsecs-1-volume-work:/work",
        "--volume=/etc:/etc/app:ro",
        "--workdir=/data",
        "--user=1000:1000",
        "--init",
        "--cpu-shares=512",
        "--memory=256m",
        "--entrypoint=/bin/sh",
        "app",
        "-c",
        "echo hello",
    )


def test_every_field_of_the_box_is_an_argument() -> None:
    """What a definition says of capabilities, devices, limits and memory reaches the engine too."""
    box = Box(
        privileged=True,
        read_only_root=True,
        capabilities_added=("SYS_ADMIN",),
        capabilities_dropped=("NET_RAW",),
        devices=("/dev/fuse:/dev/fuse:rw",),
        tmpfs=("/scratch:size=64m,noexec",),
        ulimits=("nofile=1024:2048",),
        shared_memory_mib=128,
        swap_mib=100,
        pid_of_host=True,
        ipc_of_host=True,
    )
    run = ContainerRun(task_arn="a", task_id="1", name="main", image="app", memory_mib=256, box=box)
    assert create_arguments(run, "app", (), Flags(place=())) == (
        "--pull=never",
        "--cap-add=SYS_ADMIN",
        "--cap-drop=NET_RAW",
        "--device=/dev/fuse:/dev/fuse:rw",
        "--tmpfs=/scratch:size=64m,noexec",
        "--ulimit=nofile=1024:2048",
        "--shm-size=128m",
        "--memory-swap=356m",
        "--privileged",
        "--read-only",
        "--pid=host",
        "--ipc=host",
        "--memory=256m",
        "app",
    )


def test_the_engines_own_environment_is_left_alone() -> None:
    """Variables are handed over in the engine's environment, except those that would steer it."""
    assert create_environment(RUN) == {"SECRET": "s3cret", "GOAL": "x"}


def test_complaints_ease_the_flags_one_at_a_time() -> None:
    """A machine that may not raise limits gets low ones, one without cgroups gets none; then it is over."""
    lower = Flags().eased("error setting rlimits for ready process: operation not permitted")
    assert lower == Flags(place=(*DEFAULT_FLAGS, *LOW_LIMITS))
    assert lower.eased("error setting rlimits") is None
    unlimited = lower.eased("runc: cgroup is not mounted")
    assert unlimited == Flags(place=(*DEFAULT_FLAGS, *LOW_LIMITS), limits=False)
    assert unlimited.eased("cgroup") is None
    assert Flags().eased('exec: "nope": executable file not found in $PATH') is None


def test_flags_of_the_user_are_left_alone() -> None:
    """AWSECS_LOCAL_CONTAINER_FLAGS replaces the default flags, even by none."""
    flags = Flags.of_environment({FLAGS_VARIABLE: "--network=none --label 'a b'"})
    assert flags.place == ("--network=none", "--label", "a b")
    assert flags.eased("rlimit") is None
    assert Flags.of_environment({FLAGS_VARIABLE: ""}).place == ()
    assert Flags.of_environment({}) == Flags()
