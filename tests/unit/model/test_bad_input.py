"""Bad input for every field: refused when the spec is made, with the field's name and what would be right.

Specs come from JSON and TOML too, so every field is also tried with what does not belong there at all:
whatever it is, it is taken or refused as InvalidTask, and nothing else is ever raised.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.container import ContainerSpec, HealthCheck
from awsecs_async.model.network import Network
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.resources import Accelerator, Disk
from awsecs_async.model.spec_json import spec_from_json
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume

HUGE = 10**400

# Of a field: values that it may not have, and a part of what is said about each.
CONTAINER: dict[str, list[tuple[object, str]]] = {
    "container": [("", "ubuntu:24.04"), (" ubuntu", "ubuntu:24.04"), (5, "ubuntu:24.04"), ("a\0", "image")],
    "command": [("echo hello", "list of words"), (["a\0"], "text"), ([1], "list of words"), (None, "list")],
    "entry_point": [("sh", "list of words"), ({"a": 1}, "list of words"), ("", "list of words"), (5, "list")],
    "environment": [
        ({"A=B": "1"}, "name that can be set"), ({"": "1"}, "name that can be set"),
        ({"A": 1}, "both of them text"),
        ([("A", "1"), ("A", "2")], "twice"), (["AB"], "a name and a value"), (5, "table of names"),
        ({1: "a"}, "text"),
    ],
    "working_directory": [("data", "absolute path"), (5, "absolute path"), ("/a\0", "absolute path")],
    "user": [("", "a name or a number"), ("a b", "user:group"), (-1, "a name or a number"), (True, "user")],
    "stop_timeout": [(-1, "0 to 86400"), (86_401, "seconds"), (1.5, "whole number"), ("5", "whole number")],
    "container_options": [
        ("--nothing", "no option"), (5, "string of options"), ({"sudo": True}, "is not one of"),
        ({"swappiness": 101}, "0 to 100"), ("--user", "expected one argument"), ("'", "split into words"),
    ],
    "volumes": [
        ("/a:/b", "a list"), (["/a"], "/host:/path"), (["data:/b"], "named volumes"),
        ([5], "/host:/path"),
        (["/a:/b", "/c:/b/"], "a path of its own"), ([{"host_path": "/a"}], "mount_path must be given"),
    ],
    "secrets": [
        ({"A": "hunter2"}, "does not belong here"), ({"A": 5}, "both of them text"),
        (["a"], "a name and a value"),
    ],
    "environment_files": [
        ("s3://bucket/key.txt", "*.env"), (["/etc/a.env"], "s3://bucket/key"), (5, "list of"),
        ([f"s3://bucket/{i}.env" for i in range(11)], "allows 10"), ([""], "list of names"),
    ],
}  # fmt: skip
SECRET = "hunter2"
WITH_SECRET: dict[str, list[object]] = {
    "environment": [
        f"A={SECRET}", [f"A={SECRET}"], {"A": [SECRET]}, {"A": f"{SECRET}\0"}, {"A": f"{SECRET}\ud800"},
        {f"A {SECRET}"},
    ],
    "secrets": [f"A={SECRET}", [f"A={SECRET}"], {"A": SECRET}, {"A": [SECRET]}],
}  # fmt: skip
ONLY_CONTAINER: dict[str, list[tuple[object, str]]] = {
    "name": [("a b", "letters, digits"), ("", "letters, digits"), (5, "letters, digits"), ("n" * 256, "255")],
    "essential": [(1, "true or false"), ("yes", "true or false")],
    "depends_on": [
        ("a", "a list"),
        ([5], "'side:SUCCESS'"),
        (["a:LATER"], "COMPLETE"),
        ([{}], "container"),
    ],
    "health_check": [
        ("CMD true", "['CMD', 'true']"),
        (5, "no table"),
        ({"interval": 5}, "command must be given"),
    ],
}
ONLY_TASK: dict[str, list[tuple[object, str]]] = {
    "cpus": [(0, "positive"), ("two", "such as 2"), ([], "positive"), (True, "positive"), (HUGE, "positive")],
    "memory": [
        ("much", "'4 GB'"), (-1, "positive"), ("4 XB", "KB, MB, GB or TB"), ({}, "positive"), (HUGE, ""),
    ],
    "accelerator": [(0, "such as 1"), ("2 -", "'2 a10g'"), ({"kind": "t4"}, "count, type"), ([], "a count")],
    "disk": [
        (0, "'500 GB'"), ("a lot", "'1 TB gp3'"), ("1 TB gp9", "gp3"),
        ({"size": 9, "mount_path": "tmp"}, "/data"),
    ],
    "machine_type": [
        ("", "c6i.2xlarge"), (["c6i.2xlarge; drop"], "'m5.*'"), (5, "'c6i.2xlarge'"), ([1], "texts"),
    ],
    "architecture": [("x86", "ARM64"), ("", "X86_64"), (64, "ARM64")],
    "network": [
        ("vlan", "awsvpc"), (5, "no mapping"), ({"mode": "host", "subnets": ["subnet-1"]}, "for mode awsvpc"),
        ({"subnets": ["vpc-1"]}, "subnet-12345678"),
        ({"security_groups": [f"sg-{i}" for i in range(6)]}, "allows 5"),
    ],
    "task_role": [("admin", "arn:aws:iam::"), (5, "arn:aws:iam::"), ("", "arn:aws:iam::")],
    "execute_command": [(1, "true or false"), ("yes", "true or false"), (None, "true or false")],
    "fusion": [(1, "true or false"), ("on", "true or false")],
    "work_dir": [("/work", "s3://bucket/key"), (5, "s3://bucket/path"), ("s3://B/x", "lower-case")],
    "name": [("", "1 to 128"), ("n" * 129, "1 to 128"), (5, "a task's name")],
    "tags": [
        ({"aws:x": "1"}, "AWS's own"), ({"k" * 129: "1"}, "up to 128"), ({"k": "v" * 257}, "up to 256"),
        ({str(i): "" for i in range(51)}, "allows 50"), ("a=b", "table of names"), ({"a": 1}, "text"),
    ],
    "timeout": [(-1, "'1h 30m'"), ("1h 30", "'1h 30m'"), ([], "positive"), (HUGE, "positive")],
    "start_timeout": [(0, "'90s'"), ("soon", "'90s'"), (True, "positive")],
    "queue_timeout": [(0, "'90s'"), ("later", "'90s'"), ({}, "positive")],
    "max_spot_attempts": [(-1, "0 to 1000"), ("5", "whole number"), (1.5, "whole number")],
    "max_host_attempts": [(-1, "0 to 1000"), (True, "whole number"), ([], "attempts")],
    "capacity_providers": [
        ({"a": 1}, "a list"), ([""], "list of names"), (["a", "a"], "twice"), ([5], "names"),
        ([f"p{i}" for i in range(21)], "up to 20"),
    ],
    "group": [("", "1 to 128"), ("g" * 129, "1 to 128"), (None, "a group's name")],
    "priority": [(1_001, "-1000 to 1000"), (0.5, "whole number"), ("high", "whole number")],
    "target": [("", "1 to 128"), (5, "a target's name")],
    "containers": [
        ("main", "a list"), ([5], "no container"), ([{"image": "a"}], "is not one of"),
        ([{"name": f"c{i}"} for i in range(11)], "allows 10"),
        ([{"name": "a", "essential": False}], "essential"),
    ],
    "result_from": [("other", "'main'"), ("", "1 to 128"), (5, "a container's name")],
}  # fmt: skip


def cases(table: dict[str, list[tuple[object, str]]]) -> list[Any]:
    """One case for each bad value of each field."""
    return [
        pytest.param(field, value, said, id=f"{field}-{number}")
        for field, values in table.items()
        for number, (value, said) in enumerate(values)
    ]


def made(kind: Any, field: str, value: object) -> object:  # noqa: ANN401 (any kind of spec)
    """A spec with one field set."""
    return kind(**{field: value})


@pytest.mark.parametrize(("field", "value", "said"), cases(CONTAINER | ONLY_TASK))
def test_a_task_refuses_it_by_name(field: str, value: object, said: str) -> None:
    """Whoever wrote it wrong is told where, and what would be right."""
    with pytest.raises(InvalidTask) as caught:
        made(TaskSpec, field, value)
    assert caught.value.field == field
    assert said in caught.value.problem


@pytest.mark.parametrize(("field", "value", "said"), cases(CONTAINER | ONLY_CONTAINER))
def test_a_container_refuses_it_by_name(field: str, value: object, said: str) -> None:
    """One of several containers is read as strictly as a task of one."""
    with pytest.raises(InvalidTask) as caught:
        made(ContainerSpec, field, value)
    assert caught.value.field == field
    assert said in caught.value.problem


@pytest.mark.parametrize(
    ("kind", "table"), [(TaskSpec, CONTAINER | ONLY_TASK), (ContainerSpec, CONTAINER | ONLY_CONTAINER)]
)
def test_no_field_is_forgotten(kind: Any, table: dict[str, list[tuple[object, str]]]) -> None:  # noqa: ANN401 (a kind)
    """Whoever adds a field says here what it refuses: two values at least."""
    assert set(table) == {field.name for field in fields(kind)}
    assert [field for field, values in table.items() if len(values) < 2] == []


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(HUGE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "kind", [TaskSpec, ContainerSpec, HealthCheck, ContainerOptions, Volume, Network, Accelerator, Disk]
)
@given(data=st.data())
def test_odd_values_are_taken_or_refused(kind: Any, data: st.DataObject) -> None:  # noqa: ANN401 (any kind of spec)
    """What JSON can hold never ends in another error, in no field of any part of a spec."""
    needed = {"command": ["CMD", "a"]} if kind is HealthCheck else {"mount_path": "/a", "size": 5}
    values = {name: value for name, value in needed.items() if name in kind.__slots__}
    name = data.draw(st.sampled_from(kind.__slots__))
    with suppress(InvalidTask):
        hash(kind(**values | {name: data.draw(odd)}))


@given(st.dictionaries(st.sampled_from(TaskSpec.__slots__), odd, max_size=3))
def test_odd_json_is_taken_or_refused(found: dict[str, object]) -> None:
    """The same of several fields at once, as they come from outside."""
    with suppress(InvalidTask):
        hash(spec_from_json(found))


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WITH_SECRET.items() for value in values]
)
def test_what_may_be_a_password_is_not_repeated(field: str, value: object) -> None:
    """Messages end in logs: what is wrong with a variable is told by its name."""
    with pytest.raises(InvalidTask) as refusal:
        TaskSpec(container="busybox", command=["a"], **{field: value})  # type: ignore[arg-type]
    assert SECRET not in str(refusal.value)
    assert SECRET not in str(refusal.value.__cause__)
