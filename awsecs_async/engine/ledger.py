"""Every live task, and the only place where what is known of one changes.

The mutable state of a dispatcher is here: the records (kept by the ``roll``, and changed by the ``course``,
which this extends) and the launches that are not settled. Nothing else. Every method decides without
awaiting: it puts the records right, gives the journal its entries, and lets everyone hear who listens. So
wherever a coroutine is cancelled, the ledger is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from awsecs_async.engine.course import NOW_AT, Course
from awsecs_async.engine.journal.port import (
    Admitted,
    LaunchMade,
    LaunchSettled,
    StopWished,
    Withdrawn,
)
from awsecs_async.engine.record import Record, live_attempt
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import lifecycle, outcome
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Outcome, Verdict, Wish
from awsecs_async.model.task import TaskId, new_id

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Machine
    from awsecs_async.engine.journal.port import Journal, LiveTask
    from awsecs_async.model.launch import Launch, LaunchId
    from awsecs_async.model.placement import Placement, Route
    from awsecs_async.model.sighting import Arn, Sighting
    from awsecs_async.model.task import TaskSpec


class Ledger(Course):
    """The live tasks of one dispatcher, and the launches that are not settled."""

    def __init__(self, journal: Journal, policy: RoundPolicy | None = None) -> None:
        super().__init__(journal, policy or RoundPolicy())
        self._launches: dict[LaunchId, Launch] = {}

    def __repr__(self) -> str:
        return f"<Ledger {len(self)} live, {len(self._by_arn)} on ECS, {len(self._launches)} launches open>"

    async def written(self) -> None:
        """Return when all that was decided so far is on disk."""
        await self._journal.written()

    # --- coming in ---------------------------------------------------------------------------------

    def admit(
        self,
        spec: TaskSpec,
        route: Route,
        *,
        key: str | None = None,
        index: int | None = None,
        size: int | None = None,
    ) -> Record:
        """A new task, QUEUED. Whoever is told of it must have awaited the journal first."""
        now = wall_time()
        record = Record(
            id=TaskId(new_id(now)),
            spec=spec,
            route=route,
            submitted_at=now,
            state=State.QUEUED,
            told=State.QUEUED,
            key=key,
            index=index,
            size=size,
        )
        self.add(record)
        entry = Admitted(id=record.id, spec=spec, key=key, index=index, size=size, submitted_at=now)
        self.publish(record, None, (entry,))
        return record

    def withdraw(self, record: Record) -> None:
        """Undo an admission that nobody was told of; without effect once it is being launched."""
        if record.state is State.QUEUED and record.id in self._records:
            record.state = lifecycle.advance(record.state, State.CANCELLED)
            self.drop(record)
            self._journal.write((Withdrawn(id=record.id),))
            self.heard(record, State.QUEUED)

    def restore(self, task: LiveTask, route: Route, place: Placement | None = None) -> Record:
        """A task that the journal remembers, in the state that it can vouch for; what was queued is queued
        for the first of the places that are left for it.

        ``place`` is where it was launched, which need not be on its route any more.
        """
        state = State.QUEUED
        if task.launch is not None:
            state = State.LAUNCHING if task.arn is None else State.PROVISIONING
        record = Record(
            id=task.admitted.id,
            spec=task.admitted.spec,
            route=self._policy.left(task.admitted.spec, route, task.attempts) or route,
            submitted_at=task.admitted.submitted_at,
            state=state,
            told=state,
            key=task.admitted.key,
            index=task.admitted.index,
            size=task.admitted.size,
            attempts=task.attempts,
            wish=task.wish,
            wish_reason=task.wish_reason,
        )
        if task.launch is not None:
            record.choice = record.choice_of(task.launch.lane)
            record.live = live_attempt(record, task.launch, place or record.placement)
            record.live.arn = task.arn
        self.add(record)
        if state is State.QUEUED and record.wish is not None:
            self._end(record, outcome.cancelled(record.wish_reason))
        else:
            self.publish(record, None)
        return record

    def reopen(self, launch: Launch) -> None:
        """A launch that the journal remembers as not settled."""
        self._launches[launch.id] = launch

    # --- launching ---------------------------------------------------------------------------------

    def tried_in(self, record: Record, lane: tuple[str, str]) -> None:
        """That lane has taken it, to launch it there."""
        before, record.choice = record.choice, record.choice_of(lane)
        if record.note and record.choice != before:
            record.note = f"{record.note.split(NOW_AT)[0]}{NOW_AT}{record.placement.provider.word}"

    def launching(self, launch: Launch) -> None:
        """Its members are LAUNCHING; to be awaited on disk before the request is sent."""
        self._launches[launch.id] = launch
        self._journal.write((LaunchMade(launch=launch),))
        for member in launch.members:
            record = self._records[member]
            record.choice = record.choice_of(launch.lane)
            record.live = live_attempt(record, launch, record.placement)
            self.move(record, State.LAUNCHING)

    def members(self, launch: Launch) -> list[Record]:
        """Those of its members that it is still to settle."""
        found = (self._records.get(member) for member in launch.members)
        return [r for r in found if r and r.live and r.live.launch_id == launch.id and r.live.arn is None]

    def unwanted(self, launch: Launch) -> bool:
        """Whether every member shall be stopped anyway, so that sending it would be waste."""
        return all(record.wish is not None for record in self.members(launch))

    def launched(
        self, launch: Launch, sightings: Sequence[Sighting], *, note: str = "", rest: Outcome | None = None
    ) -> None:
        """ECS made these tasks of it.

        Members that got none are queued again, with ``note`` saying why; or, where ``rest`` says that
        nobody can tell, end with that.
        """
        # Those that shall be stopped stand last: if ECS made fewer tasks than asked, none is theirs.
        members = sorted(self.members(launch), key=lambda r: r.wish is not None)
        self._launches.pop(launch.id, None)
        pairs = list(zip_longest(members, sightings[: len(members)]))
        arns = tuple((record.id, sighting.arn) for record, sighting in pairs if sighting)
        self._journal.write((LaunchSettled(launch_id=launch.id, arns=arns),))
        for record, sighting in pairs:
            if sighting is not None:
                self._named(record, sighting)
            elif rest is not None:
                self._over(record, Verdict(outcome=rest), None)
            else:
                self._back(record, note)

    def returned(self, launch: Launch, note: str) -> None:
        """ECS made nothing of it: its members are queued again."""
        self.launched(launch, (), note=note)

    def refused(self, launch: Launch, ending: Outcome) -> None:
        """It will never be accepted: its members end."""
        members = self.members(launch)
        self._launches.pop(launch.id, None)
        self._journal.write((LaunchSettled(launch_id=launch.id),))
        for record in members:
            self._end(record, ending)

    def fail(self, record: Record, ending: Outcome) -> None:
        """A task that could not even become a launch ends."""
        if not record.state.is_ending:
            self._end(record, ending)

    # --- hearing of it -----------------------------------------------------------------------------

    def seen(self, sighting: Sighting) -> None:
        """ECS said this of a task; what is not newer than what is known changes nothing."""
        record = self._by_arn.get(sighting.arn)
        if record is None or record.live is None:
            return
        if sighting.version <= record.live.version:
            self.found(sighting.arn)
            return
        is_first = record.live.version < 0
        record.live.update(sighting)
        if sighting.is_stopped:
            self._over(record, self._settle(record, sighting), sighting.stopped_at)
            return
        new = lifecycle.heard(record.state, sighting.last_status)
        if new is not record.state:
            self._goes_on(record, new, sighting)
        elif is_first:
            self.heard(record, record.state)  # a late start is stopped once it is seen to be late

    def missing(self, arn: Arn, grace_seconds: float) -> None:
        """ECS does not know it: not yet, or not any more once that has lasted ``grace_seconds``."""
        record = self._by_arn.get(arn)
        if record is None or record.live is None:
            return
        now = wall_time()
        if record.live.missing_since is None:
            record.live.missing_since = now
        elif now - record.live.missing_since >= grace_seconds:
            ending = outcome.forgotten(
                f"ECS has not known {arn} for {grace_seconds:.0f} s: it stopped long ago, or never ran"
            )
            self._over(record, Verdict(outcome=ending), None)

    def found(self, arn: Arn) -> None:
        """ECS knows it, with nothing new to say."""
        record = self._by_arn.get(arn)
        if record is not None and record.live is not None:
            record.live.missing_since = None

    # --- stopping ----------------------------------------------------------------------------------

    def wish(self, task_id: TaskId, wish: Wish, reason: str = "") -> bool:
        """Have it stopped: at once where ECS has nothing of it, else as soon as its ARN is known.

        The answer is False where there is no such live task. The first wish is the one that counts; but a
        START wish is only for what ECS has not started yet, and gives way to any other.
        """
        record = self._records.get(task_id)
        if record is None or record.state.is_ending:
            return False
        if wish is Wish.START and record.state not in {State.PROVISIONING, State.STARTING}:
            return True
        if record.wish is None or (record.wish is Wish.START and wish is not Wish.START):
            record.wish, record.wish_reason = wish, reason
            entry = StopWished(id=task_id, wish=wish, reason=reason)
            if record.state in {State.WAITING, State.QUEUED}:
                self._journal.write((entry,))
                self._end(record, outcome.cancelled(reason))
            else:
                self.publish(record, record.state, (entry,))
        return True

    def stopping(self, arn: Arn) -> None:
        """StopTask is about to be sent for it."""
        record = self._by_arn.get(arn)
        if record is not None and record.live is not None:
            record.live.stop_sent = True

    def waited_too_long(self, record: Record, ending: Outcome) -> None:
        """It ends where it still waits; what is being launched is left alone."""
        if record.state is State.QUEUED:
            self._end(record, ending)

    def machine(self, arn: Arn, machine: Machine) -> None:
        """It runs on this instance."""
        record = self._by_arn.get(arn)
        if record is not None and record.live is not None:
            record.live.machine = machine

    def _named(self, record: Record, sighting: Sighting) -> None:
        assert record.live is not None  # noqa: S101 (members() returns none without)
        record.live.arn = sighting.arn
        record.live.launched_at = wall_time()
        self.name(record, sighting.arn)
        self.move(record, State.PROVISIONING)
        # AWS: ECS_Idempotency. Of what has stopped a repeated RunTask tells the ARN; a look tells the rest.
        if sighting.containers or not sighting.is_stopped:
            self.seen(sighting)
