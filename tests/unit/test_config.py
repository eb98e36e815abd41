"""Settings from flags, environment and file: which goes first, and what a wrong one is told."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from awsecs_async import config
from awsecs_async.errors import SettingsError
from awsecs_async.model.settings import Quotas, Settings, Target

ROLE = "arn:aws:iam::123456789012:role/execution"
LEAST = f'[aws.ecs]\ncluster = "c"\nexecutionRole = "{ROLE}"\n'


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory, an empty home, no variables of ours."""
    for name in [name for name in os.environ if name.startswith("AWSECS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")


def load(text: str = LEAST, **flags: object) -> Settings:
    """The settings of such an awsecs.toml and such flags."""
    Path("awsecs.toml").write_text(text)
    return config.load(overrides=flags)


def refusal(text: str = LEAST, **flags: object) -> str:
    """Why they are refused."""
    with pytest.raises(SettingsError) as refused:
        load(text, **flags)
    return str(refused.value)


def test_what_is_not_set_is_the_dataclass_default() -> None:
    """Defaults live in one place only."""
    assert load() == Settings(targets=(Target(cluster="c", execution_role=ROLE),))


def test_flags_go_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearer to the person at the keyboard, the stronger."""
    text = LEAST + "queueLimit = 1\nlogsGroup = 'file'\ntaskRole = 'file'\n"
    monkeypatch.setenv("AWSECS_QUEUE_LIMIT", "2")
    monkeypatch.setenv("AWSECS_LOGS_GROUP", "environment")
    settings = load(text, queue_limit=3, cluster=None)
    target = settings.targets[0]
    assert (settings.queue_limit, target.logs_group, target.task_role) == (3, "environment", "file")


@pytest.mark.parametrize("spelling", ["executionRole", "execution_role"])
def test_camel_and_snake_are_the_same_name(spelling: str) -> None:
    """Names copied from either world work."""
    assert load(f"[aws.ecs]\ncluster='c'\n{spelling}='r'\n").targets[0].execution_role == "r"


def test_every_field_can_be_set_by_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a dataclass of the settings has is out of reach."""
    names = {field.name for kind in (Target, Settings) for field in fields(kind)}
    names |= {f"quotas_{field.name}" for field in fields(Quotas)}
    assert names - config._FIELDS == {"credentials", "name", "runs_processes", "targets", "quotas"}  # noqa: SLF001


def test_region_and_profile_stand_under_aws() -> None:
    """Where Nextflow has them."""
    target = load("[aws]\nregion='eu-north-1'\nprofile='p'\n" + LEAST).targets[0]
    assert (target.region, target.profile) == ("eu-north-1", "p")


def test_quotas_have_a_table_and_variables_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is set alone; the others stay."""
    monkeypatch.setenv("AWSECS_QUOTAS_READ", "10, 50")
    quotas = load(LEAST + "[aws.ecs.quotas]\nrunTask = [50, 200]\nread = [1, 1]\n").quotas
    assert quotas == Quotas(run_task=(50, 200), read=(10, 50))


def test_people_may_write_amounts_and_lists_as_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units in files, commas in variables."""
    monkeypatch.setenv("AWSECS_SUBNETS", "subnet-1, subnet-2")
    settings = load(LEAST + "defaultMemory='4 GB'\ndefaultCpus='512 units'\nlogSettle=0\nstopGrace='2m'\n")
    assert settings.targets[0].subnets == ("subnet-1", "subnet-2")
    assert (settings.default_memory, settings.default_cpus) == (4096, 0.5)
    assert (settings.log_settle, settings.stop_grace) == (0, 120)


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[aws.ecs]\ncluter = 'c'\n",
            "[aws.ecs] in awsecs.toml: cluter is no setting; did you mean cluster",
        ),
        ("[aws]\nregoin = 'x'\n", "[aws] in awsecs.toml: regoin is no setting; did you mean region?"),
        ("[asw.ecs]\n", "awsecs.toml: asw is no setting; did you mean aws?"),
        ("[aws.ecs.quotas]\nrunTaks = [1, 1]\n", "runTaks is no setting; did you mean runTask?"),
        ("[aws.ecs]\nrunsProcesses = true\n", "runsProcesses is no setting"),
        ("[aws]\necs = 1\n", "is no table; write [aws.ecs]"),
        ("[aws.ecs", "awsecs.toml is not TOML"),
        ("[aws.ecs]\nqueueLimit = 'many'\n", "queueLimit in awsecs.toml: 'many' is not acceptable"),
        (
            "[aws.ecs]\nlogSettle = -1\n",
            "logSettle in awsecs.toml: -1 is not acceptable: it is",
        ),
        ("[aws.ecs.quotas]\nread = [1]\n", "quotas.read in awsecs.toml"),
        ("[aws.ecs]\ndefaultMemory = '4 XB'\n", "write KB, MB, GB or TB"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place_and_mend(text: str, told: str) -> None:
    """Nobody has to search for what is wrong."""
    assert told in refusal(text)


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("AWSECS_CLSUTER", "AWSECS_CLSUTER in the environment is no setting; did you mean AWSECS_CLUSTER?"),
        ("AWSECS_QUEUE_LIMIT", "AWSECS_QUEUE_LIMIT in the environment: 'x' is not acceptable"),
        ("AWSECS_QUOTAS_SHARE", "AWSECS_QUOTAS_SHARE in the environment: 'x' is not acceptable"),
    ],
)
def test_a_mistake_in_the_environment_is_named(
    variable: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable is as easily mistyped as a line of a file."""
    monkeypatch.setenv(variable, "x")
    assert told in refusal()


def test_a_mistake_in_a_flag_is_named() -> None:
    """Flags have names too."""
    assert "the flag --network-mode: 'x' is not acceptable" in refusal(network_mode="x")


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


def test_what_must_be_set_says_how() -> None:
    """The first message that a newcomer with an account sees."""
    for missing in (refusal(""), refusal("[aws.ecs]\ncluster='c'\n")):
        assert "AWSECS_" in missing
        assert "[aws.ecs]" in missing
        assert "--local" in missing


def test_a_named_file_must_be_there() -> None:
    """A mistyped --config is not silently another file."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        config.load(Path("nowhere.toml"))
