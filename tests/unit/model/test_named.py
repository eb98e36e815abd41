"""A task definition named where the image would be: what may be said beside it, and what is its own."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.errors import InvalidTask
from awsecs_async.model import fused
from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.named import NamedDefinition
from awsecs_async.model.overrides import check_work
from awsecs_async.model.settings import Target
from awsecs_async.model.spec_json import spec_from_json, spec_to_json
from awsecs_async.model.spill import spill
from awsecs_async.model.task import TaskSpec
from tests.unit.model.shapes import problems
from tests.unit.model.works import FARGATE, ROLE, request, work

NAMED = "task-definition://align:7#app"
SECRET = "arn:aws:ssm:eu-central-1:123456789012:parameter/a"


@pytest.mark.parametrize(
    ("text", "name", "container"),
    [
        ("task-definition://align", "align", "main"),
        ("task-definition://align:7", "align:7", "main"),
        ("task-definition://align#app", "align", "app"),
        (NAMED, "align:7", "app"),
    ],
)
def test_a_name_is_read(text: str, name: str, container: str) -> None:
    """A family, perhaps its revision, perhaps the container, which else is called as ours are."""
    assert NamedDefinition.of(text) == NamedDefinition(name=name, container=container)


@pytest.mark.parametrize(
    "wrong", ["", "a b", "a:0", "a:x", "a:1:2", "a#", "a#b#c", "a/b", "é", "arn:aws:ecs"]
)
def test_what_is_no_name_is_refused(wrong: str) -> None:
    """With the form that is meant; it is never taken for an image."""
    with pytest.raises(InvalidTask, match=r"^container: .* (\S*FAMILY\[:REVISION|the name of an image)"):
        TaskSpec(container=f"task-definition://{wrong}")


@pytest.mark.parametrize(
    "fields",
    [
        {"entry_point": ["sh"]}, {"entry_point": []}, {"working_directory": "/data"}, {"user": "me"},
        {"stop_timeout": 0}, {"container_options": "--init"}, {"volumes": ["/a:/b"]},
        {"secrets": {"A": SECRET}}, {"fusion": True}, {"work_dir": "s3://bucket/work"},
    ],
)  # fmt: skip
def test_what_a_definition_says_is_refused_of_the_task(fields: dict[str, Any]) -> None:
    """Silently left out, it would be missed; said by both, nobody would know which holds."""
    with pytest.raises(InvalidTask, match="belongs into the task definition align:7") as refused:
        TaskSpec(container=NAMED, **fields)
    assert refused.value.field == next(iter(fields))


def test_several_containers_name_none() -> None:
    """A definition brings all of its containers: it is no part of another task."""
    with pytest.raises(InvalidTask, match="name it alone"):
        TaskSpec(containers=[ContainerSpec(container=NAMED)])


def test_the_container_is_named_once() -> None:
    """Its exit code counts, and result_from has nothing to add."""
    assert TaskSpec(container=NAMED).result_container == "app"
    assert [each.name for each in TaskSpec(container=NAMED).all_containers] == ["app"]
    with pytest.raises(InvalidTask, match="result_from: there is one container and its name is 'app'"):
        TaskSpec(container=NAMED, result_from="main")


def test_runtask_says_of_it_what_it_says_of_any_other() -> None:
    """Command, variables and their files, size, GPUs, role and tags, about the container that was named."""
    spec = TaskSpec(
        container=NAMED, command=["run"], environment={"A": "1"}, environment_files=["s3://bucket/a.env"],
        task_role=ROLE, tags={"k": "v"}, execute_command=True,
    )  # fmt: skip
    found = request(work(spec))
    assert found["overrides"] == {
        "containerOverrides": [
            {
                "name": "app",
                "command": ["run"],
                "environment": [{"name": "A", "value": "1"}],
                "environmentFiles": [{"value": "arn:aws:s3:::bucket/a.env", "type": "s3"}],
            }
        ],
        "cpu": "1024",
        "memory": "2048",
        "taskRoleArn": ROLE,
    }
    assert (found["tags"], found["enableExecuteCommand"]) == ([{"key": "k", "value": "v"}], True)
    assert problems("RunTask", found) == ""
    assert problems("RunTask", request(work(TaskSpec(container=NAMED), FARGATE))) == ""


def test_fusion_by_the_settings_leaves_it_alone() -> None:
    """Who turned Fusion on for all tasks did not ask for it in definitions of somebody else's."""
    fusion = Fusion(enabled=True)
    spec = TaskSpec(container=NAMED, command=["run"])
    assert not fused.is_on(spec, fusion)
    check_work(work(spec, fusion=fusion))
    (override,) = request(work(spec, fusion=fusion))["overrides"]["containerOverrides"]
    assert override == {"name": "app", "command": ["run"]}


def test_a_long_command_goes_by_s3() -> None:
    """ECS reads the file with the definition's own execution role; nothing is asked of the settings'."""
    spec = TaskSpec(container=NAMED, command=["x" * 9_000])
    found = spill(work(spec, target=Target(cluster="c", work_bucket="s3://work")), "me")
    assert found is not None
    (override,) = found.overrides["containerOverrides"]
    assert (override["name"], len(override["environmentFiles"]), found.spec) == ("app", 1, spec)


def test_it_is_found_again_in_a_journal() -> None:
    """The name is all that a spec holds of it."""
    spec = TaskSpec(container=NAMED, command=["run"])
    assert spec_from_json(spec_to_json(spec)) == spec
