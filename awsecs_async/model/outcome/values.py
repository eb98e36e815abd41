"""The words for how a task ended: why, in which state, and on whose account it may go round again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from awsecs_async.model.lifecycle import State


class Cause(Enum):
    """Why a task ended as it did."""

    EXIT = "exit"
    OUT_OF_MEMORY = "out-of-memory"
    IMAGE = "image"
    IMAGE_PULL = "image-pull"
    VOLUME = "volume"
    NETWORK = "network"
    SECRET = "secret"  # noqa: S105 (the word, not one)
    LOGGING = "logging"
    ROLE = "role"
    PLACEMENT = "placement"
    COMMAND = "command"
    RUNTIME = "container-runtime"
    SETUP = "setup"
    CAPACITY = "capacity"
    SPOT = "spot"
    HOST_LOST = "host-lost"
    LIFETIME = "instance-lifetime"
    DEPENDENCY = "dependency"
    NO_EXIT_CODE = "no-exit-code"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    START_TIMEOUT = "start-timeout"
    QUEUE_TIMEOUT = "queue-timeout"
    REFUSED = "refused"
    FORGOTTEN = "forgotten"
    UNKNOWN = "unknown"


class Round(Enum):
    """On whose account a task goes round again."""

    SPOT = "spot"
    HOST = "host"
    CAPACITY = "capacity"
    START = "start"


class Wish(Enum):
    """Why we asked ECS to stop it."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An ending.

    Args:
        exit_code: The result container's, or None where ECS gave none. Never made up.

        reason: What ECS said, whole.

        hint: What it means and what to do, for the person who reads it; may be empty.

        started: Whether the command was seen to start.
    """

    state: State
    cause: Cause
    exit_code: int | None = None
    reason: str = ""
    hint: str = ""
    started: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome, and on whose account the task may go round instead of ending with it."""

    outcome: Outcome
    round: Round | None = None
