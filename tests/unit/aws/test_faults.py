"""The table of faults, row by row, in the words that AWS was seen to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.aws.faults import TABLE, could_not_ask, cure, fault_of, is_capacity
from awsecs_async.errors import (
    AwsFault,
    CapacityShort,
    DefinitionGone,
    LogStreamsMissing,
    RequestRefused,
    TargetBlocked,
    Throttled,
    TokenConflict,
    Unanswered,
)

EXPIRED = "The security token included in the request is expired"
RATE = "Rate exceeded"

ANSWERS = [
    (Throttled, "RunTask", "ThrottlingException", RATE, 400),
    (Throttled, "DescribeTasks", "Throttling", RATE, 400),
    (Throttled, "FilterLogEvents", "ThrottlingException", RATE, 400),
    (Throttled, "RunTask", "RequestLimitExceeded", "Request limit exceeded.", 503),
    (Throttled, "RunTask", "429", "Too Many Requests", 429),
    (
        Throttled,
        "RunTask",
        "InvalidParameterException",
        "Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)",
        400,
    ),
    (
        Throttled,
        "RunTask",
        "InvalidParameterException",
        "Error retrieving information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)",
        400,
    ),
    (
        Throttled,
        "RunTask",
        "InternalError",
        "Error retrieving security group information for [sg-1]: (ErrorCode: RequestLimitExceeded)",
        500,
    ),
    (
        Throttled,
        "RegisterTaskDefinition",
        "ClientException",
        "Too many concurrent attempts to create a new revision of the specified family.",
        400,
    ),
    (TokenConflict, "RunTask", "ConflictException", "The client token is bound to other parameters", 400),
    (RequestRefused, "CreateCluster", "ConflictException", "Being changed", 400),
    (CapacityShort, "RunTask", "ClientException", "Tasks provisioning capacity limit exceeded.", 400),
    (
        CapacityShort,
        "RunTask",
        "InvalidParameterException",
        "No Container Instances were found in your cluster.",
        400,
    ),
    (CapacityShort, "RunTask", "ClientException", "Capacity is unavailable at this time.", 400),
    (
        CapacityShort,
        "RunTask",
        "ClientException",
        "You\u2019ve reached the limit on the number of vCPUs you can run concurrently",
        400,
    ),
    (TargetBlocked, "RunTask", "ExpiredTokenException", EXPIRED, 400),
    (TargetBlocked, "RunTask", "ExpiredToken", EXPIRED, 403),
    (TargetBlocked, "RunTask", "UnrecognizedClientException", "The security token is invalid.", 400),
    (TargetBlocked, "RunTask", "InvalidClientTokenId", "The security token is invalid.", 403),
    (
        TargetBlocked,
        "RunTask",
        "InvalidSignatureException",
        "Signature expired: 1 is earlier than 2",
        400,
    ),
    (TargetBlocked, "RunTask", "RequestExpired", "Request has expired.", 400),
    (
        TargetBlocked,
        "RunTask",
        "AccessDeniedException",
        "User: a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r",
        400,
    ),
    (TargetBlocked, "DescribeTasks", "ClusterNotFoundException", "Cluster not found.", 400),
    (TargetBlocked, "RunTask", "BlockedException", "Your account is currently blocked.", 400),
    (TargetBlocked, "RunTask", "UnknownOperationException", "", 404),
    (TargetBlocked, "RunTask", "404", "<html>not here</html>", 404),
    (
        TargetBlocked,
        "RunTask",
        "ClientException",
        "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.",
        400,
    ),
    (TargetBlocked, "RunTask", "InvalidParameterException", "The subnet ID 'subnet-1' does not exist", 400),
    (
        CapacityShort,
        "RunTask",
        "InvalidParameterException",
        "The specified capacity provider 'p' was not found on cluster 'c'.",
        400,
    ),
    (DefinitionGone, "RunTask", "ClientException", "TaskDefinition is inactive", 400),
    (DefinitionGone, "RunTask", "ClientException", "TaskDefinition not found.", 400),
    (DefinitionGone, "DescribeTaskDefinition", "ClientException", "Unable to describe task definition.", 400),
    (
        LogStreamsMissing,
        "FilterLogEvents",
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
        400,
    ),
    (RequestRefused, "TagResource", "ResourceNotFoundException", "no such resource", 400),
    (Unanswered, "RunTask", "ServerException", "Service Unavailable. Please try again later.", 500),
    (Unanswered, "RunTask", "InternalFailure", "", 500),
    (Unanswered, "FilterLogEvents", "ServiceUnavailableException", "", 503),
    (Unanswered, "RunTask", "502", "<html>Bad Gateway</html>", 502),
    (Throttled, "DescribeSubnets", "RequestLimitExceeded", "Request limit exceeded.", 503),
    (Throttled, "GetRole", "Throttling", RATE, 400),
    (Throttled, "PutObject", "SlowDown", "Please reduce your request rate.", 503),
    (Throttled, "ListServiceQuotas", "TooManyRequestsException", "Too Many Requests", 429),
    (TargetBlocked, "DescribeSubnets", "UnauthorizedOperation", "You are not authorized.", 403),
    (TargetBlocked, "DescribeSubnets", "AuthFailure", "AWS was not able to validate", 401),
    (TargetBlocked, "DescribeVpcs", "OptInRequired", "You are not subscribed to this service.", 401),
    (TargetBlocked, "GetRole", "AccessDenied", "User: a is not authorized to perform: iam:GetRole", 403),
    (TargetBlocked, "PutObject", "AccessDenied", "Access Denied", 403),
    (TargetBlocked, "GetCallerIdentity", "RegionDisabledException", "STS is not activated", 403),
    (TargetBlocked, "GetObject", "RequestTimeTooSkewed", "The difference is too large.", 403),
    (TargetBlocked, "DescribeVpcs", "UnsupportedOperation", "moto is not installed", 501),
    (TargetBlocked, "ListServiceQuotas", "UnsupportedFeatureException", "moto is not installed", 501),
    (RequestRefused, "RunTask", "UnsupportedFeatureException", "not supported in this Region", 400),
    (RequestRefused, "DescribeSubnets", "InvalidSubnetID.NotFound", "'subnet-1' does not exist", 400),
    (RequestRefused, "DescribeSecurityGroups", "InvalidGroup.NotFound", "'sg-1' does not exist", 400),
    (RequestRefused, "GetRole", "NoSuchEntity", "The role with name r cannot be found.", 404),
    (RequestRefused, "GetObject", "NoSuchKey", "The specified key does not exist.", 404),
    (RequestRefused, "PutObject", "NoSuchBucket", "The specified bucket does not exist", 404),
    (RequestRefused, "GetObject", "PermanentRedirect", "The bucket must be addressed elsewhere", 301),
    (Unanswered, "GetObject", "InternalError", "We encountered an internal error.", 500),
    (RequestRefused, "RunTask", "InvalidParameterException", "Container Overrides length must be", 400),
    (RequestRefused, "RegisterTaskDefinition", "ClientException", "No Fargate configuration exists", 400),
    (RequestRefused, "RunTask", "SomethingNewException", "never heard of", 400),
]


@pytest.mark.parametrize(("kind", "operation", "code", "message", "status"), ANSWERS)
def test_kind(kind: type[AwsFault], operation: str, code: str, message: str, status: int) -> None:
    """Every error is the kind that tells the engine what to do next, with AWS's words kept."""
    fault = fault_of(operation, code, message, status=status)
    assert type(fault) is kind
    assert (fault.code, fault.message, fault.operation) == (code, message, operation)


def test_every_row_is_met() -> None:
    """No row of the table is dead, shadowed by one above it."""
    met = {
        next(i for i, row in enumerate(TABLE) if row.matches(operation, code, message, status))
        for _, operation, code, message, status in ANSWERS
    }
    assert met == set(range(len(TABLE)))


def test_conflict_carries_its_tasks() -> None:
    """The tasks that a token launched are found in its conflict, to be adopted."""
    fault = fault_of("RunTask", "ConflictException", "", extra={"resourceIds": ["a", "b"]})
    assert isinstance(fault, TokenConflict)
    assert fault.arns == ("a", "b")
    bare = fault_of("RunTask", "ConflictException", "")
    assert isinstance(bare, TokenConflict)
    assert bare.arns == ()


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("RESOURCE:CPU", True),
        ("RESOURCE:MEMORY", True),
        ("RESOURCE:ENI", True),
        ("AGENT", True),
        (
            "Capacity is unavailable at this time. Please try again later",
            True,
        ),
        ("You've reached the limit on the number of vCPUs you can run concurrently", True),
        ("You\u2019ve reached the limit on the number of tasks you can run concurrently", True),
        ("NO ACTIVE INSTANCES", True),
        ("a reason of next year", True),
        ("", True),
        ("LOCATION", False),
        ("ATTRIBUTE", False),
        ("MISSING", False),
        ("INACTIVE", False),
    ],
)
def test_capacity(reason: str, expected: bool) -> None:  # noqa: FBT001
    """A failure that passes is waited out, one that stays fails the task."""
    assert is_capacity(reason) is expected


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("ExpiredTokenException", "aws sso login"),
        ("NoCredentialsError", "credentials"),
        ("RequestExpired", "clock"),
        ("InvalidSignatureException", "secret key"),
        ("AccessDeniedException", "iam:PassRole"),
        ("ClusterNotFoundException", "set cluster"),
        ("EndpointConnectionError", "NAT"),
        ("ProfileNotFound", "~/.aws/config"),
        ("404", "endpoint_url"),
        ("UnsupportedOperation", "AWS_ENDPOINT_URL_"),
        ("ClientException", "the subnet is gone"),
    ],
)
def test_cure(code: str, word: str) -> None:
    """Whoever reads of a blocked target reads in one line what to do."""
    words = cure(TargetBlocked(code, "the subnet is gone"))
    assert word in words


@pytest.mark.parametrize(
    ("operation", "number", "code"),
    [
        ("HeadObject", "404", "NoSuchKey"),
        ("HeadBucket", "404", "NoSuchBucket"),
        ("HeadObject", "403", "AccessDenied"),
        ("HeadBucket", "403", "AccessDenied"),
        ("HeadBucket", "301", "PermanentRedirect"),
    ],
)
def test_heads_have_codes_too(operation: str, number: str, code: str) -> None:
    """S3's HEAD is answered by a bare number, which elsewhere means that it was not AWS."""
    fault = fault_of(operation, number, "Not Found", status=int(number))
    assert fault.code == code
    assert isinstance(fault, TargetBlocked) is (code == "AccessDenied")
    assert isinstance(fault_of("ListTasks", number, "", status=int(number)), TargetBlocked)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (TargetBlocked("AccessDeniedException", ""), True),
        (TargetBlocked("UnauthorizedOperation", ""), True),
        (TargetBlocked("UnknownOperationException", ""), True),
        (TargetBlocked("UnsupportedOperation", ""), True),
        (TargetBlocked("404", ""), True),
        (TargetBlocked("EndpointConnectionError", ""), True),
        (TargetBlocked("ProxyConnectionError", ""), True),
        (TargetBlocked("UnknownServiceError", ""), True),
        (Throttled("Throttling", ""), True),
        (Unanswered("ReadTimeoutError", ""), True),
        (RequestRefused("UnsupportedFeatureException", ""), True),
        (TargetBlocked("ExpiredToken", ""), False),
        (TargetBlocked("NoCredentialsError", ""), False),
        (TargetBlocked("RequestExpired", ""), False),
        (TargetBlocked("OptInRequired", ""), False),
        (TargetBlocked("ClusterNotFoundException", ""), False),
        (RequestRefused("InvalidSubnetID.NotFound", ""), False),
        (RequestRefused("NoSuchEntity", ""), False),
    ],
)
def test_could_not_ask(fault: AwsFault, expected: bool) -> None:  # noqa: FBT001
    """A survey warns of what it could not ask, and fails only of what it was told."""
    assert could_not_ask(fault) is expected


@given(
    operation=st.sampled_from(
        ["RunTask", "DescribeTasks", "FilterLogEvents", "AssumeRole", "HeadObject", "GetRole"]
    ),
    code=st.text() | st.sampled_from(sorted(set().union(*(row.codes for row in TABLE)))),
    message=st.text(),
    status=st.integers(300, 599),
)
def test_any_answer_is_a_fault(operation: str, code: str, message: str, status: int) -> None:
    """Whatever AWS comes up with is one of the kinds, with a cure of one line."""
    fault = fault_of(operation, code, message, status=status)
    assert isinstance(fault, AwsFault)
    assert type(fault) is not AwsFault
    assert len(cure(fault).splitlines()) == 1
