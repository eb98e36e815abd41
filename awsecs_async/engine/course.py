"""The course of a task: how it goes on, goes back, goes round and ends.

Whoever decides what has happened is the ledger, which extends this; what then becomes of the task is here,
once for all who may say so. Nothing awaits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.engine.journal.port import Ended, WentRound, WishDropped
from awsecs_async.engine.roll import Roll
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Outcome, Verdict, Wish, settle
from awsecs_async.model.result import Result, kept

if TYPE_CHECKING:
    from awsecs_async.engine.journal.port import Journal
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.rounds import RoundPolicy
    from awsecs_async.model.result import Attempt
    from awsecs_async.model.sighting import Sighting

NOW_AT = "; now at "  # in notes: where a task has moved on to


class Course(Roll):
    """The records of one dispatcher, and how they change."""

    def __init__(self, journal: Journal, policy: RoundPolicy) -> None:
        super().__init__(journal)
        self._policy = policy

    def _settle(self, record: Record, sighting: Sighting) -> Verdict:
        return settle(
            sighting,
            result_from=record.spec.result_container,
            wish=record.wish,
            on_spot=record.live is not None and record.live.place.provider.is_spot,
        )

    def _goes_on(self, record: Record, new: State, sighting: Sighting) -> None:
        """ECS has got further with it; has it started just in time, it is left alone."""
        dropped = (
            new is State.RUNNING
            and record.wish is Wish.START
            and sighting.desired_status == "RUNNING"
            and not (record.live and record.live.stop_sent)
        )
        if dropped:
            record.wish, record.wish_reason = None, ""
        if new in {State.STARTING, State.RUNNING}:
            record.note = ""
        self.move(record, new, *([WishDropped(id=record.id)] if dropped else []))

    def _back(self, record: Record, note: str) -> None:
        record.live = None
        record.note = note
        if record.wish is not None:
            self._end(record, outcome.cancelled(record.wish_reason))
        else:
            self.move(record, State.QUEUED)

    def _over(self, record: Record, verdict: Verdict, stopped_at: float | None) -> None:
        """The attempt is over: the task goes round again, or ends with it."""
        assert record.live is not None  # noqa: S101
        attempt = record.live.over(verdict.outcome, stopped_at)
        if record.live.arn is not None:
            self.unname(record.live.arn)
        record.attempts = kept(record.attempts, attempt)
        going = record.wish in {None, Wish.START} and self._policy.goes_round(
            record.spec, verdict, record.route, record.attempts
        )
        if going:
            self._goes_round(record, attempt)
        else:
            self._end(record, verdict.outcome, stopped_at)

    def _goes_round(self, record: Record, attempt: Attempt) -> None:
        before = record.placement
        record.note = f"{before.provider.word}: {attempt.outcome.reason}"
        record.live, record.wish, record.wish_reason = None, None, ""
        left = self._policy.left(record.spec, record.route, record.attempts) or record.route
        if left != record.route:
            record.route, record.choice = left, 0
        if record.placement != before:
            record.note += f"{NOW_AT}{record.placement.provider.word}"
        self.move(record, State.QUEUED, WentRound(id=record.id, attempt=attempt))

    def _end(self, record: Record, ending: Outcome, stopped_at: float | None = None) -> None:
        started = next((a.started_at for a in reversed(record.attempts) if a.started_at), None)
        record.result = Result(
            id=record.id,
            title=record.spec.title,
            outcome=ending,
            attempts=record.attempts,
            key=record.key,
            index=record.index,
            submitted_at=record.submitted_at,
            started_at=started,
            ended_at=stopped_at or wall_time(),
        )
        self.move(record, ending.state, Ended(result=record.result))
