"""What botocore raises, as faults: answers go to the table, and here is told why there was none.

The line runs between "nothing was sent" and "something may have been done". Without credentials, a region,
an address or a connection nothing was sent, and nothing will be until a person acts: the target is
blocked. A connection lost later leaves open what AWS did: unanswered, to be asked again with the same
token.

Reading credentials may itself take calls (AssumeRole, SSO). What goes wrong there is never the fault of
the request that happened to need them.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from botocore import exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from awsecs_async.aws.faults import fault_of
from awsecs_async.errors import AwsFault, RequestRefused, TargetBlocked, Unanswered

# BotoCoreError: all that botocore raises itself. ValueError: an endpoint URL that is none. aiohttp's own:
# while a streamed body is read.
RAISED_BY_BOTOCORE = (
    botocore_errors.BotoCoreError,
    botocore_errors.ClientError,
    ResponseParserError,
    aiohttp.ClientError,
    ValueError,
    OSError,
)

_BROKEN_OFF = (
    botocore_errors.HTTPClientError,
    botocore_errors.IncompleteReadError,
    ResponseParserError,
    aiohttp.ClientError,
)
_NOTHING_SENT = (
    botocore_errors.ConnectTimeoutError,  # mostly a VPC without a way out
    botocore_errors.ProxyConnectionError,
    botocore_errors.SSLError,
)


# How S3 answers where a bucket is in another region; 301 is a HEAD's, which has no code.
_ELSEWHERE = {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301"}


def fault_from(operation: str, error: Exception) -> AwsFault:
    """The fault that an exception out of botocore is, while ``operation`` was called."""
    if isinstance(error, botocore_errors.ClientError):
        return _answered(operation, error)
    name = type(error).__name__
    if isinstance(error, botocore_errors.EndpointConnectionError):
        # aiobotocore says this of every broken socket; only a connector's error means it never opened.
        cause = error.kwargs.get("error")
        if isinstance(cause, aiohttp.ClientConnectorError):
            return TargetBlocked(name, str(error), operation=operation)
        return Unanswered(type(cause).__name__, str(cause) or str(error), operation=operation)
    if isinstance(error, _BROKEN_OFF) and not isinstance(error, _NOTHING_SENT):
        return Unanswered(name, str(error), operation=operation)
    if isinstance(error, botocore_errors.ParamValidationError):
        return RequestRefused(name, str(error), operation=operation)
    return TargetBlocked(name, str(error), operation=operation)


def _answered(operation: str, error: Any) -> AwsFault:
    response: dict[str, Any] = error.response
    told = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    code, message = str(told.get("Code") or status), str(told.get("Message") or "")
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if code in _ELSEWHERE and "x-amz-bucket-region" in headers:
        message = f"{message} (the bucket is in {headers['x-amz-bucket-region']})"
    asked = error.operation_name
    fault = fault_of(asked, code, message, status=status, extra=response)
    if asked != operation and isinstance(fault, RequestRefused):
        return TargetBlocked(code, message, operation=asked)
    return fault
