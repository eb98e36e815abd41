"""The transport without a network: calls go to the local cloud in this process, on the loop's own time.

What is beside ECS and Logs is `neighbours`. It stands where ``aws.session.Session`` does in production, and
is held to the same contract suite. What the cloud answers is handed on as it is: read it, and leave it
unchanged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from awsecs_async.aws.faults import fault_of, too_large
from awsecs_async.aws.ports import BODY_MAX_BYTES
from awsecs_async.errors import AwsFault, Unanswered
from awsecs_async.local.wire import AnswerDropped, WireError
from awsecs_async.testing.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping


class CloudDoor(Protocol):
    """What answers: the local cloud, or a canned one."""

    async def call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer. Raises WireError for an error answer and AnswerDropped for none."""


class InProcessTransport:
    """``ports.Transport`` to a cloud in this process.

    Args:
        cloud: What answers the calls.
        region: What ``region`` says; a local cloud is everywhere.
        neighbours: What answers ``ask``; by default an account as AWS makes it.
    """

    def __init__(
        self, cloud: CloudDoor, *, region: str = "us-east-1", neighbours: Neighbours | None = None
    ) -> None:
        self._cloud = cloud
        self._region = region
        self._neighbours = neighbours or Neighbours(region=region)

    def __repr__(self) -> str:
        return f"<InProcessTransport to {self._cloud!r} in {self._region}>"

    @property
    def region(self) -> str:
        """The region that calls go to."""
        return self._region

    async def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The cloud's answer, not copied. Raises AwsFault as ``aws.faults`` tells."""
        try:
            return await self._cloud.call(service, operation, dict(params))
        except WireError as error:
            raise _fault(operation, error) from error
        except AnswerDropped as error:
            raise Unanswered("AnswerDropped", str(error), operation=operation) from error

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As ``call``, with the request's JSON text."""
        return await self.call(service, operation, json.loads(body))

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The neighbour's answer. Raises AwsFault as ``aws.faults`` tells."""
        try:
            answer = self._neighbours.answer(service, operation, params)
        except WireError as error:
            raise _fault(operation, error) from error
        for value in answer.values():
            if isinstance(value, bytes) and len(value) > BODY_MAX_BYTES:
                raise too_large(operation, len(value))
        return answer


def _fault(operation: str, error: WireError) -> AwsFault:
    return fault_of(operation, error.code, error.message, status=error.status, extra=error.extra)
