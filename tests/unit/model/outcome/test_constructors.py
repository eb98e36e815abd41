"""The endings that no stopped task tells, and what mends a refusal."""

from __future__ import annotations

import pytest

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, cancelled, forgotten, queue_timed_out, refused

REFUSALS = [
    ("Network Configuration must be provided when networkMode 'awsvpc' is specified.", "'subnets'"),
    ("ClientException: Fargate only supports network mode 'awsvpc'.", "awsvpc"),
    ("ClientException: No Fargate configuration exists for given values.", "'memory'"),
    ("ClientException: Invalid 'cpu' setting for task.", "'cpus'"),
    ("LOCATION", "'subnets'"),
    ("ATTRIBUTE com.amazonaws.ecs.capability.docker-remote-api.1.19", "'machineType'"),
    ("MISSING", "'cluster'"),
    ("User: arn:aws:sts::1:x is not authorized to perform: iam:PassRole", "iam:PassRole"),
    ("ClientException: Role is not valid", "ecs-tasks.amazonaws.com"),
    ("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
     "'executionRole'"),
    ("ClientException: Fargate requires task definition to have execution role ARN to support ECR images.",
     "'executionRole'"),
    ("InvalidParameterException: Container Overrides length must be at most 8192", "'workBucket'"),
    ("InvalidParameterException: Assign public IP is not supported for this launch type.", "assignPublicIp"),
    ("InvalidParameterException: Invalid volume configuration: iops", "'disk'"),
    ("ClientException: Fargate does not support privileged containers", "'containerOptions'"),
    ("ClientException: Tasks using the Fargate launch type do not support GPU resource requirements",
     "'accelerator'"),
    ("InvalidParameterException: Task definition does not support launch_type FARGATE.",
     "'capacityProviders'"),
    ("InvalidParameterException: Ephemeral storage size must be between 21 and 200 GiB.", "'disk'"),
    ("InvalidParameterException: To use ECS Exec (execute command) a task role is needed", "'taskRole'"),
    ("PlatformUnknownException: The specified platform version does not exist.", "'platformVersion'"),
    ("ClientException: Actual length: '70000'. Max allowed length is '65536' bytes.", "64 KB"),
    ("InvalidParameterException: Tag keys beginning with aws: are reserved", "'tags'"),
    ("ClientException: At least one container of a task definition must be essential.", "'essential'"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "setting"), REFUSALS)
def test_a_refusal_says_which_setting_mends_it(reason: str, setting: str) -> None:
    """ECS's own sentence is kept, and beside it stands what that is called here."""
    found = refused(reason)
    assert (found.state, found.cause, found.reason) == (State.FAILED, Cause.REFUSED, reason)
    assert setting in found.hint
    assert (found.started, found.exit_code) == (False, None)


def test_an_unknown_refusal_points_at_its_reason() -> None:
    """No cure is guessed for what nobody has seen; a caller who knows better says so."""
    assert "the reason names" in refused("The moon was full").hint
    assert refused("The moon was full", hint="wait for the sun").hint == "wait for the sun"


def test_what_nobody_can_tell_is_called_unknown() -> None:
    """An ending that ECS has forgotten is admitted as such, with where else to look."""
    found = forgotten("gone")
    assert (found.state, found.cause, found.exit_code) == (State.UNKNOWN, Cause.FORGOTTEN, None)
    assert "CloudWatch" in found.hint


def test_what_waited_too_long_says_for_what() -> None:
    """A queue timeout tells how long it was, what was waited for, and which setting gives more."""
    found = queue_timed_out(5400, "capacity of mi-spot")
    assert (found.state, found.cause, found.started) == (State.TIMED_OUT, Cause.QUEUE_TIMEOUT, False)
    assert "1h 30m" in found.reason
    assert "capacity of mi-spot" in found.reason
    assert "queueTimeout" in found.hint


def test_a_cancelled_task_says_by_whom() -> None:
    """The caller's reason is kept; without one it says that ECS never had the task."""
    assert (cancelled("by Ann").reason, cancelled().state) == ("by Ann", State.CANCELLED)
    assert "before it was launched" in cancelled().reason
