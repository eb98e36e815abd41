"""Who goes round again, and where: the policy for attempts that could not be kept.

Each round has an account of its own. Capacity that could not be had costs nothing. A spot interruption counts
against ``maxSpotAttempts``; after that the task goes on at a place that is not spot, if its route has one
later. The loss of an on-demand host counts against ``maxHostAttempts``. A start that came too late leads to
the next place. All is told by the attempts that are over, so it is the same after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.model.outcome import Cause, Round, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.model.bounds import MoveOn
    from awsecs_async.model.placement import Route
    from awsecs_async.model.result import Attempt
    from awsecs_async.model.task import TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPolicy:
    """Who goes round again: see ``Settings`` for the meaning of each."""

    max_spot_attempts: int = 5
    max_host_attempts: int = 0
    unknown_goes_round: bool = False
    move_on: tuple[MoveOn, ...] = ("capacity", "spot", "start")

    def goes_round(self, spec: TaskSpec, verdict: Verdict, route: Route, attempts: Sequence[Attempt]) -> bool:
        """Whether a task with this route goes round after this verdict on the last of its attempts."""
        if verdict.outcome.cause is Cause.FORGOTTEN:
            return self.unknown_goes_round
        match verdict.round:
            case Round.SPOT:
                return not self._spot_is_spent(spec, attempts) or bool(self.left(spec, route, attempts))
            case Round.HOST:
                most = self.max_host_attempts if spec.max_host_attempts is None else spec.max_host_attempts
                return _count(attempts, Cause.HOST_LOST) <= most
            case Round.START:
                return bool(self.left(spec, route, attempts))
            case Round.CAPACITY:
                return True
            case None:
                return False

    def left(self, spec: TaskSpec, route: Route, attempts: Sequence[Attempt]) -> Route:
        """The places that are left of a route after these attempts; empty where there is none."""
        spent = self._spot_is_spent(spec, attempts)
        after = 0  # places before this one are over
        for attempt in attempts:
            late = attempt.outcome.cause is Cause.START_TIMEOUT
            if late or (spent and attempt.outcome.cause is Cause.SPOT):
                after = max(after, _place_of(attempt, route) + 1)
        if after and not self._may_move_on(spent=spent):
            return ()
        found = route[after:]
        return tuple(place for place in found if not place.provider.is_spot) if spent else found

    def _may_move_on(self, *, spent: bool) -> bool:
        return ("spot" if spent else "start") in self.move_on

    def _spot_is_spent(self, spec: TaskSpec, attempts: Sequence[Attempt]) -> bool:
        most = self.max_spot_attempts if spec.max_spot_attempts is None else spec.max_spot_attempts
        return _count(attempts, Cause.SPOT) > most


def _count(attempts: Sequence[Attempt], cause: Cause) -> int:
    return sum(attempt.outcome.cause is cause for attempt in attempts)


def _place_of(attempt: Attempt, route: Route) -> int:
    """Which place of the route that was; -1 if it is none of them."""
    here = (attempt.target, attempt.provider)
    return next((n for n, p in enumerate(route) if (p.target, p.provider.name) == here), -1)
