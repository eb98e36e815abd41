"""Who goes round again: the policy for attempts that could not be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsecs_async.model.outcome import Cause, Round, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.model.result import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPolicy:
    """Who goes round again: see ``Settings`` for the meaning of each."""

    max_spot_attempts: int = 5
    unknown_goes_round: bool = False

    def goes_round(self, verdict: Verdict, attempts: Sequence[Attempt]) -> bool:
        """Whether a task goes round after this verdict on the last of its attempts."""
        if verdict.round is Round.SPOT:
            interruptions = sum(attempt.outcome.cause is Cause.SPOT for attempt in attempts)
            return interruptions <= self.max_spot_attempts
        if verdict.outcome.cause is Cause.FORGOTTEN:
            return self.unknown_goes_round
        return verdict.round is Round.CAPACITY
