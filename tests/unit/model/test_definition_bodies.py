"""The RegisterTaskDefinition bodies: what a task asks for, in ECS's words, and only that.

Each option is shown by its exact body, and whatever is asked for, what placement lets through is a body that
botocore's model and the local cloud's rules, which are ECS's as documented, accept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from awsecs_async.engine.placement import surroundings
from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.local.ecs.definition_rules import check_definition
from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.instances import Architecture
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.placement import Ebs, Kind, Placement, Provider
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from tests.unit.model.shapes import problems
from tests.unit.model.specs import all_specs

ROLE = "arn:aws:iam::123456789012:role/x"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a"
TARGET = Target(cluster="c", region="eu-central-1", execution_role=ROLE)
PLACE = Placement(
    target="default", cluster="c", provider=Provider(name="p", kind=Kind.MANAGED_INSTANCES),
    network_mode="awsvpc", cpu_units=1024, memory_mib=2048,
)  # fmt: skip
EBS = Ebs(role=ROLE, size_gib=500, type="gp3", mount_path="/disk")
FUSION = Fusion(license=SECRET)
TWO = TaskSpec(containers=[ContainerSpec(name="a"), ContainerSpec(name="b", essential=False)])


def body(spec: TaskSpec, place: Placement = PLACE, fusion: Fusion = FUSION) -> dict[str, Any]:
    """The whole request."""
    return render_definition(spec, place, TARGET, fusion).request


def container(spec: TaskSpec, place: Placement = PLACE, fusion: Fusion = FUSION) -> dict[str, Any]:
    """What is said of its first container, besides what every container has."""
    always = {"name", "image", "essential", "logConfiguration"}
    first = body(spec, place, fusion)["containerDefinitions"][0]
    return {name: value for name, value in first.items() if name not in always}


@pytest.mark.parametrize("kind", list(Kind))
@given(
    spec=all_specs, ebs=st.none() | st.just(EBS), architecture=st.sampled_from(["X86_64", "ARM64"]),
    privileged=st.booleans(),
)  # fmt: skip
def test_what_fits_a_kind_is_accepted(
    kind: Kind, spec: TaskSpec, ebs: Ebs | None, architecture: Architecture, *, privileged: bool
) -> None:
    """By botocore's model, and by the rules of the local cloud for that kind."""
    assume(not (spec.fusion and kind is Kind.FARGATE))
    try:
        for each in spec.all_containers:
            surroundings.check(each, kind)
    except Misfit:
        return
    place = replace(PLACE, provider=replace(PLACE.provider, kind=kind), ebs=ebs, architecture=architecture)
    request = body(spec, place, replace(FUSION, privileged=privileged))
    assert problems("RegisterTaskDefinition", request) == ""
    check_definition(request)


def test_a_plain_task_asks_for_nothing() -> None:
    """AWS's defaults hold, and a definition of an earlier version is found again as it was."""
    request = body(TaskSpec(container="busybox", command=["a"]))
    assert container(TaskSpec(container="busybox", command=["a"])) == {}
    assert "volumes" not in request
    assert request["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"privileged": True}, {"privileged": True}),
        ({"read_only": True}, {"readonlyRootFilesystem": True}),
        ({"user": "1000:1000"}, {"user": "1000:1000"}),
        ({"working_directory": "/data"}, {"workingDirectory": "/data"}),
        (
            {"ulimits": ["nofile=1024:-1"]},
            {"ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": -1}]},
        ),
        ({"init": True}, {"linuxParameters": {"initProcessEnabled": True}}),
        (
            {"add_capabilities": ["CAP_SYS_ADMIN"], "drop_capabilities": ["chown"]},
            {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["CHOWN"]}}},
        ),
        (
            {"devices": ["/dev/a:/dev/b:rw"]},
            {
                "linuxParameters": {
                    "devices": [
                        {"hostPath": "/dev/a", "containerPath": "/dev/b", "permissions": ["read", "write"]}
                    ]
                }
            },
        ),
        (
            {"tmpfs": ["/t:noexec,size=64m"]},
            {"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 64, "mountOptions": ["noexec"]}]}},
        ),
        (
            {"shared_memory": "1 GB", "memory_swap": 0, "swappiness": 0},
            {"linuxParameters": {"sharedMemorySize": 1024, "maxSwap": 0, "swappiness": 0}},
        ),
    ],
)
def test_an_option_is_said_in_ecs_words(options: dict[str, Any], said: dict[str, Any]) -> None:
    """Each option where ECS has it, and nothing beside it."""
    assert container(TaskSpec(container_options=ContainerOptions(**options))) == said


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        ("/var/a:/a", {"host": {"sourcePath": "/var/a"}}),
        ("fs-12345678:/a", {"efsVolumeConfiguration": {"fileSystemId": "fs-12345678"}}),
        (
            "fs-12345678/b:/a",
            {"efsVolumeConfiguration": {"fileSystemId": "fs-12345678", "rootDirectory": "/b"}},
        ),
        (
            {"efs": "fs-12345678", "access_point": "fsap-12345678", "iam": True, "mount_path": "/a"},
            {
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-12345678",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-12345678", "iam": "ENABLED"},
                }
            },
        ),
    ],
)
def test_a_volume_is_said_once_and_mounted(volume: Any, said: dict[str, Any]) -> None:  # noqa: ANN401 (as written)
    """Its source in the definition, its place in the container."""
    spec = TaskSpec(volumes=[volume])
    (source,) = body(spec)["volumes"]
    name = source.pop("name")
    assert source == said
    assert container(spec) == {"mountPoints": [{"sourceVolume": name, "containerPath": "/a"}]}


def test_one_source_in_two_containers_is_one_volume() -> None:
    """Two containers share a directory: one volume, a mount point in each, read-only where it was said."""
    first = ContainerSpec(name="a", volumes=["/var/a:/x"])
    second = ContainerSpec(name="b", essential=False, volumes=["/var/a:/y:ro"])
    spec = TaskSpec(containers=[first, second])
    request = body(spec)
    assert len(request["volumes"]) == 1
    points = [each["mountPoints"][0] for each in request["containerDefinitions"]]
    assert [(p["containerPath"], p.get("readOnly")) for p in points] == [("/x", None), ("/y", True)]


def test_a_disk_is_configured_at_launch_and_mounted_in_all_containers() -> None:
    """What it is like is RunTask's to say; the definition has its name and its places."""
    request = body(TWO, replace(PLACE, ebs=EBS))
    assert request["volumes"] == [{"name": "disk", "configuredAtLaunch": True}]
    for each in request["containerDefinitions"]:
        assert each["mountPoints"] == [{"sourceVolume": "disk", "containerPath": "/disk"}]


def test_secrets_are_said_and_environment_files_are_not() -> None:
    """A secret cannot be overridden at RunTask; a file of variables can, and so costs no definition."""
    spec = TaskSpec(secrets={"S": SECRET}, environment_files=["s3://bucket/a.env"])
    assert container(spec) == {"secrets": [{"name": "S", "valueFrom": SECRET}]}


def test_fusion_gets_its_device_or_all_privileges_and_its_licence() -> None:
    """Only the container whose exit code counts; what the task says itself wins."""
    fuse = {"hostPath": "/dev/fuse", "containerPath": "/dev/fuse", "permissions": ["read", "write", "mknod"]}
    licence = [{"name": "FUSION_LICENSE_TOKEN", "valueFrom": SECRET}]
    spec = TaskSpec(fusion=True, work_dir="s3://bucket/a")
    by_device = {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}, "devices": [fuse]}}
    assert container(spec) == by_device | {"secrets": licence}
    assert container(spec, fusion=Fusion(privileged=True)) == {"privileged": True}
    assert container(replace(spec, environment={"FUSION_LICENSE_TOKEN": "mine"})) == by_device
    assert container(replace(spec, fusion=False, work_dir=None), fusion=Fusion(enabled=True)) == {}
    two = body(replace(TWO, fusion=True))
    assert ["secrets" in each for each in two["containerDefinitions"]] == [True, False]


def test_ec2_is_told_an_architecture_only_if_the_task_says_one() -> None:
    """A cluster's own instances have theirs; whoever asks for one is placed by it."""
    place = replace(PLACE, provider=Provider(name=None, kind=Kind.EC2), architecture="ARM64")
    assert "runtimePlatform" not in body(TaskSpec(), place)
    assert body(TaskSpec(architecture="arm64"), place)["runtimePlatform"]["cpuArchitecture"] == "ARM64"
