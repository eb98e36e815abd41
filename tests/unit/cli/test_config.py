"""``config``: what is in force, who said it, and what is missing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from awsecs_async.cli.app import app

ROLE = "arn:aws:iam::123456789012:role/execution"
FILE = f"""
[aws]
region = "eu-central-1"
[aws.ecs]
executionRole = "{ROLE}"
[aws.ecs.quotas]
runTask = [50, 200]
[aws.ecs.targets.main]
cluster = "workflows"
[aws.ecs.targets.gpu]
cluster = "gpu"
region = "us-east-1"
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory, an empty home, nothing of AWS's or ours in the environment."""
    for name in [name for name in os.environ if name.startswith("AWS")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    Path("awsecs.toml").write_text(FILE)


def run(*arguments: str) -> Result:
    """``config`` with these arguments."""
    return CliRunner().invoke(app, ["config", *arguments])


def document(*arguments: str) -> dict[str, Any]:
    """What ``config show --json`` says."""
    found: dict[str, Any] = json.loads(run("show", "--json", *arguments).stdout)
    return found


def test_every_value_comes_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flag, variable, file and key, default, and what botocore finds."""
    monkeypatch.setenv("AWSECS_STOP_GRACE", "2m")
    monkeypatch.setenv("AWS_PROFILE", "research")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHUSH")
    Path("aws").write_text("[profile research]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "aws")
    found = document("--target", "gpu", "--cluster", "other", "--set", "logSettle=0")
    gpu, others = found["targets"]["gpu"], found["settings"]
    assert gpu["cluster"] == {"value": "other", "from": "the flag --cluster"}
    assert gpu["region"] == {"value": "us-east-1", "from": "aws.ecs.targets.gpu.region in awsecs.toml"}
    assert gpu["executionRole"] == {"value": ROLE, "from": "aws.ecs.executionRole in awsecs.toml"}
    assert gpu["profile"] == {"value": "research", "from": "AWS_PROFILE in the environment"}
    assert gpu["credentials"] == {"value": "(hidden)", "from": "AWS_ACCESS_KEY_ID in the environment"}
    assert gpu["logsGroup"] == {"value": "/aws/ecs/nextflow", "from": "default"}
    assert others["stopGrace"] == {"value": 120.0, "from": "AWSECS_STOP_GRACE in the environment"}
    assert others["logSettle"] == {"value": 0.0, "from": "the flag --set logSettle"}
    assert others["quotas.runTask"]["value"] == [50.0, 200.0]
    assert (found["file"], found["problems"]) == ("awsecs.toml", [])


def test_a_licence_in_the_place_of_its_arn_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pastes the token itself is told that it does not belong there, without a copy of it."""
    monkeypatch.setenv("AWSECS_FUSION_LICENSE", "token-itself")
    for flags in ([], ["--all"], ["--json"]):
        shown = run("show", *flags)
        assert "(hidden)" in shown.stdout
        assert "token-itself" not in shown.stdout + shown.stderr


def test_the_region_of_the_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's chain is as much a source as ours."""
    Path("aws").write_text("[default]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "aws")
    Path("awsecs.toml").write_text(f'[aws.ecs]\ncluster = "c"\nexecutionRole = "{ROLE}"\n')
    target = document()["targets"]["default"]
    assert target["region"] == {"value": "eu-west-3", "from": "the profile default in aws"}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    target = document()["targets"]["default"]
    assert target["region"] == {"value": "eu-west-1", "from": "AWS_DEFAULT_REGION in the environment"}


def test_an_endpoint_of_botocores_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """It decides where everything goes."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", "http://me:hush@127.0.0.1:1/")
    shown = run("show", "--target", "main").stdout
    assert "http://***@127.0.0.1:1/" in shown
    assert "AWS_ENDPOINT_URL_ECS" in shown
    assert "hush" not in shown


def test_plain_lines_where_there_is_no_terminal() -> None:
    """One for each setting, whole; what is as by default is counted."""
    lines = run("show").stdout.splitlines()
    assert lines[0] == "Settings file: awsecs.toml"
    assert "Target main (where a task names none)" in lines
    assert any(line.split() == ["executionRole", ROLE, "[aws.ecs]"] for line in lines)
    assert "  quotas.runTask  50 a second, burst 200  [aws.ecs.quotas]" in lines
    assert lines[-1].endswith("more are as by default; --all shows them.")
    assert not any("logsGroup " in line for line in lines)
    assert any("logsGroup " in line for line in run("show", "--all").stdout.splitlines())


def test_one_target_alone() -> None:
    """Of many."""
    shown = run("show", "--target", "gpu").stdout
    assert "Target gpu" in shown
    assert "Target main" not in shown
    wrong = run("show", "--target", "cpu")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "there is no target 'cpu'; the settings name main, gpu" in wrong.stderr


def test_what_is_missing_is_said_and_the_rest_is_shown() -> None:
    """Which, how to set it, and exit status 1."""
    Path("awsecs.toml").write_text("[aws.ecs]\nlogsGroup = '/mine'\nqueueLimit = 'x'\n")
    ended = run("show")
    assert ended.exit_code == 1
    assert "/mine" in ended.stdout
    assert ended.stdout.count("MISSING") == 3
    for way in ("--cluster NAME", "--execution-role ARN", "--region NAME", "queueLimit in awsecs.toml: 'x'"):
        assert way in ended.stderr
    assert len(document()["problems"]) == 4


def test_a_file_that_cannot_be_read_is_said() -> None:
    """In either form."""
    Path("awsecs.toml").write_text("[aws.ecs]\nclustre = 'c'\n")
    ended = run("show")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "did you mean cluster?" in ended.stderr
    assert "did you mean cluster?" in document()["problems"][0]


def test_path_says_which_file_is_read() -> None:
    """And which were looked for."""
    ended = run("path")
    assert ended.stdout == "awsecs.toml\n"
    assert "config/awsecs/awsecs.toml is not there" in ended.stderr
    Path("awsecs.toml").unlink()
    ended = run("path")
    assert ended.stdout == ""
    assert ended.stderr.count("is not there") == 2
