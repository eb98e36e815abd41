"""CloudWatch Logs, as the engine asks it: what containers wrote, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """A log group; ``retention_days`` is None where lines are kept for ever."""

    name: str
    retention_days: int | None = None


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

    async def group(self, name: str) -> LogGroup | None:
        """DescribeLogGroups: the log group of this name or ARN, or None if there is none."""
