"""What an error of AWS's means to a dispatcher: one table, read from top to bottom, first match wins.

AWS names its errors by what went wrong inside; a dispatcher cares about what to do next, which is the
five kinds of ``errors.AwsFault``. The code alone does not tell: throttles come dressed as
InvalidParameterException or InternalError, and ClientException covers "wait a little" as well as "never".
So a row matches by code, by words in the message, by HTTP status, or by several of these.

Where a wrong guess would cost a task, the table leans to waiting: what a whole target has in common
(credentials, roles, subnets, the cluster) blocks the target and fails nothing. Only what is left over is
the request's own fault.

``could_not_ask`` tells what a survey did not learn from what it learned is wrong. ``cure`` says in a
line what a person can do about a blocked target. What went wrong before AWS could answer is
``connection``'s to tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from awsecs_async.aws.ports import BODY_MAX_BYTES
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

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: whatever is given must match.

    Args:
        kind: What the error then is.
        codes: AWS's error codes; empty stands for every code.
        says: What the message contains, in any case; None stands for every message.
        operations: Empty stands for every operation.
        least_status: The HTTP status is this or more.
    """

    kind: type[AwsFault]
    codes: frozenset[str] = frozenset()
    says: re.Pattern[str] | None = None
    operations: frozenset[str] = frozenset()
    least_status: int = 0

    def matches(self, operation: str, code: str, message: str, status: int) -> bool:
        """Whether this row speaks of that error."""
        return (
            (not self.codes or code in self.codes)
            and (not self.operations or operation in self.operations)
            and status >= self.least_status
            and (self.says is None or self.says.search(message) is not None)
        )


class Cure(NamedTuple):
    """What to do about any of these codes."""

    codes: frozenset[str]
    words: str


def _says(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


CREDENTIAL_CODES: Final = _codes(
    "ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId "
    "InvalidToken IncompleteSignature IncompleteSignatureException MissingAuthenticationToken "
    "MissingAuthenticationTokenException NoCredentialsError PartialCredentialsError CredentialRetrievalError "
    "TokenRetrievalError UnauthorizedSSOTokenError SSOTokenLoadError SSOError RefreshWithMFAUnsupportedError "
    "InvalidGrantException UnauthorizedException"
)
CLOCK_CODES: Final = _codes("RequestExpired RequestTimeTooSkewed RequestInTheFuture")
SIGNATURE_CODES: Final = _codes("InvalidSignatureException SignatureDoesNotMatch AuthFailure")
DENIED_CODES: Final = _codes(
    "AccessDeniedException AccessDenied UnauthorizedOperation NotAuthorized DependencyAccessDeniedException "
    "AllAccessDisabled"
)
ACCOUNT_CODES: Final = _codes(
    "BlockedException OptInRequired SubscriptionRequiredException AccountSuspendedException InvalidAccountId "
    "Blocked PendingVerification AccountProblem NotSignedUp RegionDisabledException"
)
CLUSTER_CODES: Final = _codes("ClusterNotFoundException")
ENDPOINT_CODES: Final = _codes(  # a bare number: the answer was not in AWS's form, so it was not AWS
    "UnknownOperationException UnknownOperation InvalidAction 301 302 307 308 401 403 404 405 407"
)
NETWORK_CODES: Final = _codes("EndpointConnectionError ConnectTimeoutError")
WAY_CODES: Final = _codes("ProxyConnectionError SSLError")
ABSENT_CODES: Final = _codes(  # the endpoint, the region or botocore does not have the service or operation
    "UnsupportedOperation UnsupportedFeatureException NotImplemented UnknownServiceError "
    "UnknownEndpointError EndpointProviderError 501"
)

TABLE: Final = (
    # Throttles, openly (AWS: request-throttling) and in the words of a service behind ECS.
    Row(
        kind=Throttled,
        codes=_codes(
            "ThrottlingException Throttling ThrottledException Throttled RequestThrottled "
            "RequestLimitExceeded RequestThrottledException TooManyRequestsException EC2ThrottledException "
            "BandwidthLimitExceeded SlowDown PriorRequestNotComplete "
            "ProvisionedThroughputExceededException 429"
        ),
    ),
    Row(
        kind=Throttled,
        says=_says(
            r"rate exceeded",
            r"ErrorCode: \w*Thrott",
            r"RequestLimitExceeded",
            r"request limit exceeded",
            r"\bThrottlingException\b",
            r"too many concurrent attempts to create a new revision",
        ),
    ),
    # AWS: API_RunTask, ConflictException. Its resourceIds are the tasks that the token launched.
    Row(kind=TokenConflict, codes=_codes("ConflictException"), operations=_codes("RunTask")),
    Row(
        kind=CapacityShort,
        operations=_codes("RunTask"),
        says=_says(
            r"tasks provisioning capacity limit exceeded",
            r"no container instances were found in your cluster",
            r"capacity is unavailable",
            r"reached the limit on the number of (tasks|vcpus)",
            # One provider is gone or not ready; the others of its target are not at fault.
            r"capacity provider\b.*\b(not found|does not exist|not associated|not active)",
        ),
    ),
    Row(kind=TargetBlocked, codes=CREDENTIAL_CODES | CLOCK_CODES | SIGNATURE_CODES | DENIED_CODES),
    Row(kind=TargetBlocked, codes=ACCOUNT_CODES | CLUSTER_CODES | ENDPOINT_CODES),
    # AWS's endpoints say 501 of next to nothing; others say it of a service that they do not have.
    Row(kind=TargetBlocked, codes=ABSENT_CODES, least_status=501),
    # What the settings give to every task of a target: one mended setting, and all of them run.
    Row(
        kind=TargetBlocked,
        operations=_codes("RunTask"),
        says=_says(
            r"unable to assume the (service[- ]linked )?role",
            r"is not authorized to perform",
            r"subnet(s| id)?\b.*(does not|do not) exist",
            r"security ?group(s| id)?\b.*(does not|do not) exist",
        ),
    ),
    Row(
        kind=DefinitionGone,
        operations=_codes("RunTask DescribeTaskDefinition DeregisterTaskDefinition"),
        says=_says(
            r"task ?definition\b.*\b(inactive|not found|does not exist)",
            r"unable to (describe|find) task ?definition",
            r"delete_in_progress",
        ),
    ),
    Row(
        kind=LogStreamsMissing,
        codes=_codes("ResourceNotFoundException"),
        operations=_codes("FilterLogEvents GetLogEvents DescribeLogStreams"),
    ),
    Row(
        kind=Unanswered,
        codes=_codes(
            "ServerException InternalError InternalFailure InternalServerError InternalServiceException "
            "ServiceUnavailable ServiceUnavailableException RequestTimeout RequestTimeoutException 408"
        ),
    ),
    Row(kind=Unanswered, least_status=500),
    Row(kind=RequestRefused),
)


# S3 answers HEAD without a body, so by the number alone; these are the codes that GET has for it.
_HEAD_CODES: Final = {
    ("HeadObject", "403"): "AccessDenied",
    ("HeadObject", "404"): "NoSuchKey",
    ("HeadBucket", "301"): "PermanentRedirect",
    ("HeadBucket", "403"): "AccessDenied",
    ("HeadBucket", "404"): "NoSuchBucket",
}


def fault_of(
    operation: str, code: str, message: str, *, status: int = 400, extra: Mapping[str, Any] | None = None
) -> AwsFault:
    """The fault that an error answer is, by the table. ``extra`` are the error's further members."""
    code = _HEAD_CODES.get((operation, code), code)
    kind = next(row.kind for row in TABLE if row.matches(operation, code, message, status))
    if kind is TokenConflict:
        arns = tuple((extra or {}).get("resourceIds") or ())
        return TokenConflict(code, message, operation=operation, arns=arns)
    return kind(code, message, operation=operation)


def too_large(operation: str, size: int, most: int = BODY_MAX_BYTES) -> RequestRefused:
    """The fault of a body, of ``size`` bytes or more, that nobody is to hold in memory."""
    return RequestRefused("EntityTooLarge", f"{size:,} bytes, of at most {most:,}", operation=operation)


_NOT_ASKED: Final = DENIED_CODES | ENDPOINT_CODES | NETWORK_CODES | WAY_CODES | ABSENT_CODES


def could_not_ask(fault: AwsFault) -> bool:
    """Whether this says nothing of what was asked about, only that it cannot be asked (now, or from here).

    True where it is denied, where the endpoint has no such service or nothing answers there, and where the
    answer is a throttle, a server error or lost. A survey of a target warns of these and goes on. False
    where AWS did answer the question, and where the credentials, the clock or the account are at fault,
    because then nothing else will work either.
    """
    if isinstance(fault, TargetBlocked):
        return fault.code in _NOT_ASKED
    return isinstance(fault, Throttled | Unanswered) or fault.code in ABSENT_CODES


# AWS: api_failures_messages. Of RunTask's failures[] these say "never"; all others, RESOURCE:* and AGENT
# before them, are true of this moment only.
_PERMANENT_REASON = re.compile(r"\s*(LOCATION|ATTRIBUTE|MISSING|INACTIVE)\b")


def is_capacity(reason: str) -> bool:
    """Whether a reason in RunTask's ``failures[]`` may be gone later, rather than never.

    A reason that nobody knows counts as one that may: waiting loses no task.
    """
    return _PERMANENT_REASON.match(reason) is None


_CURES: Final = (
    Cure(
        CREDENTIAL_CODES, "renew the credentials: aws sso login, new keys, or check the instance or task role"
    ),
    Cure(CLOCK_CODES, "set this machine's clock: chronyc makestep, or timedatectl set-ntp true"),
    Cure(SIGNATURE_CODES, "check the secret key, and that this machine's clock is right"),
    Cure(DENIED_CODES, "allow what the message names, and iam:PassRole on executionRole and taskRole"),
    Cure(ACCOUNT_CODES, "ask AWS Support to open the service for this account, or set another region"),
    Cure(CLUSTER_CODES, "set cluster to an active one of this account and region, or create it"),
    Cure(ENDPOINT_CODES, "what answered is not AWS: check endpoint_url, AWS_ENDPOINT_URL* and proxies"),
    Cure(
        NETWORK_CODES, "check network, region, endpoint_url, and in a VPC its way out (NAT or VPC endpoint)"
    ),
    Cure(ABSENT_CODES, "this endpoint or region has no such service: set AWS_ENDPOINT_URL_<SERVICE> to one"),
    Cure(_codes("ProxyConnectionError"), "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
    Cure(_codes("SSLError"), "check AWS_CA_BUNDLE, and whether a proxy opens TLS"),
    Cure(_codes("ProfileNotFound"), "set profile or AWS_PROFILE to a profile of ~/.aws/config"),
    Cure(_codes("NoRegionError"), "set region, AWS_REGION, or region in the AWS profile"),
)


def cure(fault: AwsFault) -> str:
    """What a person can do about a blocked target, in a line; AWS's own words if nothing better is known."""
    for known in _CURES:
        if fault.code in known.codes:
            return known.words
    return f"mend what AWS names: {' '.join(fault.message.split())}"
