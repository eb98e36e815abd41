"""How far several tasks are: the counts, and one line that says them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from awsecs_async.model.lifecycle import State

if TYPE_CHECKING:
    from awsecs_async.engine.ledger import Transition

_WAITING: Final = (State.WAITING, State.QUEUED)
_STARTING: Final = (State.LAUNCHING, State.PROVISIONING, State.STARTING)


class Progress:
    """The tally of so many tasks. Its state is the number of tasks in each state."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.counts: Counter[State] = Counter()

    def __repr__(self) -> str:
        return f"<Progress {self}>"

    def moved(self, transition: Transition) -> None:
        """Count one change."""
        if transition.old is not None:
            self.counts[transition.old] -= 1
        self.counts[transition.new] += 1

    @property
    def ended(self) -> int:
        """Tasks that have ended, however."""
        return sum(count for state, count in self.counts.items() if state.is_ending)

    @property
    def failed(self) -> int:
        """Tasks that have ended otherwise than SUCCEEDED."""
        return self.ended - self.counts[State.SUCCEEDED]

    def __str__(self) -> str:
        parts = [f"{self.ended} of {self.total} done"]
        for name, count in (
            ("not succeeded", self.failed),
            ("running", self.counts[State.RUNNING]),
            ("starting", sum(self.counts[state] for state in _STARTING)),
            ("stopping", self.counts[State.STOPPING]),
            ("queued", sum(self.counts[state] for state in _WAITING)),
        ):
            if count:
                parts.append(f"{count} {name}")
        return ", ".join(parts)
