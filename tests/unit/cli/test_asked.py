"""The task that a command line asks for, option by option."""

import pytest

from awsecs_async.cli.asked import environment_of, option_of, pairs_of, spec_of, text_of
from awsecs_async.cli.options import Needs, Place, Work
from awsecs_async.cli.request import UsageError
from awsecs_async.model.resources import Accelerator, Disk
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume

ROLE = "arn:aws:iam::123456789012:role/task"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"


def asked(work: Work | None = None, needs: Needs | None = None, place: Place | None = None) -> TaskSpec:
    """The task that these options ask for."""
    return spec_of(["run"], work or Work(), needs or Needs(), place or Place())


def test_without_options_it_is_the_command_alone() -> None:
    """Defaults live in TaskSpec only."""
    assert asked() == TaskSpec(command=["run"])


def test_every_option_reaches_its_field() -> None:
    """None is taken and forgotten."""
    work = Work(
        container="ubuntu:24.04", entry_point="sh -c", env=["A=1"], env_file=["s3://bucket/a.env"],
        secret=[f"PASSWORD={SECRET}"], workdir="/data", user="me", timeout="1h", name="n", tag=["team=ngs"],
    )  # fmt: skip
    needs = Needs(
        cpus="0.5", memory="4 GB", accelerator="1 nvidia-tesla-t4", disk="500 GB gp3",
        machine_type="c6i.2xlarge", architecture="linux/arm64", volume=["/host:/path:ro"], fusion=True, work_dir="s3://bucket/work",
    )  # fmt: skip
    place = Place(
        target="gpu", provider=["mi-spot", "mi"], network="awsvpc", task_role=ROLE, exec=True,
        start_timeout="30m", queue_timeout="2h", spot_attempts=0, host_attempts=1,
    )  # fmt: skip
    assert asked(work, needs, place) == TaskSpec(
        command=["run"], container="ubuntu:24.04", entry_point=["sh", "-c"], environment={"A": "1"},
        environment_files=["s3://bucket/a.env"], secrets={"PASSWORD": SECRET}, working_directory="/data",
        user="me", timeout=3600, name="n", tags={"team": "ngs"}, cpus=0.5, memory=4096,
        accelerator=Accelerator(count=1, type="nvidia-tesla-t4"), disk=Disk(size=500, type="gp3"),
        machine_type="c6i.2xlarge", architecture="ARM64", fusion=True, work_dir="s3://bucket/work",
        volumes=[Volume(host_path="/host", mount_path="/path", read_only=True)], target="gpu",
        capacity_providers=["mi-spot", "mi"], network="awsvpc", task_role=ROLE, execute_command=True,
        start_timeout=1800, queue_timeout=7200, max_spot_attempts=0, max_host_attempts=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("work", "needs", "place", "option"),
    [
        (Work(entry_point="sh 'c"), None, None, "--entry-point"),
        (Work(secret=["K"]), None, None, "--secret"),
        (Work(secret=["K=hush"]), None, None, "--secret"),
        (Work(env_file=["here.env"]), None, None, "--env-file"),
        (Work(workdir="here"), None, None, "--workdir"),
        (Work(timeout="soon"), None, None, "--timeout"),
        (Work(tag=["aws:a=b"]), None, None, "--tag"),
        (Work(container=""), None, None, "--container"),
        (None, Needs(cpus="0"), None, "--cpus"),
        (None, Needs(accelerator="2.5.1"), None, "--accelerator"),
        (None, Needs(disk="big"), None, "--disk"),
        (None, Needs(machine_type="no such"), None, "--machine-type"),
        (None, Needs(architecture="sparc"), None, "--architecture"),
        (None, Needs(volume=["x"]), None, "--volume"),
        (None, Needs(work_dir="/data"), None, "--work-dir"),
        (None, None, Place(network="vpc"), "--network"),
        (None, None, Place(task_role="me"), "--task-role"),
        (None, None, Place(start_timeout="-1"), "--start-timeout"),
        (None, None, Place(provider=[""]), "--provider"),
    ],
)
def test_a_refusal_names_the_option(
    work: Work | None, needs: Needs | None, place: Place | None, option: str
) -> None:
    """Not the field, whose name the person at the keyboard has never seen."""
    with pytest.raises(UsageError) as refused:
        asked(work, needs, place)
    assert refused.value.option == option


def test_fields_have_the_names_of_options() -> None:
    """Refusals that come later are told by them too."""
    assert [option_of(name) for name in ("environment", "machine_type", "command")] == [
        "--env", "--machine-type", "COMMAND",
    ]  # fmt: skip


def test_variables_are_given_or_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with ``docker run --env``; but one that is not there is a mistake."""
    monkeypatch.setenv("HERE", "value")
    monkeypatch.delenv("NOT_HERE", raising=False)
    assert environment_of(["A=1", "B=x=y", "C=", "HERE"]) == {"A": "1", "B": "x=y", "C": "", "HERE": "value"}
    with pytest.raises(UsageError, match="write NOT_HERE=VALUE"):
        environment_of(["NOT_HERE"])


def test_tags_need_a_value() -> None:
    """An empty one will do."""
    assert pairs_of("--tag", "VALUE", ["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    with pytest.raises(UsageError, match="write team=VALUE"):
        pairs_of("--tag", "VALUE", ["team"])


def test_what_is_not_text_is_refused() -> None:
    """Bytes of another encoding arrive from the shell as surrogates, and cannot become JSON."""
    assert text_of("COMMAND", ["ünï", "漢字"]) == ("ünï", "漢字")
    with pytest.raises(UsageError, match="not UTF-8"):
        text_of("COMMAND", [b"\xff".decode(errors="surrogateescape")])
