"""A task under Fusion: Nextflow's own forms, and that no attempt reads what an earlier one left."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from awsecs_async.errors import InvalidTask
from awsecs_async.model import fused
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.overrides import check_work, overrides_of, surely_fits
from awsecs_async.model.task import TaskSpec
from tests.unit.model.works import TARGET, work

DIRECTORY = "s3://work/runs/ab/12"
MOUNTED = "/fusion/s3/work/runs/ab/12"
ON = Fusion(enabled=True)


def command(spec: TaskSpec, **more: Any) -> list[str]:  # noqa: ANN401
    """What is run."""
    found: list[str] = overrides_of(work(spec, **more))["containerOverrides"][0]["command"]
    return found


def environment(spec: TaskSpec, **more: Any) -> dict[str, str]:  # noqa: ANN401
    """What is told."""
    pairs = overrides_of(work(spec, **more))["containerOverrides"][0]["environment"]
    return {pair["name"]: pair["value"] for pair in pairs}


def test_a_first_attempt_has_exactly_nextflows_command() -> None:
    """Without a command the work directory's own script is run, in the form of Nextflow's executors."""
    spec = TaskSpec(fusion=True, work_dir=DIRECTORY)
    assert command(spec) == ["/usr/bin/fusion", "bash", f"{MOUNTED}/.command.run"]


def test_any_other_command_runs_under_fusion() -> None:
    """Its words stay as they were written, S3 addresses too; what is under Fusion already is so once."""
    spec = TaskSpec(fusion=True, work_dir=DIRECTORY, command=["cat", "s3://b/k", "/fusion/s3/b/k"])
    assert command(spec) == ["/usr/bin/fusion", "cat", "s3://b/k", "/fusion/s3/b/k"]
    twice = TaskSpec(fusion=True, work_dir=DIRECTORY, command=["/usr/bin/fusion", "ls"])
    assert command(twice) == ["/usr/bin/fusion", "ls"]
    entered = replace(twice, entry_point=["/usr/bin/fusion"], command=["ls"])
    assert command(entered) == ["ls"]


def test_a_second_attempt_never_sees_the_first_ones_exit_code(tmp_path: Path) -> None:
    """Run for real, without Fusion: the file is gone before the command runs, and the exit code is kept."""
    (tmp_path / ".exitcode").write_text("0")
    spec = TaskSpec(
        fusion=True, work_dir=DIRECTORY, command=["sh", "-c", 'test ! -e "$1" && exit 7', "", "FILE"]
    )
    words = [
        word.replace(MOUNTED, str(tmp_path)).replace("FILE", f"{tmp_path}/.exitcode")
        for word in command(spec, attempt=2)
    ]
    assert words[0] == "/usr/bin/fusion"
    assert subprocess.run(words[1:], check=False).returncode == 7
    assert subprocess.run(words[1:], check=False).returncode == 7  # nothing to remove is fine too


def test_a_second_attempt_without_a_command_runs_nextflows_script() -> None:
    """The same script, with the removal before it."""
    words = command(TaskSpec(fusion=True, work_dir=DIRECTORY), attempt=3)
    assert words[:2] == ["/usr/bin/fusion", "sh"]
    assert words[-3:] == [f"{MOUNTED}/.exitcode", "bash", f"{MOUNTED}/.command.run"]


def test_fusion_is_told_what_nextflow_tells_it() -> None:
    """The variables of Nextflow's own launches, as the settings have them; a task's own variables win."""
    spec = TaskSpec(fusion=True, work_dir=DIRECTORY, environment={"A": "1", "FUSION_LOG_LEVEL": "trace"})
    assert environment(spec, fusion=Fusion()) == {
        "FUSION_WORK": MOUNTED,
        "FUSION_TAGS": "[.command.*|.exitcode|.fusion.*](nextflow.io/metadata=true),"
        "[*](nextflow.io/temporary=true)",
        "A": "1",
        "FUSION_LOG_LEVEL": "trace",
    }
    full = Fusion(
        log_level="debug", log_output="stdout", cache_size="10 GB", tags="t", kms_key="key",
        server_side_encryption="aws:kms", s3_endpoint="https://s3.example.com",
    )  # fmt: skip
    assert environment(spec, fusion=full, target=replace(TARGET, region="eu-west-1")) == {
        "FUSION_WORK": MOUNTED,
        "FUSION_TAGS": "t",
        "FUSION_LOG_LEVEL": "trace",
        "FUSION_LOG_OUTPUT": "stdout",
        "FUSION_CACHE_SIZE": "10240M",
        "FUSION_AWS_SERVER_SIDE_ENCRYPTION": "aws:kms",
        "FUSION_AWS_SSEKMS_KEY_ID": "key",
        "AWS_S3_ENDPOINT": "https://s3.example.com",
        "FUSION_AWS_REGION": "eu-west-1",
        "A": "1",
    }


def test_the_licence_is_a_secret_of_the_definition() -> None:
    """A token in the environment would be shown to whoever may describe the task."""
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:licence"
    assert fused.secrets(Fusion(license=arn)) == (("FUSION_LICENSE_TOKEN", arn),)
    assert fused.secrets(Fusion()) == ()


def test_fusion_is_on_as_the_task_says_else_as_the_settings_say() -> None:
    """``fusion=False`` turns it off for one task where it is on for all."""
    assert command(TaskSpec(work_dir=DIRECTORY, command=["a"]), fusion=ON) == ["/usr/bin/fusion", "a"]
    assert command(TaskSpec(fusion=False, command=["a"]), fusion=ON) == ["a"]


def test_options_variables_are_the_weaker_ones() -> None:
    """``containerOptions`` may set variables too; the task's own field wins."""
    options = ContainerOptions(environment=(("A", "option"), ("B", "option")))
    spec = TaskSpec(container_options=options, environment={"A": "own"})
    assert environment(spec) == {"A": "own", "B": "option"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, r"work_dir: .*work_dir='s3://bucket/path'.*\.command\.run.*fusion=False"),
        ({"command": ["a"]}, r"work_dir: .*directory on S3: work_dir='s3://bucket/path'; or fusion=False"),
        (
            {"work_dir": DIRECTORY, "environment": {"AWS_SECRET_ACCESS_KEY": "s"}},
            "environment: AWS_SECRET_ACCESS_KEY: .*task_role",
        ),
    ],
)  # fmt: skip
def test_what_fusion_cannot_run_is_refused(fields: dict[str, Any], says: str) -> None:
    """At submit, with the mend; and only for tasks that are under Fusion."""
    with pytest.raises(InvalidTask, match=says):
        check_work(work(TaskSpec(**fields), fusion=ON))
    check_work(work(TaskSpec(**fields | {"work_dir": None, "fusion": False}), fusion=ON))


def test_a_usual_fusion_task_needs_no_look_at_its_overrides() -> None:
    """Rendering twice, at submit and at launch, is for the few that are long."""
    assert surely_fits(work(TaskSpec(work_dir=DIRECTORY, environment={"A": "1"}), fusion=ON, attempt=2))
