"""What botocore raises without an answer, told apart by whether anything may have been done."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from botocore import exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from awsecs_async.aws.connection import fault_from
from awsecs_async.errors import AwsFault, RequestRefused, TargetBlocked, Throttled, Unanswered

URL = "https://ecs.us-east-1.amazonaws.com/"
NOWHERE = aiohttp.ClientConnectorError(
    ConnectionKey("ecs.us-east-1.amazonaws.com", 443, True, True, None, None, None),  # noqa: FBT003
    OSError(111, "refused"),
)


def of(name: str, **words: object) -> Exception:
    """botocore's exception of that name."""
    error: Exception = getattr(botocore_errors, name)(**words)
    return error


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (TargetBlocked, of("EndpointConnectionError", endpoint_url=URL, error=NOWHERE)),
        (TargetBlocked, of("ConnectTimeoutError", endpoint_url=URL, error=TimeoutError())),
        (TargetBlocked, of("ProxyConnectionError", proxy_url=URL, error=OSError())),
        (TargetBlocked, of("SSLError", endpoint_url=URL, error=OSError())),
        (TargetBlocked, of("NoCredentialsError")),
        (TargetBlocked, of("ProfileNotFound", profile="x")),
        (TargetBlocked, of("NoRegionError")),
        (TargetBlocked, of("CredentialRetrievalError", provider="x", error_msg="y")),
        (TargetBlocked, of("UnauthorizedSSOTokenError")),
        (TargetBlocked, ValueError("Invalid endpoint: nonsense")),
        (TargetBlocked, PermissionError(13, "not allowed", "credentials")),
        (Unanswered, of("EndpointConnectionError", endpoint_url=URL, error=ConnectionResetError())),
        (Unanswered, of("ConnectionClosedError", endpoint_url=URL, error=OSError())),
        (Unanswered, of("ReadTimeoutError", endpoint_url=URL, error=TimeoutError())),
        (Unanswered, of("HTTPClientError", error=OSError())),
        (Unanswered, ResponseParserError("no JSON")),
        (Unanswered, of("IncompleteReadError", actual_bytes=1, expected_bytes=2)),
        (Unanswered, aiohttp.ClientPayloadError("cut off")),
        (RequestRefused, of("ParamValidationError", report="Missing required parameter")),
        (TargetBlocked, of("UnknownServiceError", service_name="x", known_service_names="y")),
    ],
)
def test_no_answer(kind: type[AwsFault], error: Exception) -> None:
    """What was never sent blocks the target; what may have been done is asked again."""
    fault = fault_from("RunTask", error)
    assert type(fault) is kind
    assert fault.operation == "RunTask"
    assert fault.code


def answered(operation: str, code: str, status: int = 400) -> Exception:
    """An error answer as botocore raises it."""
    response = {
        "Error": {"Code": code, "Message": "words"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    error: Exception = botocore_errors.ClientError(response, operation)
    return error


def test_refused_role_blocks_the_target() -> None:
    """A role that may not be assumed is not the fault of the task that was to be launched."""
    fault = fault_from("RunTask", answered("AssumeRole", "ValidationError"))
    assert type(fault) is TargetBlocked
    assert fault.operation == "AssumeRole"


def test_throttled_role_is_a_throttle() -> None:
    """What STS throttles is tried again, and blocks nothing."""
    assert type(fault_from("RunTask", answered("AssumeRole", "Throttling"))) is Throttled


def test_status_counts_without_a_code() -> None:
    """An answer of a gateway on the way is no refusal of ECS's."""
    assert type(fault_from("RunTask", answered("RunTask", "", 504))) is Unanswered
