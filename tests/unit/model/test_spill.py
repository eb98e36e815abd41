"""What RunTask has no room for: what goes to S3, and that the container still sees what was asked."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model.bootstrap import SHELL
from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.overrides import OVERRIDES_TAKEN, length, overrides_of
from awsecs_async.model.spill import FILE_MAX_BYTES, Spilled, spill
from awsecs_async.model.task import TaskSpec
from tests.unit.model.works import TARGET, work

BUCKET = replace(TARGET, work_bucket="s3://work/spilled")
TELL = [
    sys.executable, "-IS", "-c",
    "import os, sys; print(ascii(([*map(os.fsencode, sys.argv[1:])], dict(os.environb))))",
]  # fmt: skip
"""Writes its words and its environment as they arrived."""

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0="), min_size=1, max_size=8).filter(
    lambda name: not name.startswith(("AWSECS_", "awsecs_")) and name not in {"PATH", "PWD", "_", "SHLVL"}
)
environments = st.dictionaries(names, texts, max_size=4)


def spilled(spec: TaskSpec, **more: Any) -> Spilled:  # noqa: ANN401
    """What is spilled of it."""
    found = spill(work(spec, target=BUCKET, **more), "me")
    assert found is not None
    assert length(found.overrides) <= OVERRIDES_TAKEN
    return found


def agents_view(found: Spilled, name: str = "main") -> tuple[list[str], dict[str, str]]:
    """With which words and environment ECS's agent would start a container (AWS: its envfile.go)."""
    by_arn = {url.arn: text.decode() for url, text in found.files}
    override = next(o for o in found.overrides["containerOverrides"] if o["name"] == name)
    environment: dict[str, str] = {}
    for file in override.get("environmentFiles", ()):
        for line in by_arn[file["value"]].splitlines():
            variable = line.split("=")
            if not line.startswith("#") and variable[0] and variable[1]:
                environment[variable[0]] = variable[1]
    environment |= {pair["name"]: pair["value"] for pair in override.get("environment", ())}
    container = next(c for c in found.spec.all_containers if c.name == name)
    return [*(container.entry_point or ()), *override.get("command", ())], environment


def ran(found: Spilled) -> tuple[list[bytes], dict[bytes, bytes]]:
    """The words and the environment that the command itself sees."""
    words, environment = agents_view(found)
    environment.setdefault("PATH", os.environ["PATH"])
    out = subprocess.check_output(words, env=environment, text=True)
    arrived: tuple[list[bytes], dict[bytes, bytes]] = ast.literal_eval(out)
    return arrived


@given(st.lists(texts, max_size=3), environments, st.booleans(), st.sampled_from([0, 9_000, 20_000]))
@example(words=[], environment={"-": "an option of env", "--help": ""}, own_entry=False, filler=20_000)
@settings(max_examples=20, deadline=None)
def test_the_container_sees_what_was_asked(
    words: list[str],
    environment: dict[str, str],
    own_entry: bool,  # noqa: FBT001
    filler: int,
) -> None:
    """Through the file, ECS's agent and a real shell, with an entry point of its own and without."""
    environment |= {"LONG": "x" * 9_000}
    said = ["1", *words, "y" * filler]
    spec = TaskSpec(
        entry_point=TELL[:2] if own_entry else None,
        command=[*(TELL[2:] if own_entry else TELL), *said],
        environment=environment,
    )
    found, seen = ran(spilled(spec))
    assert found == [os.fsencode(word) for word in said]
    for name, value in environment.items():
        assert seen[os.fsencode(name)] == os.fsencode(value)


def test_a_task_that_fits_is_left_alone() -> None:
    """Nothing goes to S3 that RunTask has room for, whether a bucket is there or not."""
    assert spill(work(TaskSpec(command=["a"])), "me") is None
    assert spill(work(TaskSpec(command=["a" * 7_000]), target=BUCKET), "me") is None


def test_variables_go_first_and_as_they_are() -> None:
    """A long environment needs no shell in the image: the command stays what it is."""
    found = spilled(TaskSpec(command=["run", "it"], environment={"LONG": "x" * 9_000, "EMPTY": "", "B": "2"}))
    ((url, text),) = found.files
    assert text == b"LONG=" + b"x" * 9_000 + b"\nB=2\n"
    assert str(url).startswith("s3://work/spilled/me/")
    assert found.overrides["containerOverrides"] == [
        {
            "name": "main",
            "command": ["run", "it"],
            "environment": [{"name": "EMPTY", "value": ""}],
            "environmentFiles": [{"value": url.arn, "type": "s3"}],
        }
    ]


def test_the_members_of_an_array_share_a_file() -> None:
    """Their index stays in the request: 10,000 members of a long command are one object."""
    spec = TaskSpec(command=["x" * 9_000])
    first, second = (spilled(spec, index=index, size=10_000) for index in (0, 1))
    assert first.files == second.files
    assert agents_view(first)[1]["AWSECS_ARRAY_INDEX"] == "0"
    assert agents_view(second)[1]["AWSECS_ARRAY_INDEX"] == "1"


def test_the_entry_point_that_a_task_names_is_carried_too() -> None:
    """Else the script would be its argument; all tasks with that image share the script's definition."""
    found = spilled(TaskSpec(entry_point=["python", "-c"], command=["x" * 9_000]))
    assert found.spec.entry_point == SHELL
    assert "command" not in found.overrides["containerOverrides"][0]
    several = TaskSpec(
        containers=[
            ContainerSpec(entry_point=["sh"], command=["x" * 9_000]),
            ContainerSpec(name="side", entry_point=["sh"], essential=False),
        ]
    )
    assert [c.entry_point for c in spilled(several).spec.containers] == [SHELL, ("sh",)]


def test_only_the_longest_container_is_touched() -> None:
    """What fits stays where people can read it."""
    several = TaskSpec(
        containers=[
            ContainerSpec(command=["a"], environment={"A": "1"}),
            ContainerSpec(name="side", environment={"LONG": "x" * 9_000}, essential=False),
        ]
    )
    main, side = spilled(several).overrides["containerOverrides"]
    assert main == {"name": "main", "command": ["a"], "environment": [{"name": "A", "value": "1"}]}
    assert set(side) == {"name", "environmentFiles"}


def test_the_users_own_files_come_first_and_do_not_win() -> None:
    """A variable of the task wins over any file of the user's, also when it is carried by one of ours."""
    spec = TaskSpec(
        command=["x" * 9_000], environment={"A": "mine"}, environment_files=["s3://bkt/theirs.env"]
    )
    override = spilled(spec).overrides["containerOverrides"][0]
    assert override["environmentFiles"][0] == {"value": "arn:aws:s3:::bkt/theirs.env", "type": "s3"}
    assert len(override["environmentFiles"]) == 2
    assert "A=mine" not in spilled(spec).files[0][1].decode()  # as a line; env sets it


def test_the_file_is_named_in_the_accounts_own_partition() -> None:
    """In China and GovCloud ARNs begin otherwise; the execution role's own tells."""
    china = replace(BUCKET, execution_role="arn:aws-cn:iam::123456789012:role/r")
    found = spill(work(TaskSpec(command=["x" * 9_000]), target=china), "me")
    assert found is not None
    (file,) = found.overrides["containerOverrides"][0]["environmentFiles"]
    assert file["value"].startswith("arn:aws-cn:s3:::work/spilled/me/")


@pytest.mark.parametrize(
    ("spec", "target", "says"),
    [
        (TaskSpec(command=["x" * 9_000]), TARGET, "room for 7500.*workBucket"),
        (TaskSpec(command=["x" * 9_000]), replace(BUCKET, execution_role=None), "set executionRole"),
        (TaskSpec(command=["x" * FILE_MAX_BYTES]), BUCKET, "Linux gives a process 131,071"),
        (TaskSpec(command=["x" * 1_000] * 600), BUCKET, f"can be given {FILE_MAX_BYTES:,}"),
        (TaskSpec(environment={"A": "\n" * 9_000}), BUCKET, "only RunTask can carry"),
        (
            TaskSpec(command=["x" * 9_000], environment_files=[f"s3://bkt/{n}.env" for n in range(10)]),
            BUCKET,
            "environment_files: ECS takes 10",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_refused(spec: TaskSpec, target: Any, says: str) -> None:  # noqa: ANN401
    """With how long it is, how long it may be, and the setting that mends it."""
    with pytest.raises(InvalidTask, match=says):
        spill(work(spec, target=target), "me")


@given(st.integers(0, 9_000), st.sampled_from(["a", '"', "ä", "\x01", "😀"]), st.integers(1, 10))
def test_spilled_is_exactly_what_is_too_long(count: int, letter: str, containers: int) -> None:
    """The quick estimate lets nothing pass that RunTask would refuse."""
    first = ContainerSpec(command=[letter * count])
    others = [ContainerSpec(name=f"c{n}", essential=False) for n in range(1, containers)]
    of = work(TaskSpec(containers=[first, *others]), target=BUCKET, index=0, size=9)
    assert (spill(of, "me") is not None) == (length(overrides_of(of)) > OVERRIDES_TAKEN)
