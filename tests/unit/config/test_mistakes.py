"""A wrong setting is told with its place, what is wrong, and the mend."""

from pathlib import Path

import pytest

from awsecs_async import config
from awsecs_async.errors import SettingsError
from tests.unit.config.loading import LEAST, refusal


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[aws.ecs]\ncluter = 'c'\n",
            "[aws.ecs] in awsecs.toml: cluter is no setting; did you mean cluster?",
        ),
        ("[aws]\nregoin = 'x'\n", "[aws] in awsecs.toml: regoin is no setting; did you mean region?"),
        ("[asw.ecs]\n", "awsecs.toml: asw is no setting; did you mean aws?"),
        ("[aws.ecs.quotas]\nrunTaks = [1, 1]\n", "runTaks is no setting; did you mean runTask?"),
        (
            "[aws.ecs.fusion]\nenable = true\n",
            "[aws.ecs.fusion] in awsecs.toml: enable is no setting; did you",
        ),
        ("[aws.ecs]\nrunsProcesses = true\n", "runsProcesses is no setting"),
        ("[aws.ecs]\ncredentials = ['a', 'b']\n", "credentials is no setting"),
        ("[aws]\necs = 1\n", "aws.ecs in awsecs.toml is no table; write [aws.ecs]"),
        ("[aws.ecs]\nquotas = 1\n", "aws.ecs.quotas in awsecs.toml is no table"),
        ("[aws.ecs", "awsecs.toml is not TOML"),
        ("[aws.ecs]\ntaskRole = 'a'\ntask_role = 'b'\n", "taskRole is there twice"),
    ],
)
def test_names_that_nobody_knows(text: str, told: str) -> None:
    """At every level, with the nearest that there is."""
    assert told in refusal(text)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "cluster = 5",
            "aws.ecs.cluster in awsecs.toml: 5 is not acceptable: it is text, in quotes",
        ),
        (
            "maxSpotAttempts = 'x'",
            "maxSpotAttempts in awsecs.toml: 'x' is not acceptable: it is a whole number",
        ),
        ("subnets = 3", "subnets in awsecs.toml: 3 is not acceptable: it is a list, or one text with commas"),
        ("assignPublicIp = 'x'", "assignPublicIp in awsecs.toml: 'x' is not acceptable: it is true or false"),
        ("journal = 5", "journal in awsecs.toml: 5 is not acceptable: it is a path, in quotes"),
        ("startTimeout = inf", "startTimeout in awsecs.toml: inf is not acceptable: it is a finite number"),
        ("pollFloor = nan", "pollFloor in awsecs.toml: nan is not acceptable: it is a finite number"),
        (
            "quotas = {runTask = 5}",
            "runTask in awsecs.toml: 5 is not acceptable: it is a pair, calls a second and burst, such as",
        ),
        ("cluster = 'a b'", "cluster in awsecs.toml: 'a b' is not the name of an ECS cluster, or its ARN"),
        (
            "executionRole = 'role'",
            "executionRole in awsecs.toml: 'role' is not the ARN of an IAM role: arn:aws:iam",
        ),
        ("taskRole = 'arn:aws:iam::1:user/x'", "taskRole in awsecs.toml"),
        ("infrastructureRole = 'x'", "infrastructureRole in awsecs.toml"),
        ("subnets = ['vpc-1']", "subnets in awsecs.toml: 'vpc-1' is not a subnet's id: subnet-..."),
        ("subnets = [1]", "subnets in awsecs.toml: [1] is not acceptable"),
        (f"subnets = {[f'subnet-{n}' for n in range(17)]}", "17 of them; AWS allows 16"),
        ("subnets = ['subnet-1', 'subnet-1']", "'subnet-1' is there twice"),
        (
            "securityGroups = 'subnet-1'",
            "securityGroups in awsecs.toml: 'subnet-1' is not a security group's id",
        ),
        (f"securityGroups = {[f'sg-{n}' for n in range(6)]}", "6 of them; AWS allows 5"),
        ("capacityProviders = ['a b']", "'a b' is not the name of a capacity provider"),
        (
            "networkMode = 'vpc'",
            "networkMode in awsecs.toml: 'vpc' is not acceptable: input should be 'awsvpc'",
        ),
        (
            "logsGroup = 'arn:aws:logs:x'",
            "logsGroup in awsecs.toml: 'arn:aws:logs:x' is not the name of a log",
        ),
        ("logMode = 'lossy'", "logMode in awsecs.toml"),
        ("logMaxBuffer = '25 MB'", "is not a size such as 25m"),
        ("architecture = 'sparc'", "'sparc' is not one of X86_64 and ARM64"),
        ("platformVersion = 'new'", "is not a version of Fargate's platform such as 1.4.0"),
        ("workBucket = 'bucket'", "workBucket in awsecs.toml: 'bucket' is not a"),
        ("endpointUrl = 'localhost'", "endpointUrl in awsecs.toml: 'localhost' is not a URL"),
        ("tags = { 'aws:x' = 'y' }", "names that begin with 'aws:' are AWS's own"),
        ("tags = 'a'", "'a' has no value; write it as NAME=VALUE"),
        ("tags = { a = 1 }", "tags in awsecs.toml"),
        ("maxSpotAttempts = -1", "maxSpotAttempts in awsecs.toml: -1 is not a number of attempts, 0 or more"),
        ("maxSpotAttempts = true", "maxSpotAttempts in awsecs.toml: True is not acceptable: it is a number"),
        ("moveOn = ['always']", "moveOn in awsecs.toml"),
        ("startTimeout = 'soon'", "'soon' is not a duration such as '90s' or '1h 30m'"),
        ("startTimeout = 0", "startTimeout in awsecs.toml: 0.0 is not a number of seconds, over 0"),
        ("logSettle = -1", "logSettle in awsecs.toml: -1.0 is not a number of seconds, 0 or more"),
        ("queueLimit = 'many'", "queueLimit in awsecs.toml: 'many' is not acceptable"),
        ("maxCopiesPerLaunch = 11", "11 is not a number of tasks in one RunTask call, 1 to 10"),
        ("dispatcherId = 'a b'", "dispatcherId in awsecs.toml"),
        ("defaultMemory = '4 XB'", "write KB, MB, GB or TB"),
        ("defaultCpus = 0", "defaultCpus in awsecs.toml: 0 is not a positive number of vCPUs"),
        ("pollCeiling = 0.5", "pollCeiling in awsecs.toml: 0.5 is less than poll_floor, 1"),
        ("quotas = { read = [1] }", "quotas.read in awsecs.toml"),
        ("quotas = { read = [0, 1] }", "both, calls a second and burst, are numbers over 0"),
        ("quotas = { share = 1.5 }", "quotas.share in awsecs.toml: 1.5 is not a number, over 0 and up to 1"),
        (
            "fusion = { license = 'secret' }",
            "fusion.license in awsecs.toml: '(hidden)' is not the ARN of a Secrets",
        ),
        ("profile = ''", "profile in awsecs.toml: '' is not the name of a profile"),
        ("region = 'EU'", "region in awsecs.toml: 'EU' is not the name of a region"),
    ],
)
def test_values_that_cannot_be(setting: str, told: str) -> None:
    """Told with the file, the key and the reason; nothing is asked of AWS."""
    assert told in refusal(f"[aws.ecs]\n{setting}\n")


def test_all_mistakes_are_told_at_once() -> None:
    """Who mends a file mends it once."""
    told = refusal(
        "[aws.ecs]\nqueueLimit = 'x'\nlogSettle = 'y'\ntaskRole = 'z'\ncluster = 'c'\n"
    ).splitlines()
    assert len(told) == 4  # those three, and the execution role that is missing
    assert refusal(LEAST + "taskRole = 'z'\nsubnets = 's'\n").count("\n") == 1


def test_a_cluster_elsewhere_than_its_region() -> None:
    """An ARN says where it is."""
    arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/c"
    told = refusal(LEAST.replace('"c"', f'"{arn}"') + "region = 'eu-north-1'\n")
    assert "aws.ecs.region in awsecs.toml: 'eu-north-1' is not the region of the cluster" in told


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("AWSECS_CLSUTER", "AWSECS_CLSUTER in the environment is no setting; did you mean AWSECS_CLUSTER?"),
        ("AWSECS_QUEUE_LIMIT", "AWSECS_QUEUE_LIMIT in the environment: 'x' is not acceptable"),
        ("AWSECS_QUOTAS_SHARE", "AWSECS_QUOTAS_SHARE in the environment: 'x' is not acceptable"),
        ("AWSECS_TASK_ROLE", "AWSECS_TASK_ROLE in the environment: 'x' is not the ARN of an IAM role"),
        ("AWSECS_TAGS", "AWSECS_TAGS in the environment: 'x' has no value; write it as NAME=VALUE"),
        ("AWSECS_START_TIMEOUT", "'x' is not a duration"),
        (
            "AWSECS_TARGETS_GPU_REGION",
            "AWSECS_TARGETS_GPU_REGION in the environment is no setting: targets are",
        ),
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


def test_what_must_be_set_says_how() -> None:
    """The first message that a newcomer with an account sees; both settings are told at once."""
    told = refusal("")
    for way in ("--cluster NAME", "--execution-role ARN", "AWSECS_CLUSTER=", "AWSECS_EXECUTION_ROLE="):
        assert way in told
    assert "[aws.ecs] in awsecs.toml" in told
    assert "--local" in told
    assert "cluster" not in refusal("[aws.ecs]\ncluster='c'\n").split("execution role")[0]


def test_a_named_file_must_be_there() -> None:
    """A mistyped --config is not silently another file."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        config.load(Path("nowhere.toml"))
