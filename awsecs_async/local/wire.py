"""What goes over the wire: JSON objects, and errors in AWS's shape.

Inside the local cloud a request and an answer are the plain dicts that the JSON of awsJson1.1
would give, so that the in-process door copies nothing. An answer belongs to the cloud: whoever
gets one reads it and leaves it as it is.
"""

from __future__ import annotations

from typing import Any

Wire = dict[str, Any]  # a JSON object: a request's parameters, an answer, or a part of one


class WireError(Exception):
    """An error answer: what AWS would send with `status` and `{"__type": code, "message": ...}`.

    `extra` holds the error's further members, such as ConflictException's resourceIds.
    """

    def __init__(self, code: str, message: str, status: int = 400, extra: Wire | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra: Wire = extra or {}

    def body(self) -> Wire:
        """The JSON object of the answer."""
        return {"__type": self.code, "message": self.message, **self.extra}


class AnswerDropped(ConnectionError):
    """The connection was cut instead of an answer; what was asked for may or may not have happened."""


def client_exception(message: str) -> WireError:
    """ECS's most general refusal of a request."""
    return WireError("ClientException", message)


def invalid_parameter(message: str) -> WireError:
    """A parameter that is missing or not acceptable."""
    return WireError("InvalidParameterException", message)


def malformed(problem: Exception) -> WireError:
    """What a request gets in which something is missing, or of another type than it should be."""
    if isinstance(problem, KeyError):
        return invalid_parameter(f"A required parameter is missing: {problem.args[0]}.")
    return WireError("SerializationException", f"A parameter is of the wrong type: {problem}.")


def rate_exceeded() -> WireError:
    """What every throttled call is answered (AWS: request-throttling)."""
    return WireError("ThrottlingException", "Rate exceeded")


def not_done_here(service: str, operation: str) -> WireError:
    """For operations of AWS that the local cloud does not have."""
    return WireError(
        "UnsupportedFeatureException",
        f"The local cloud does not do {service}:{operation}. It does what running tasks on ECS needs "
        "(clusters, capacity providers, task definitions, tasks, tags) and CloudWatch Logs.",
    )


def page_of(items: list[Any], params: Wire, *, largest: int) -> tuple[list[Any], str | None]:
    """One page of `items` by `maxResults` and `nextToken`, and the token of the next one, if any.

    Fit for lists that change rarely: the token is a position.
    """
    size = max_results(params, largest)
    try:
        start = int(params.get("nextToken") or 0)
    except ValueError:
        raise invalid_parameter("Invalid token") from None
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


def max_results(params: Wire, largest: int) -> int:
    """`maxResults` of a request, `largest` where it is not given."""
    size = params.get("maxResults")
    if size is None:
        return largest
    if not 1 <= size <= largest:
        raise invalid_parameter(f"maxResults must be between 1 and {largest}, not {size}.")
    return int(size)
