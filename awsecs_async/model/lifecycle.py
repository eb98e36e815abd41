"""The states of a task and the one table of how they follow each other.

This is the only place where a state changes: whoever wants a new state calls ``advance``.
ECS's own words (``lastStatus``) are mapped to ours here too, and nowhere else.

A task is WAITING for other tasks, then QUEUED with us, then LAUNCHING from the moment its launch is
on disk until ECS has named it. PROVISIONING, STARTING, RUNNING and STOPPING are what ECS says of the
current attempt. ECS reports only what it saw last, so states may be skipped, never revisited: the
one way back is QUEUED, when an attempt that could not be kept goes round again.

The endings say who decided: SUCCEEDED and FAILED are the task's own doing (or that of its set-up),
CANCELLED and TIMED_OUT were our stop, LOST took its host away, and UNKNOWN admits that nobody can
tell any more. Nothing leaves an ending.
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class State(Enum):
    """Where a task is in its life."""

    WAITING = "WAITING"
    QUEUED = "QUEUED"
    LAUNCHING = "LAUNCHING"
    PROVISIONING = "PROVISIONING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TIMED_OUT = "TIMED_OUT"
    LOST = "LOST"
    UNKNOWN = "UNKNOWN"

    @property
    def is_ending(self) -> bool:
        """Whether the task's life is over."""
        return self in ENDINGS

    @property
    def is_on_ecs(self) -> bool:
        """Whether ECS has a task for it (its ARN is known and it has not ended)."""
        return self in ON_ECS

    def __repr__(self) -> str:
        return self.value


class IllegalTransition(AssertionError):
    """Two states that never follow each other: a defect of ours, never of the user's."""


ENDINGS: Final = frozenset(
    {State.SUCCEEDED, State.FAILED, State.CANCELLED, State.TIMED_OUT, State.LOST, State.UNKNOWN}
)
ON_ECS: Final = frozenset({State.PROVISIONING, State.STARTING, State.RUNNING, State.STOPPING})

TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.WAITING: frozenset({State.QUEUED, State.CANCELLED, State.FAILED}),
    # TIMED_OUT: it waited longer than it was allowed to wait for a place.
    State.QUEUED: frozenset({State.LAUNCHING, State.CANCELLED, State.FAILED, State.TIMED_OUT}),
    # QUEUED: no capacity. An ending straight away: a launch found again after a restart.
    State.LAUNCHING: frozenset({State.QUEUED}) | ON_ECS | ENDINGS,
    # QUEUED from here on: spot interrupted it, or the capacity could not be bought.
    State.PROVISIONING: frozenset({State.QUEUED}) | (ON_ECS - {State.PROVISIONING}) | ENDINGS,
    State.STARTING: frozenset({State.RUNNING, State.STOPPING, State.QUEUED}) | ENDINGS,
    State.RUNNING: frozenset({State.STOPPING, State.QUEUED}) | ENDINGS,
    State.STOPPING: frozenset({State.QUEUED}) | ENDINGS,
    **{ending: frozenset() for ending in ENDINGS},
}

FROM_ECS: Final[dict[str, State]] = {
    "PROVISIONING": State.PROVISIONING,
    "PENDING": State.STARTING,
    "ACTIVATING": State.STARTING,
    "RUNNING": State.RUNNING,
    "DEACTIVATING": State.STOPPING,
    "STOPPING": State.STOPPING,
    "DEPROVISIONING": State.STOPPING,
}
"""ECS's ``lastStatus`` in our words; STOPPED and DELETED are for ``outcome`` to read.

Source: AWS, Amazon ECS task lifecycle.
"""


def advance(current: State, to: State) -> State:
    """The state after ``current``, which is ``to``.

    Raises:
        IllegalTransition: if ``to`` never follows ``current``.
    """
    if to not in TRANSITIONS[current]:
        raise IllegalTransition(f"{current.value} is never followed by {to.value}")
    return to


def heard(current: State, last_status: str) -> State:
    """The state after ECS reported ``last_status``: what would lead backwards changes nothing."""
    said = FROM_ECS.get(last_status, current)
    return said if said in TRANSITIONS[current] else current
