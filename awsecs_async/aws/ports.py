"""What the engine asks of AWS, in our words, as small as its use.

These are not an ECS client: no request is shaped here, no dictionary crosses. Every method raises
the AwsFault kinds of ``errors`` and nothing else, and every one may be cancelled at any time; what
was sent may then have happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from awsecs_async.model.definition import Definition
from awsecs_async.model.placement import Provider
from awsecs_async.model.sighting import Arn, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFailure:
    """One entry of RunTask's ``failures[]``. ``is_capacity`` tells "try again later" from "never"."""

    reason: str
    detail: str = ""
    is_capacity: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchAnswer:
    """What RunTask made: tasks, and for each that it could not make a failure."""

    tasks: tuple[Sighting, ...] = ()
    failures: tuple[LaunchFailure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What DescribeTasks said. ``missing`` are ARNs that ECS does not know (yet, or any more).

    An ARN that was asked for and is in neither has nothing newer than the version known of it.
    """

    sightings: Sequence[Sighting] = ()
    missing: Sequence[Arn] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDefinition:
    """The newest ACTIVE revision of a family."""

    arn: Arn


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster and its capacity providers; ``default`` is its own default strategy, first choice first."""

    arn: Arn
    name: str
    providers: tuple[Provider, ...] = ()
    default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One line of a container's output.

    Args:
        id: CloudWatch's eventId, unique.

        timestamp: Epoch milliseconds at which the driver read the line.
    """

    id: str
    stream: str
    timestamp: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """One page of FilterLogEvents; ``next_token`` is None on the last."""

    events: Sequence[LogEvent] = ()
    next_token: str | None = None


class Ecs(Protocol):
    """Amazon ECS, for one account and region."""

    async def run(self, request: str) -> LaunchAnswer:
        """RunTask with exactly this JSON text."""

    async def stop(self, cluster: str, arn: Arn, reason: str) -> bool:
        """StopTask; False if ECS does not know the task: not any more, or not yet."""

    async def describe(
        self, cluster: str, arns: Sequence[Arn], known_versions: Mapping[Arn, int] | None = None
    ) -> Look:
        """DescribeTasks of up to 100; tasks no newer than ``known_versions`` says are left out.

        Most looks see nothing new, and what is left out costs nothing to parse.
        """

    def ours(self, cluster: str, started_by: str) -> AsyncIterator[Sequence[Arn]]:
        """ListTasks of all that this dispatcher started, running and stopped, page by page."""

    async def register(self, definition: Definition) -> Arn:
        """RegisterTaskDefinition."""

    async def find_definition(self, family: str) -> KnownDefinition | None:
        """The newest ACTIVE revision of a family, or None."""

    async def cluster(self, name: str) -> Cluster:
        """DescribeClusters and DescribeCapacityProviders."""


class Logs(Protocol):
    """CloudWatch Logs, for one account and region."""

    async def filter(
        self,
        group: str,
        *,
        streams: Sequence[str] | None,
        since: int,
        until: int | None = None,
        token: str | None = None,
    ) -> LogPage:
        """FilterLogEvents of up to 100 streams, or of the whole group.

        ``since`` and ``until`` are epoch milliseconds, both inclusive. Raises LogStreamsMissing if the group
        or a stream does not exist.
        """


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
