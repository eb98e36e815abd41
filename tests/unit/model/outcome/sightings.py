"""Stopped tasks as ECS tells of them, for the tests of endings."""

from __future__ import annotations

from typing import Any, Final

from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting

EXITED: Final = "EssentialContainerExited"
FAILED_TO_START: Final = "TaskFailedToStart"
STOPPED_BY_HAND: Final = "UserInitiated"
HOST_GONE: Final = "TerminationNotice"
SPOT: Final = "SpotInterruption"


def stopped(
    *,
    exit_code: int | None = None,
    reason: str | None = None,
    said: str | None = None,
    others: tuple[ContainerSighting, ...] = (),
    **fields: Any,  # noqa: ANN401
) -> Sighting:
    """A stopped task whose container ``main`` counts, and which started unless it is told otherwise."""
    main = ContainerSighting(name="main", last_status="STOPPED", exit_code=exit_code, reason=reason)
    members: dict[str, Any] = {
        "stopped_reason": said,
        "started_at": 1.0,
        "containers": (main, *others),
    } | fields
    return Sighting(arn=Arn("a"), version=9, last_status="STOPPED", **members)


def never_started(reason: str | None = None, said: str | None = None, **fields: Any) -> Sighting:  # noqa: ANN401
    """A task that failed while it was set up."""
    return stopped(
        **{"reason": reason, "said": said, "stop_code": FAILED_TO_START, "started_at": None} | fields
    )


def other(exit_code: int | None = None, reason: str | None = None, name: str = "proxy") -> ContainerSighting:
    """Another container of the same task."""
    return ContainerSighting(name=name, last_status="STOPPED", exit_code=exit_code, reason=reason)
