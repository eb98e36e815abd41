"""What carries a call: to AWS, to an endpoint that speaks as AWS does, or nowhere at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Transport(Protocol):
    """Carries one API call: to AWS, or to the local cloud in process."""

    @property
    def region(self) -> str:
        """The region that calls go to."""

    async def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as the service's own JSON: timestamps are epoch seconds.

        Raises:
            AwsFault: as ``faults`` tells.
        """

    async def send(self, service: str, operation: str, body: str) -> dict[str, Any]:
        """As ``call``, with the request's JSON text as it is: the replay of a recorded request."""

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of another service than ECS and Logs, by botocore's name of it (``ec2``, ``s3``).

        Parameters and answer are as botocore's clients have them, but a streamed body is bytes. Absent
        members are left out.

        Raises:
            AwsFault: as ``faults`` tells; RequestRefused with code ``ParamValidationError`` for parameters
                that botocore's model does not take, and ``EntityTooLarge`` for a body of over
                BODY_MAX_BYTES.
        """
