"""Environment files and boxes: from a task definition to what a runtime is given."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.local.ecs.boxes import box_of
from awsecs_async.local.environment_files import NoEnvironment, NoObject, nothing, variables, with_files
from awsecs_async.local.runtimes.port import Box, ContainerRun, TaskPlan

FILES = {
    ("bucket", "first.env"): b"A=1\nB=one=two\n# C=3\n\nnot a variable\n",
    ("bucket", "a/b.env"): b"B=2\nD=4\n",
}


async def fetch(bucket: str, key: str) -> bytes:
    """An object of the bucket."""
    try:
        return FILES[bucket, key]
    except KeyError:
        raise NoObject("NoSuchKey") from None


def plan(*keys: str, **environment: str) -> TaskPlan:
    """A task of one container with these files."""
    arns = tuple(f"arn:aws:s3:::bucket/{key}" for key in keys)
    run = ContainerRun(
        task_arn="a", task_id="1", name="main", image=None, environment=environment, environment_files=arns
    )
    return TaskPlan(task_arn="a", task_id="1", cluster_arn="c", family="f", revision=1, containers=(run,))


def test_lines_are_taken_as_they_stand() -> None:
    """One line is one variable; only the first equals sign parts it, and quotes are of the value."""
    assert variables('A=1\r\n  B="x y" \n#C=3\nD\n=5\nE=') == {"A": "1", "B": '"x y"', "E": ""}


async def test_the_first_file_counts_and_the_environment_before_all() -> None:
    """As ECS has it, so that an override of one variable needs no other file."""
    (run,) = (await with_files(plan("first.env", "a/b.env", A="own"), fetch)).containers
    assert run.environment == {"A": "own", "B": "one=two", "D": "4"}


async def test_a_file_that_is_not_there_fails_the_task() -> None:
    """With ECS's words, and the file's name."""
    with pytest.raises(NoEnvironment, match=r"^ResourceInitializationError: .*none\.env: NoSuchKey"):
        await with_files(plan("none.env"), fetch)
    with pytest.raises(NoEnvironment, match="no S3"):
        await with_files(plan("first.env"), nothing)


def test_a_definition_says_how_its_container_is_shut_in() -> None:
    """Devices, tmpfs and limits in the words of Podman and Docker."""
    container: dict[str, Any] = {
        "privileged": False,
        "readonlyRootFilesystem": True,
        "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 2}],
        "linuxParameters": {
            "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
            "devices": [
                {"hostPath": "/dev/fuse", "permissions": ["read", "write"]},
                {"hostPath": "/dev/kvm"},
            ],
            "tmpfs": [{"containerPath": "/scratch", "size": 64, "mountOptions": ["noexec", "nosuid"]}],
            "sharedMemorySize": 128,
            "maxSwap": 10,
        },
    }
    assert box_of(container, {"pidMode": "task", "ipcMode": "host"}) == Box(
        read_only_root=True,
        capabilities_added=("SYS_ADMIN",),
        capabilities_dropped=("ALL",),
        devices=("/dev/fuse:/dev/fuse:rw", "/dev/kvm:/dev/kvm:rwm"),
        tmpfs=("/scratch:size=64m,noexec,nosuid",),
        ulimits=("nofile=1:2",),
        shared_memory_mib=128,
        swap_mib=10,
        ipc_of_host=True,
    )
    assert box_of({"name": "main"}, {}) == Box()
