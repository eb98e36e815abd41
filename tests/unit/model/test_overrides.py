"""What one RunTask call says of the task itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from awsecs_async.model.container import ContainerSpec
from awsecs_async.model.overrides import OVERRIDES_TAKEN, Work, length, overrides_of, surely_fits
from awsecs_async.model.task import TaskSpec
from tests.unit.model.specs import specs
from tests.unit.model.works import FARGATE, PLACE, ROLE, TARGET, at_any_place, work


def test_the_size_is_always_overridden() -> None:
    """The definition's size is a placeholder: every launch says the task's own."""
    overrides = overrides_of(work(TaskSpec()))
    assert (overrides["cpu"], overrides["memory"]) == ("1024", "2048")


def test_a_tasks_own_role_goes_before_the_targets() -> None:
    """Roles are overridden too, so that they cost no definition."""
    own = "arn:aws:iam::123456789012:role/own"
    assert overrides_of(work(TaskSpec()))["taskRoleArn"] == ROLE
    assert overrides_of(work(TaskSpec(task_role=own)))["taskRoleArn"] == own
    assert "taskRoleArn" not in overrides_of(work(TaskSpec(), target=replace(TARGET, task_role=None)))


def test_environment_files_are_in_the_targets_partition() -> None:
    """An s3:// file of a task in GovCloud is there, whatever ARN it was given when the spec was made."""
    role = ROLE.replace("arn:aws:", "arn:aws-us-gov:")
    there = replace(TARGET, region="us-gov-west-1", execution_role=role)
    for written in ("s3://bkt/one.env", "arn:aws-us-gov:s3:::bkt/one.env"):
        found = overrides_of(work(TaskSpec(environment_files=[written]), target=there))
        (file,) = found["containerOverrides"][0]["environmentFiles"]
        assert file["value"] == "arn:aws-us-gov:s3:::bkt/one.env"


def test_gpus_go_to_the_container_whose_exit_code_counts() -> None:
    """A helper beside the work needs none, and ECS would reserve them twice."""
    spec = TaskSpec(containers=[ContainerSpec(), ContainerSpec(name="side", essential=False)])
    main, side = overrides_of(work(spec, replace(PLACE, gpus="2")))["containerOverrides"]
    assert main == {"name": "main", "resourceRequirements": [{"type": "GPU", "value": "2"}]}
    assert side == {"name": "side"}


def test_storage_and_environment_files_are_said_at_launch() -> None:
    """Both may be overridden, so tasks that differ by them share a definition."""
    spec = TaskSpec(environment_files=["s3://bkt/one.env"])
    overrides = overrides_of(work(spec, replace(FARGATE, ephemeral_gib=100)))
    assert overrides["ephemeralStorage"] == {"sizeInGiB": 100}
    assert overrides["containerOverrides"] == [
        {"name": "main", "environmentFiles": [{"value": "arn:aws:s3:::bkt/one.env", "type": "s3"}]}
    ]


def test_an_array_says_its_index_and_size() -> None:
    """Members of an array learn their place from the environment; others get nothing of ours."""
    of_array = overrides_of(work(TaskSpec(environment={"A": "1"}), index=0, size=9))
    assert of_array["containerOverrides"][0]["environment"] == [
        {"name": "A", "value": "1"},
        {"name": "AWSECS_ARRAY_INDEX", "value": "0"},
        {"name": "AWSECS_ARRAY_SIZE", "value": "9"},
    ]
    assert overrides_of(work(TaskSpec()))["containerOverrides"] == [{"name": "main"}]


@given(at_any_place(specs))
@example(work(TaskSpec(command=["😀" * 500]), index=0, size=9))  # one character of text, twelve of JSON
@example(work(TaskSpec(command=["\x01" * 1_130])))
def test_the_quick_estimate_is_never_too_low(of: Work) -> None:
    """What surely fits does fit, whatever it is made of."""
    if surely_fits(of):
        assert length(overrides_of(of)) <= OVERRIDES_TAKEN


@given(st.integers(0, 1_000), st.sampled_from(["a", '"', "ä", "\x01", "😀"]), st.integers(1, 10))
def test_the_quick_estimate_covers_many_containers_and_long_texts(
    count: int, letter: str, containers: int
) -> None:
    """Up to ten containers, each with an array's variables, in letters that JSON spells at length."""
    first = ContainerSpec(
        command=[letter * count], environment={letter: letter * count} if letter != "\x01" else ()
    )
    others = [ContainerSpec(name=f"c{n}", essential=False) for n in range(1, containers)]
    of = work(TaskSpec(containers=[first, *others]), index=0, size=9)
    assert not surely_fits(of) or length(overrides_of(of)) <= OVERRIDES_TAKEN
