"""What the rules look at: a STOPPED sighting, read once and put side by side.

Three kinds of text are kept apart, because they prove different things: what ECS says of the task, what it
says of the container whose exit code counts, and what it says of any container. A sidecar that AWS puts into
a task (GuardDuty's) is nobody's container: nothing it does tells how the task ended.

An exit code is dropped in one case: where the container's own reason says that it never started. The agent
then makes one up (143, for a dependency that cannot come true) or hands on Docker's (126 to 128, or a 0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from awsecs_async.model.outcome.values import Wish
    from awsecs_async.model.sighting import ContainerSighting, Sighting

FAILED_TO_START: Final = "TaskFailedToStart"
EXITED: Final = "EssentialContainerExited"
SIGKILLED: Final = 137  # 128 + 9, as shells and Docker count
SIGTERMED: Final = 143  # 128 + 15

_AWS_SIDECAR: Final = re.compile(r"aws-guardduty-agent|ecs-service-connect-")
_NEVER_STARTED: Final = re.compile(
    r"dependency graph|CannotStartContainer|CannotCreateContainer|CannotPull|TaskDependencyError",
    re.IGNORECASE,
)
_OUT_OF_MEMORY: Final = re.compile(r"OutOfMemory|killed due to memory usage", re.IGNORECASE)
_ENDED_WITH_THE_TASK: Final = frozenset({None, 0, SIGKILLED, SIGTERMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One stopped task.

    Args:
        said: ECS's reason for the task.

        own: That of the container whose exit code counts.

        told: All reasons, without the containers' names.

        reasons: All reasons with the names, for people, and the exit codes of containers that failed.

        started: Whether the command was seen to start.

        has_machine: Whether an instance had been found for it; ECS does not tell for Fargate.

        other_failed: Whether another container failed by itself, and was not merely stopped with the task.

        on_spot: Whether the attempt's capacity provider was spot.
    """

    stop_code: str
    said: str
    own: str
    told: str
    reasons: str
    exit_code: int | None
    started: bool
    has_machine: bool
    other_failed: bool
    on_spot: bool
    wish: Wish | None

    @property
    def failed_to_start(self) -> bool:
        """Whether it ended while it was set up; its own container may have run by then."""
        return not self.started or self.stop_code == FAILED_TO_START

    @property
    def stopped_by_hand(self) -> bool:
        """Whether StopTask stopped it. Then the task's reason is that caller's words, and proves nothing."""
        return self.stop_code in {"UserInitiated", "ServiceSchedulerInitiated"}

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether ECS says so of its own container."""
        return _OUT_OF_MEMORY.search(f"{self.said}\n{self.own}") is not None


def facts_of(sighting: Sighting, result_from: str, wish: Wish | None, *, on_spot: bool) -> Facts:
    """What a sighting tells about the task whose exit code is ``result_from``'s."""
    result = sighting.container(result_from)
    others = _others(sighting, result)
    said, own = sighting.stopped_reason or "", (result.reason or "") if result else ""
    exit_code = None if result is None or _NEVER_STARTED.search(own) else result.exit_code
    running_seen = sighting.started_at is not None and sighting.stop_code != FAILED_TO_START
    return Facts(
        stop_code=sighting.stop_code or "",
        said=said,
        own=own,
        told="\n".join((said, own, *(c.reason or "" for c in others))),
        reasons="; ".join(filter(None, (said, f"{result_from}: {own}" if own else "", *map(_told, others)))),
        exit_code=exit_code,
        started=exit_code is not None or (running_seen and not _NEVER_STARTED.search(own)),
        has_machine=sighting.instance_arn is not None,
        other_failed=any(_failed(c) for c in others),
        on_spot=on_spot,
        wish=wish,
    )


def _others(sighting: Sighting, result: ContainerSighting | None) -> list[ContainerSighting]:
    """The user's other containers, always in the same order: ECS gives them in any."""
    found = [c for c in sighting.containers if c is not result and not _AWS_SIDECAR.match(c.name)]
    return sorted(found, key=lambda c: (c.name, c.reason or ""))


def _told(container: ContainerSighting) -> str:
    """What is known of another container, where there is anything to tell."""
    told = [container.reason] if container.reason else []
    if container.exit_code not in _ENDED_WITH_THE_TASK:
        told.append(f"exit code {container.exit_code}")
    return f"{container.name}: {', '.join(told)}" if told else ""


def _failed(container: ContainerSighting) -> bool:
    out_of_memory = _OUT_OF_MEMORY.search(container.reason or "") is not None
    return out_of_memory or container.exit_code not in _ENDED_WITH_THE_TASK
