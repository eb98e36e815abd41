"""What a group of entries comes to, row by row.

The entries of one group commit are folded before they touch the file: a task that was admitted,
launched and named in one group is written once. It also keeps the number of SQL statements small, and
that is what counts: sqlite3 lets go of the interpreter's lock around each, and has to wait for it
behind a busy event loop afterwards.

Folding needs to know nothing of what is in the file; what an entry says of tasks that it does not name
(a settled launch: its other members are queued again) is left to SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from awsecs_async.engine.journal.port import (
    Admitted,
    Ended,
    Entry,
    LaunchMade,
    LaunchSettled,
    Noted,
    StopWished,
    WentRound,
    WishDropped,
    Withdrawn,
)
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId


@dataclass(slots=True, kw_only=True)
class Changes:
    """The group so far; to be put into the file in the order of the fields.

    Args:
        places: The launch of a task's current attempt, and its ARN.

        wishes: Why each shall be stopped, in our word and in the asker's; both None where it no longer shall.

        rounds: Attempts to add to those that are over.
    """

    withdrawn: list[TaskId] = field(default_factory=list)  # first: their keys may be used again
    admitted: dict[TaskId, Admitted] = field(default_factory=dict)
    launches: dict[LaunchId, Launch] = field(default_factory=dict)
    places: dict[TaskId, tuple[LaunchId | None, Arn | None]] = field(default_factory=dict)
    settled: list[LaunchId] = field(default_factory=list)
    wishes: dict[TaskId, tuple[str | None, str | None]] = field(default_factory=dict)
    rounds: dict[TaskId, list[Attempt]] = field(default_factory=dict)
    results: dict[TaskId, Result] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, entries: Iterable[Entry]) -> None:
        """Fold these in, in order."""
        for entry in entries:
            self._fold(entry)

    def _fold(self, entry: Entry) -> None:  # noqa: C901 -- one case for each entry, and no more
        match entry:
            case Admitted():
                self.admitted[entry.id] = entry
            case LaunchMade(launch=launch):
                self.launches[launch.id] = launch
                for member in launch.members:
                    self.places[member] = (launch.id, None)
            case LaunchSettled(launch_id=launch_id):
                self.settled.append(launch_id)
                for member, arn in entry.arns:
                    self.places[member] = (launch_id, arn)
            case StopWished():
                self.wishes[entry.id] = (entry.wish.value, entry.reason)
            case WishDropped():
                self.wishes[entry.id] = (None, None)
            case WentRound():
                self.rounds.setdefault(entry.id, []).append(entry.attempt)
                self.places[entry.id] = self.wishes[entry.id] = (None, None)
            case Ended(result=result):
                self.results[result.id] = result
            case Withdrawn():
                if self.admitted.pop(entry.id, None) is None:
                    self.withdrawn.append(entry.id)
            case Noted():
                self.notes[entry.name] = entry.value
