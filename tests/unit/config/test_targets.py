"""Several targets in one file: what they inherit, which is the first, and what each needs."""

import pytest

from awsecs_async import config
from tests.unit.config.loading import LEAST, ROLE, load, refusal

TWO = """
[aws]
region = "eu-central-1"
[aws.ecs.targets.one]
cluster = "a"
[aws.ecs.targets.two]
cluster = "b"
region = "us-east-1"
capacityProviders = ["mi-spot", "FARGATE"]
tags = { team = "ngs" }
"""
COMMON = f'[aws.ecs]\nexecutionRole = "{ROLE}"\n' + TWO


def test_named_targets_inherit_what_the_top_says() -> None:
    """What they have in common is said once; without a cluster at the top the first named is the default."""
    one, two = load(COMMON).targets
    assert (one.name, one.cluster, one.region, one.execution_role) == ("one", "a", "eu-central-1", ROLE)
    assert (two.name, two.region, two.execution_role) == ("two", "us-east-1", ROLE)
    assert two.capacity_providers == ("mi-spot", "FARGATE")
    assert two.tags == (("team", "ngs"),)


def test_a_cluster_at_the_top_is_the_default_target() -> None:
    """It comes first, and those that name no cluster share it."""
    text = LEAST + "[aws.ecs.targets.big]\narchitecture = 'ARM64'\n"
    assert [(t.name, t.cluster, t.architecture) for t in load(text).targets] == [
        ("default", "c", "X86_64"),
        ("big", "c", "ARM64"),
    ]


def test_a_targets_own_word_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region for all must not move the target that has said where it is."""
    monkeypatch.setenv("AWSECS_REGION", "ap-south-1")
    assert [target.region for target in load(COMMON).targets] == ["ap-south-1", "us-east-1"]


def test_flags_are_about_the_target_that_was_named() -> None:
    """``--target two --region ...`` says nothing of the others."""
    settings = load(COMMON, target="two", region="sa-east-1", queue_limit=3)
    assert [target.region for target in settings.targets] == ["eu-central-1", "sa-east-1"]
    assert settings.queue_limit == 3


def test_each_target_needs_a_cluster_and_a_role() -> None:
    """FR-022 and FR-023 hold for every one; all that is missing is told at once."""
    told = refusal(TWO + "[aws.ecs.targets.three]\nexecutionRole = 'x'\n")
    assert "no cluster is set for the target three" in told
    assert 'cluster = "NAME" under [aws.ecs.targets.three] in awsecs.toml' in told
    assert "no execution role is set for the target one" in told
    assert "no execution role is set for the target three" not in told
    assert "aws.ecs.targets.three.executionRole in awsecs.toml: 'x' is not the ARN" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[aws.ecs.targets.x]\nclustr = 'c'\n",
            "[aws.ecs.targets.x] in awsecs.toml: clustr is no setting; did you",
        ),
        (
            "[aws.ecs.targets.x]\nqueueLimit = 1\n",
            "[aws.ecs.targets.x] in awsecs.toml: queueLimit is no setting",
        ),
        ("[aws.ecs.targets]\nx = 1\n", "aws.ecs.targets.x in awsecs.toml is no table"),
        ("[aws.ecs]\ntargets = 1\n", "aws.ecs.targets in awsecs.toml is no table; write [aws.ecs.targets]"),
        (LEAST + "[aws.ecs.targets.default]\ncluster = 'd'\n", "both describe the target default"),
        (LEAST + "[aws.ecs.targets.'a b']\n", "a target's name"),
    ],
)
def test_mistakes_in_a_target_are_named(text: str, told: str) -> None:
    """With the table they stand in."""
    assert told in refusal(text)


def test_what_all_inherit_is_told_once() -> None:
    """Not once for each target."""
    assert refusal(COMMON.replace(ROLE, "r")).count("is not the ARN of an IAM role") == 1


def test_a_sheet_shows_who_said_what() -> None:
    """Even where something is missing."""
    load(COMMON)
    sheet = config.read(target="two", overrides={"cluster": "z"})
    two = sheet.targets["two"]
    assert (two["cluster"].value, two["cluster"].source) == ("z", "the flag --cluster")
    assert two["region"].source == "aws.ecs.targets.two.region in awsecs.toml"
    assert two["execution_role"].source == "aws.ecs.executionRole in awsecs.toml"
    assert sheet.targets["one"]["region"].source == "aws.region in awsecs.toml"
