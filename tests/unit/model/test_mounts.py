"""Volumes that the settings give to every task of a target."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from awsecs_async.errors import SettingsError
from awsecs_async.local.ecs.definition_rules import check_definition
from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.definition import render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.mounts import given
from awsecs_async.model.placement import Ebs
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume
from tests.unit.model.shapes import problems
from tests.unit.model.works import PLACE, ROLE

HOST, EFS = Volume.several(["/var/ref:/ref:ro", "fs-12345678/a:/data"])
TARGET = Target(cluster="c", region="eu-central-1", execution_role=ROLE)
GIVING = replace(TARGET, volumes=(HOST, EFS))
AT_REF = {"sourceVolume": HOST.name, "containerPath": "/ref", "readOnly": True}
AT_DATA = {"sourceVolume": EFS.name, "containerPath": "/data"}


def body(spec: TaskSpec, target: Target = GIVING, ebs: Ebs | None = None) -> dict[str, Any]:
    """The request that registers its definition."""
    return render_definition(spec, replace(PLACE, ebs=ebs), target, Fusion()).request


def points(request: dict[str, Any]) -> list[Any]:
    """What is mounted in each container."""
    return [each.get("mountPoints") for each in request["containerDefinitions"]]


def test_every_container_has_them() -> None:
    """Each source stands once in the definition, and is mounted in all of its containers."""
    two = TaskSpec(
        containers=[ContainerSpec(container="a"), ContainerSpec(name="side", container="b", essential=False)]
    )
    request = body(two)
    assert points(request) == [[AT_REF, AT_DATA], [AT_REF, AT_DATA]]
    assert request["volumes"] == [
        {
            "name": EFS.name,
            "efsVolumeConfiguration": {"fileSystemId": "fs-12345678", "rootDirectory": "/a"},
        },
        {"name": HOST.name, "host": {"sourcePath": "/var/ref"}},
    ]
    assert problems("RegisterTaskDefinition", request) == ""
    check_definition(request)


def test_what_the_task_mounts_goes_first() -> None:
    """A volume, scratch memory or the disk of its own in that place: the settings mount nothing there."""
    own = Volume.of("/var/other:/ref/")
    volumes = body(TaskSpec(container="a", volumes=[own]))
    assert points(volumes) == [[{"sourceVolume": own.name, "containerPath": "/ref/"}, AT_DATA]]
    assert HOST.name not in {each["name"] for each in volumes["volumes"]}
    assert points(body(TaskSpec(container="a", container_options="--tmpfs /ref:size=64m"))) == [[AT_DATA]]
    disk = Ebs(role=ROLE, size_gib=99, type="gp3", mount_path="/data")
    assert AT_DATA not in points(body(TaskSpec(container="a"), ebs=disk))[0]


def test_they_are_beside_what_the_task_mounts_elsewhere() -> None:
    """The task's own come first, and the same source is never there twice."""
    again = Volume.of("/var/ref:/again")
    request = body(TaskSpec(container="a", volumes=[again]))
    assert points(request) == [[{"sourceVolume": HOST.name, "containerPath": "/again"}, AT_REF, AT_DATA]]
    assert len(request["volumes"]) == 2


def test_they_are_part_of_the_fingerprint() -> None:
    """Other volumes are another definition, and none is the one that it always was."""
    spec = TaskSpec(container="a")
    keys = {
        render_definition(spec, PLACE, target, Fusion()).fingerprint
        for target in (TARGET, GIVING, replace(TARGET, volumes=(HOST,)))
    }
    assert len(keys) == 3
    assert "volumes" not in body(spec, TARGET)


def test_a_definition_of_somebody_elses_has_its_own() -> None:
    """It is run as it is."""
    (container,) = TaskSpec(container="task-definition://align").all_containers
    assert given(container, GIVING) == ()


@pytest.mark.parametrize(
    "volumes", ["/var/ref:/ref:ro, fs-12345678/a:/data", ["/var/ref:/ref:ro", EFS], (HOST, EFS)]
)
def test_settings_take_them_as_tasks_do(volumes: Any) -> None:  # noqa: ANN401 (that is the point)
    """Texts or values, and texts with commas between, as the environment has them."""
    assert Target(cluster="c", volumes=volumes).volumes == (HOST, EFS)


@pytest.mark.parametrize(
    ("volumes", "said"),
    [
        (["data:/data"], "Docker's named volumes"),
        ("/a:/b, /c:/b/", "'/b' is there twice"),
        (None, "not a list"),
        (5, "not a list"),
    ],
)
def test_settings_refuse_what_is_none(volumes: Any, said: str) -> None:  # noqa: ANN401 (that is the point)
    """By the setting's name, when they are made."""
    with pytest.raises(SettingsError, match=f"volumes: .*{said}"):
        Target(cluster="c", volumes=volumes)


@pytest.mark.parametrize("text", ["/var/ref:/ref:ro", "fs-12345678/a:/data", "fs-12345678:/data"])
def test_a_volume_is_shown_as_it_is_written(text: str) -> None:
    """What config show says can be written into the file."""
    assert str(Volume.of(text)) == text
