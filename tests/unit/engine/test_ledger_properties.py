"""Any sequence of news keeps the ledger whole: every task ends exactly once, and a restart sees the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import (
    Admitted,
    Ended,
    Entry,
    LaunchMade,
    LaunchSettled,
    LiveTask,
    StopWished,
    WentRound,
    WishDropped,
    Withdrawn,
)
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.model import outcome
from awsecs_async.model.lifecycle import FROM_ECS, State
from awsecs_async.model.outcome import Wish
from awsecs_async.model.placement import Placement, Route
from awsecs_async.model.result import kept
from awsecs_async.model.sighting import Arn, Sighting
from tests.unit.engine.parts import PLACE, SPEC, Stage, stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from awsecs_async.engine.record import Record
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.launch import Launch, LaunchId
    from awsecs_async.model.task import TaskId


def place(name: str) -> Placement:
    """A place, on spot if it says so."""
    return replace(PLACE, provider=replace(PLACE.provider, name=name, is_spot="spot" in name))


OUT_OF_STOCK = "Unable to launch instance(s) for capacity provider p. InsufficientInstanceCapacity: none"
POLICY = RoundPolicy(max_spot_attempts=1, max_host_attempts=1)
ROUTES: tuple[Route, ...] = (
    (PLACE,),
    (place("spot"),),
    (place("spot"), place("demand"), place("spot-2"), place("last")),
)


class Tape(MemoryJournal):
    """A journal that also keeps every entry, and reads it back as a restart would."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def write(self, entries: Sequence[Entry], then: Callable[[], None] | None = None) -> None:
        """As any journal."""
        self.entries += entries
        super().write(entries, then)

    def remembered(self) -> tuple[dict[TaskId, LiveTask], dict[LaunchId, Launch]]:  # noqa: C901 (one case for each entry)
        """The live tasks and the launches that are not settled, by the entries alone."""
        tasks: dict[TaskId, dict[str, object]] = {}
        launches: dict[LaunchId, Launch] = {}
        made: dict[LaunchId, Launch] = {}
        for entry in self.entries:
            match entry:
                case Admitted():
                    tasks[entry.id] = {"admitted": entry}
                case LaunchMade(launch=launch):
                    launches[launch.id] = made[launch.id] = launch
                    for member in launch.members:
                        tasks[member] |= {"launch": launch, "arn": None}
                case LaunchSettled(launch_id=launch_id, arns=arns):
                    launches.pop(launch_id, None)
                    named = dict(arns)
                    for member in made[launch_id].members:
                        task = tasks.get(member, {})
                        if task.get("launch") is made[launch_id] and task.get("arn") is None:
                            arn = named.get(member)
                            task |= {"launch": made[launch_id] if arn else None, "arn": arn}
                case StopWished():
                    tasks[entry.id] |= {"wish": entry.wish, "wish_reason": entry.reason}
                case WentRound():
                    earlier = tasks[entry.id].get("attempts", ())
                    assert isinstance(earlier, tuple)
                    tasks[entry.id] |= {"attempts": kept(earlier, entry.attempt), "launch": None, "arn": None}
                    tasks[entry.id] |= {"wish": None, "wish_reason": ""}
                case WishDropped():
                    tasks[entry.id] |= {"wish": None, "wish_reason": ""}
                case Ended(result=result):
                    del tasks[result.id]
                case Withdrawn():
                    del tasks[entry.id]
        return {i: LiveTask(**t) for i, t in tasks.items()}, launches  # type: ignore[arg-type]  # as written above


class LedgerMachine(RuleBasedStateMachine):
    """Whatever ECS, users and clocks can do to a ledger, in any order."""

    @initialize()
    def begin(self) -> None:
        """An empty ledger whose every transition is heard."""
        self.tape = Tape()
        self.stage = Stage(journal=self.tape, policy=POLICY)
        self.routes: dict[TaskId, Route] = {}
        self.ledger = self.stage.ledger
        self.records: list[Record] = []
        self.launches: list[Launch] = []
        self.arns: list[Arn] = []
        self.told: list[Transition] = []
        self.ledger.tell(self.told.append)

    @rule(keyed=st.booleans(), route=st.sampled_from(ROUTES))
    def admit(self, keyed: bool, route: Route) -> None:  # noqa: FBT001 (hypothesis gives it)
        """A user submits."""
        key = f"key-{len(self.records)}" if keyed else None
        self.records.append(self.ledger.admit(SPEC, route, key=key))
        self.routes[self.records[-1].id] = route

    @precondition(lambda self: any(r.state is State.QUEUED for r in self.records))
    @rule(data=st.data(), most=st.integers(1, 3))
    def launch(self, data: st.DataObject, most: int) -> None:
        """The launcher takes some of the queue, for one of the places that they may have."""
        queued = [r for r in self.records if r.state is State.QUEUED]
        alike = [r for r in queued if r.route == queued[0].route]
        at = data.draw(st.sampled_from(alike[0].route))
        self.launches.append(self.stage.launch(*alike[:most], at=at))

    @precondition(lambda self: self.launches)
    @rule(data=st.data(), made=st.integers(0, 4), short=st.booleans())
    def answer(self, data: st.DataObject, made: int, short: bool) -> None:  # noqa: FBT001
        """RunTask answers, perhaps a second time, with too few or too many tasks."""
        launch = data.draw(st.sampled_from(self.launches))
        sightings = [self.stage.made() for _ in range(made)]
        rest = None if short else outcome.forgotten("nobody knows")
        self.ledger.launched(launch, sightings, note="no room", rest=rest)
        self.arns += [s.arn for s in sightings]

    @precondition(lambda self: self.launches)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        """RunTask refuses for good."""
        self.ledger.refused(data.draw(st.sampled_from(self.launches)), outcome.refused("no"))

    @precondition(lambda self: self.arns)
    @rule(
        data=st.data(), version=st.integers(0, 9), status=st.sampled_from([*FROM_ECS, "NEW"]),
        desired=st.sampled_from(["RUNNING", "STOPPED"]),
    )  # fmt: skip
    def see(self, data: st.DataObject, version: int, status: str, desired: str) -> None:
        """DescribeTasks or an event says something, perhaps stale, perhaps twice."""
        arn = data.draw(st.sampled_from(self.arns))
        self.ledger.seen(Sighting(arn=arn, version=version, last_status=status, desired_status=desired))

    @precondition(lambda self: self.arns)
    @rule(data=st.data())
    def send_stop(self, data: st.DataObject) -> None:
        """The stopper sends a stop."""
        self.ledger.stopping(data.draw(st.sampled_from(self.arns)))

    @precondition(lambda self: self.arns)
    @rule(data=st.data(), version=st.integers(0, 9), reason=st.sampled_from(["late", OUT_OF_STOCK]))
    def see_unstarted_stop(self, data: st.DataObject, version: int, reason: str) -> None:
        """It has stopped before it had a machine: we stopped it, or none could be bought."""
        arn = data.draw(st.sampled_from(self.arns))
        code = "UserInitiated" if reason == "late" else "TaskFailedToStart"
        self.ledger.seen(
            Sighting(
                arn=arn, version=version, last_status="STOPPED", stop_code=code, stopped_reason=reason,
                stopped_at=2.0,
            )
        )  # fmt: skip

    @precondition(lambda self: self.arns)
    @rule(
        data=st.data(), version=st.integers(0, 9), code=st.none() | st.integers(0, 2),
        stop_code=st.sampled_from(["", "SpotInterruption", "TerminationNotice", "UserInitiated"]),
    )  # fmt: skip
    def see_stopped(self, data: st.DataObject, version: int, code: int | None, stop_code: str) -> None:
        """ECS says that it has stopped, perhaps again."""
        arn = data.draw(st.sampled_from(self.arns))
        self.ledger.seen(stopped(arn, version=version, exit_code=code, stop_code=stop_code))

    @precondition(lambda self: self.arns)
    @rule(data=st.data(), grace=st.sampled_from([0.0, 1e9]))
    def miss(self, data: st.DataObject, grace: float) -> None:
        """ECS does not know it, for a while or for too long."""
        self.ledger.missing(data.draw(st.sampled_from(self.arns)), grace)

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def wait_too_long(self, data: st.DataObject) -> None:
        """Its queue timeout is over, whatever it is doing."""
        record = data.draw(st.sampled_from(self.records))
        queued = record.state is State.QUEUED
        self.ledger.waited_too_long(record, outcome.queue_timed_out(60, "its turn"))
        assert not queued or record.state is State.TIMED_OUT

    @precondition(lambda self: self.records)
    @rule(data=st.data(), wish=st.sampled_from(Wish))
    def wish(self, data: st.DataObject, wish: Wish) -> None:
        """Somebody wants it stopped, whatever it is doing."""
        record = data.draw(st.sampled_from(self.records))
        was_live = not record.state.is_ending
        assert self.ledger.wish(record.id, wish) is was_live

    @invariant()
    def every_task_is_where_it_belongs(self) -> None:
        """Live tasks are on the roll, by id, ARN and key; ended ones are nowhere."""
        for record in self.records:
            live = not record.state.is_ending
            assert (self.ledger.get(record.id) is record) is live
            assert (record.result is None) is live
            if record.key is not None:
                assert (self.ledger.by_key(record.key) is record) is live
            if live:
                assert record.state.is_on_ecs is (record.arn is not None)
        named = {arn: r for arn in self.arns if (r := self.ledger.by_arn(arn)) is not None}
        assert {r.id for r in named.values()} == {r.id for r in self.records if r.state.is_on_ecs}
        assert all(r.arn == arn for arn, r in named.items())

    @invariant()
    def every_task_is_at_one_of_its_places(self) -> None:
        """A route only gets shorter, and is never empty; what is late is only what has not started."""
        for record in self.records:
            whole = [p for p in self.routes[record.id] if p in record.route]
            assert tuple(whole) == record.route
            assert record.placement in record.route
            if record.wish is Wish.START:
                assert record.state is not State.QUEUED
                assert record.state is not State.LAUNCHING

    @invariant()
    def every_ending_is_told_once_and_last(self) -> None:
        """Nobody hears of an ended task again."""
        for record in self.records:
            told = [t.new for t in self.told if t.id == record.id]
            assert [s.is_ending for s in told[:-1]] == [False] * len(told[:-1])
            assert told[-1] is record.state
            numbers = [a.number for a in record.attempts]
            assert numbers == sorted(set(numbers))

    @invariant()
    def a_fresh_ledger_from_the_journal_is_the_same(self) -> None:
        """Killed here, the next process knows every live task, its ARN, its wish and its open launch."""
        tasks, launches = self.tape.remembered()
        fresh = Stage(policy=POLICY).ledger
        for launch in launches.values():
            fresh.reopen(launch)
        for task in tasks.values():
            fresh.restore(task, self.routes[task.admitted.id])
        assert [r.id for r in fresh.all()] == [r.id for r in self.ledger.all()]
        for record in self.ledger.all():
            again = fresh.get(record.id)
            assert again is not None
            assert (again.arn, again.key, again.wish, again.spec) == (
                record.arn, record.key, record.wish, record.spec,
            )  # fmt: skip
            assert again.route == record.route
            if not record.state.is_ending and record.live is not None:
                assert again.placement == record.placement
            assert (again.state is State.QUEUED) is (record.state is State.QUEUED)
            assert again.next_attempt == record.next_attempt
        for launch in launches.values():
            assert [r.id for r in fresh.members(launch)] == [r.id for r in self.ledger.members(launch)]


LedgerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLedgerMachine = LedgerMachine.TestCase
