"""What a container asks of its surroundings: refused where the kind of capacity has not got it."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.placement import Provider
from tests.unit.engine.placing import EC2, FARGATE, MANAGED, place, refusal, route, says, station_of


@pytest.mark.parametrize(
    ("provider", "task", "said"),
    [
        (FARGATE, {"container_options": "--privileged"}, ["container_options: Fargate", "privileged"]),
        (FARGATE, {"container_options": "--device /dev/fuse"}, ["container_options: Fargate", "devices"]),
        (FARGATE, {"container_options": "--tmpfs /t:size=64m"}, ["container_options: Fargate", "tmpfs"]),
        (FARGATE, {"container_options": "--shm-size 64m"}, ["container_options: Fargate", "or use EC2"]),
        (FARGATE, {"container_options": "--cap-add SYS_ADMIN"}, ["container_options: Fargate", "SYS_ADMIN"]),
        (FARGATE, {"volumes": ["/data:/data"]}, ["volumes: Fargate has no directory /data of a host"]),
        (FARGATE, {"stop_timeout": 121}, ["stop_timeout: Fargate waits 120 seconds at most, not 121"]),
        (MANAGED, {"container_options": "--shm-size 64m"}, ["container_options: Managed Instances", "EC2"]),
        (MANAGED, {"container_options": "--memory-swap 64m"}, ["container_options: Managed", "memory_swap"]),
    ],
)
def test_what_the_kind_has_not_is_refused(provider: Provider, task: dict[str, Any], said: list[str]) -> None:
    """Naming the option and the kind of capacity that has it."""
    assert says(refusal(station_of(provider), **task), *said)


@pytest.mark.parametrize(
    ("provider", "task"),
    [
        (FARGATE, {"container_options": "--init --read-only --ulimit nofile=1024 --cap-add SYS_PTRACE"}),
        (FARGATE, {"volumes": ["fs-12345678:/data"], "stop_timeout": 120}),
        (MANAGED, {"container_options": "--privileged --tmpfs /t:size=64m --cap-add SYS_ADMIN"}),
        (MANAGED, {"volumes": ["/data:/data"], "stop_timeout": 3600}),
        (EC2, {"container_options": "--shm-size 64m --memory-swap 64m"}),
    ],
)
def test_what_the_kind_has_is_placed(provider: Provider, task: dict[str, Any]) -> None:
    """As AWS documents each."""
    assert place(station_of(provider), **task).provider is provider


def test_every_container_of_a_task_is_looked_at() -> None:
    """One that Fargate cannot have keeps the whole task from it, and the route goes on without."""
    containers = [
        ContainerSpec(name="main"),
        ContainerSpec(name="side", essential=False, container_options="--privileged"),
    ]
    station = station_of(FARGATE, MANAGED, capacity_providers=("FARGATE", "mi"))
    assert [each.provider for each in route(station, containers=containers)] == [MANAGED]


def test_directories_that_the_settings_mount_keep_tasks_from_fargate() -> None:
    """EFS goes everywhere; a host's directory does not, unless the task has something else in its place."""
    routed = ("FARGATE", "mi")
    hosts = station_of(FARGATE, MANAGED, capacity_providers=routed, volumes=("/var/ref:/ref",))
    assert [each.provider for each in route(hosts)] == [MANAGED]
    assert [each.provider for each in route(hosts, volumes=["fs-12345678:/ref"])] == [FARGATE, MANAGED]
    efs = station_of(FARGATE, MANAGED, capacity_providers=routed, volumes=("fs-12345678:/ref",))
    assert [each.provider for each in route(efs)] == [FARGATE, MANAGED]
    alone = station_of(FARGATE, volumes=("/var/ref:/ref",))
    assert says(refusal(alone), "volumes: Fargate has no directory /var/ref", "volumes under [aws.ecs]")
    assert place(alone, container="task-definition://align").provider is FARGATE
