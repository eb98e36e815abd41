"""How far several tasks are: the counts, and one line that says them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from awsecs_async.model.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Iterable

_STARTING: Final = (State.LAUNCHING, State.PROVISIONING, State.STARTING)


class Progress:
    """The tally of these states, one for each task."""

    def __init__(self, states: Iterable[State]) -> None:
        self._counts = Counter(states)
        self.total = self._counts.total()
        self.ended = sum(count for state, count in self._counts.items() if state.is_ending)
        self.failed = self.ended - self._counts[State.SUCCEEDED]

    def __repr__(self) -> str:
        return f"<Progress {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Progress) and str(self) == str(other)

    __hash__ = None  # type: ignore[assignment] # it is compared, never a key

    def __str__(self) -> str:
        parts = [f"{self.ended} of {self.total} done"]
        for name, count in (
            ("not succeeded", self.failed),
            ("running", self._counts[State.RUNNING]),
            ("starting", sum(self._counts[state] for state in _STARTING)),
            ("stopping", self._counts[State.STOPPING]),
            ("queued", self._counts[State.QUEUED] + self._counts[State.WAITING]),
        ):
            if count:
                parts.append(f"{count} {name}")
        return ", ".join(parts)
