"""Settings from flags, environment and file: which goes first, and how values may be written."""

from dataclasses import fields
from pathlib import Path

import pytest

from awsecs_async import config
from awsecs_async.config.fields import NAMES
from awsecs_async.errors import SettingsError
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.settings import Quotas, Settings, Target
from tests.unit.config.loading import LEAST, ROLE, load

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"


def test_what_is_not_set_is_the_dataclass_default() -> None:
    """Defaults live in one place only."""
    assert load() == Settings(targets=(Target(cluster="c", execution_role=ROLE),))


def test_the_specifications_own_example_loads() -> None:
    """FR-021 to FR-028: the names, and the values, of the quickstart."""
    text = """
        [aws]
        region = 'us-east-1'
        [aws.ecs]
        cluster = 'nextflow-cluster'
        executionRole = 'arn:aws:iam::123456789:role/ecsTaskExecutionRole'
        taskRole = 'arn:aws:iam::123456789:role/ecsTaskRole'
        subnets = ['subnet-abc123', 'subnet-def456']
        securityGroups = ['sg-xyz789']
        logsGroup = '/aws/ecs/nextflow'
        maxSpotAttempts = 5
        assignPublicIp = true
    """
    settings = load(text)
    target = settings.targets[0]
    assert (target.region, target.subnets) == ("us-east-1", ("subnet-abc123", "subnet-def456"))
    bare = load()
    assert (bare.targets[0].logs_group, bare.targets[0].assign_public_ip) == ("/aws/ecs/nextflow", True)
    assert bare.max_spot_attempts == settings.max_spot_attempts == 5


def test_flags_go_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearer to the person at the keyboard, the stronger."""
    text = LEAST + f"queueLimit = 1\nlogsGroup = 'file'\ntaskRole = '{OTHER_ROLE}'\n"
    monkeypatch.setenv("AWSECS_QUEUE_LIMIT", "2")
    monkeypatch.setenv("AWSECS_LOGS_GROUP", "environment")
    settings = load(text, queue_limit=3, cluster=None)
    target = settings.targets[0]
    assert (settings.queue_limit, target.logs_group, target.task_role) == (3, "environment", OTHER_ROLE)


def test_any_setting_can_be_assigned_by_flag() -> None:
    """``--set`` goes before the environment, and a flag of its own before that."""
    Path("awsecs.toml").write_text(LEAST)
    said = ["quotas.runTask=50, 200", "logs-group=/x", "aws.ecs.maxSpotAttempts=0", "fusion=true"]
    settings = config.load(assignments=[*said, "cluster=set"], overrides={"cluster": "flag"})
    assert settings.quotas.run_task == (50, 200)
    assert (settings.targets[0].logs_group, settings.targets[0].cluster) == ("/x", "flag")
    assert (settings.max_spot_attempts, settings.fusion.enabled) == (0, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("logsGruop=x", "did you mean logsGroup?"),
        ("logsGroup", "write --set NAME=VALUE"),
        ("xyzzy=1", "config show --all"),
        ("name=x", "there is no such setting"),
    ],
)
def test_a_wrong_assignment_is_told_with_its_mend(text: str, told: str) -> None:
    """A flag is as easily mistyped as a line of a file."""
    with pytest.raises(SettingsError, match="--set") as refused:
        config.load(assignments=[text])
    assert told in str(refused.value)


@pytest.mark.parametrize("spelling", ["executionRole", "execution_role"])
def test_camel_and_snake_are_the_same_name(spelling: str) -> None:
    """Names copied from either world work."""
    assert load(f"[aws.ecs]\ncluster='c'\n{spelling}='{ROLE}'\n").targets[0].execution_role == ROLE


def test_every_field_can_be_set_by_either_way() -> None:
    """Nothing that a dataclass of the settings has is out of reach."""
    names = {field.name for kind in (Target, Settings) for field in fields(kind)}
    names |= {f"quotas_{field.name}" for field in fields(Quotas)}
    names |= {f"fusion_{field.name}" for field in fields(Fusion)}
    assert names - NAMES == {"credentials", "name", "runs_processes", "targets", "quotas", "fusion"}


def test_region_profile_and_endpoint_stand_under_aws() -> None:
    """Where Nextflow has them."""
    text = "[aws]\nregion='eu-north-1'\nprofile='p'\nendpointUrl='http://127.0.0.1:1'\n" + LEAST
    target = load(text).targets[0]
    assert (target.region, target.profile, target.endpoint_url) == ("eu-north-1", "p", "http://127.0.0.1:1")


def test_quotas_have_a_table_and_variables_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is set alone; the others stay."""
    monkeypatch.setenv("AWSECS_QUOTAS_READ", "10, 50")
    quotas = load(LEAST + "[aws.ecs.quotas]\nrunTask = [50, 200]\nread = [1, 1]\n").quotas
    assert quotas == Quotas(run_task=(50, 200), read=(10, 50))


@pytest.mark.parametrize("text", ["fusion = true\n", "[aws.ecs.fusion]\nenabled = true\n"])
def test_fusion_is_a_table_or_a_word(text: str) -> None:
    """``fusion = true`` is all that most need."""
    assert load(LEAST + text).fusion == Fusion(enabled=True)


def test_fusion_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same two ways."""
    monkeypatch.setenv("AWSECS_FUSION", "true")
    monkeypatch.setenv("AWSECS_FUSION_PRIVILEGED", "1")
    assert load().fusion == Fusion(enabled=True, privileged=True)


def test_tags_are_a_table_whose_names_stay_as_they_are() -> None:
    """A tag's name is the user's own, not a setting's."""
    target = load(LEAST + "[aws.ecs.tags]\ncostCentre = '7'\n'my:team' = 'ngs'\n").targets[0]
    assert dict(target.tags) == {"costCentre": "7", "my:team": "ngs"}


def test_tags_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line holds several."""
    monkeypatch.setenv("AWSECS_TAGS", "team=ngs, query=a=b,empty=")
    assert dict(load().targets[0].tags) == {"team": "ngs", "query": "a=b", "empty": ""}


def test_volumes_are_a_list_or_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a task's, in the file with all their fields, and with commas between in the environment."""
    point = '{ efs = "fs-12345678", mount_path = "/data", access_point = "fsap-12345678" }'
    (target,) = load(LEAST + f'volumes = ["/var/ref:/ref:ro", {point}]\n').targets
    assert [str(each) for each in target.volumes] == ["/var/ref:/ref:ro", "fs-12345678:/data"]
    assert target.volumes[1].access_point == "fsap-12345678"
    monkeypatch.setenv("AWSECS_VOLUMES", "/a:/b, fs-12345678:/c:ro")
    assert [str(each) for each in load().targets[0].volumes] == ["/a:/b", "fs-12345678:/c:ro"]


def test_people_may_write_amounts_and_lists_as_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units in files, commas in variables."""
    monkeypatch.setenv("AWSECS_SUBNETS", "subnet-1, subnet-2")
    text = "defaultMemory='4 GB'\ndefaultCpus='512 units'\nlogSettle=0\nstopGrace='2m'\nstartTimeout='30m'\n"
    settings = load(LEAST + text + "moveOn='capacity, start'\narchitecture='linux/arm64'\n")
    assert settings.targets[0].subnets == ("subnet-1", "subnet-2")
    assert (settings.default_memory, settings.default_cpus) == (4096, 0.5)
    assert (settings.log_settle, settings.stop_grace, settings.start_timeout) == (0, 120, 1800)
    assert settings.move_on == ("capacity", "start")
    assert settings.targets[0].architecture == "ARM64"
    assert load(LEAST + "startTimeout = '1h'\n", start_timeout="none").start_timeout is None
    assert load(LEAST + "moveOn = []\nmaxSpotAttempts = 0\n").move_on == ()


def test_the_users_own_file_is_read_when_there_is_none_here() -> None:
    """A file here goes before it, a named one before both."""
    own = config.user_file()
    own.parent.mkdir(parents=True)
    own.write_text(LEAST.replace('"c"', '"own"'))
    assert config.load().targets[0].cluster == "own"
    assert load().targets[0].cluster == "c"
    named = Path("named.toml")
    named.write_text(LEAST.replace('"c"', '"named"'))
    assert config.load(named).targets[0].cluster == "named"


def test_variables_of_tasks_are_not_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that runs inside a task may itself submit."""
    for name in (
        "AWSECS_ARRAY_INDEX",
        "AWSECS_ARRAY_SIZE",
        "AWSECS_LOCAL_CONTAINER_FLAGS",
        "AWSECS_OF_OTHERS",
    ):
        monkeypatch.setenv(name, "1")
    assert load().targets[0].cluster == "c"
