"""Amazon ECS, as the engine asks it: launching, looking, stopping, and what a cluster has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

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
    """A task definition that may be run.

    Args:
        network_mode: None where it says none, and ECS's default for the kind of capacity holds.

        containers: Their names.
    """

    arn: Arn
    network_mode: str | None = None
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster and its capacity providers; ``default`` is its own default strategy, first choice first."""

    arn: Arn
    name: str
    providers: tuple[Provider, ...] = ()
    default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A container instance, which is an EC2 instance that ECS puts tasks on.

    Args:
        type: Its EC2 instance type, say ``m7g.2xlarge``.

        zone: Its availability zone.

        provider: The capacity provider that it belongs to.

        is_draining: Whether it takes no new tasks. On Managed Instances that is so from its 14th day on,
            and by the 21st its tasks are stopped.
    """

    arn: Arn
    ec2_id: str | None = None
    type: str | None = None
    zone: str | None = None
    provider: str | None = None
    is_draining: bool = False


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

    async def find_definition(self, name: str) -> KnownDefinition | None:
        """The newest ACTIVE revision of a family, or ``family:revision`` if that is ACTIVE; else None."""

    async def cluster(self, name: str) -> Cluster:
        """DescribeClusters and DescribeCapacityProviders."""

    async def machines(self, cluster: str, arns: Sequence[Arn]) -> Sequence[Machine]:
        """DescribeContainerInstances of up to 100; those that ECS does not know are left out."""
