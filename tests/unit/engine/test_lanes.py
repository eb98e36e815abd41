"""Lines and lanes: whoever waits is called for where there is capacity, and nothing is kept for nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from awsecs_async.engine import lanes
from awsecs_async.engine.lanes import Lane
from awsecs_async.engine.record import Record
from awsecs_async.engine.rounds import RoundPolicy
from awsecs_async.engine.submissions import SPARE_LANES, Submissions
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Wish
from awsecs_async.model.placement import Placement
from awsecs_async.model.sighting import Sighting
from awsecs_async.testing import run
from tests.unit.engine.parts import PLACE, SPEC, Stage, stopped

MANY = 10_000


def place(name: str, machine: str = "") -> Placement:
    """A place of that provider."""
    return replace(PLACE, provider=replace(PLACE.provider, name=name), machine=machine)


A, B, C = (place(name) for name in "abc")
ROUTES = ((A,), (A, B), (B, A), (A, B, C), (C,))


class LaneMachine(RuleBasedStateMachine):
    """Workers, gates and tasks in any order; each step runs on a loop of its own, as gates need one."""

    @initialize(workers=st.integers(1, 3))
    def begin(self, workers: int) -> None:
        """Nobody waits."""
        self.stage = Stage()
        self.submissions = Submissions(self.stage.ledger, 1000, workers=workers)
        self.at_work: list[Lane] = []
        self.loop = asyncio.new_event_loop()

    def teardown(self) -> None:
        """The loop is not needed any more."""
        if hasattr(self, "loop"):
            self.loop.close()

    def _on_the_loop(self, action: object) -> None:
        async def act() -> None:
            assert callable(action)
            action()
            while not self.submissions._calls.empty():  # noqa: SLF001 (played by the test: the launcher)
                self.at_work.append(self.submissions._calls.get_nowait())  # noqa: SLF001

        self.loop.run_until_complete(act())

    @rule(route=st.sampled_from(ROUTES))
    def admit(self, route: tuple[Placement, ...]) -> None:
        """A task comes."""
        self._on_the_loop(lambda: self.stage.ledger.admit(SPEC, route))

    @precondition(lambda self: len(self.stage.ledger) > 0)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A task goes."""
        record = data.draw(st.sampled_from(self.stage.ledger.all()))
        self._on_the_loop(lambda: self.stage.ledger.wish(record.id, Wish.CANCEL))

    @precondition(lambda self: self.at_work)
    @rule(data=st.data(), is_short=st.booleans(), dies=st.booleans())
    def work(self, data: st.DataObject, is_short: bool, dies: bool) -> None:  # noqa: FBT001 (hypothesis)
        """A worker passes its gate, perhaps as a probe, and takes; there is capacity or none, or it dies."""
        lane = data.draw(st.sampled_from(self.at_work))

        def act() -> None:
            taken = self.submissions.take(lane, 2)
            for record in taken:
                keys = [p.lane for p in record.route]
                before = keys[: keys.index(lane.key)]
                lanes = {each.key: each for each in self.submissions.lanes}
                assert not any(lanes[key].gate.is_open for key in before if key in lanes)
            if dies or not taken:
                for record in reversed(taken):
                    self.submissions.give_back(record)
                self.at_work.remove(lane)
                self.submissions.left(lane)
            elif is_short:
                lane.close("none")
                for record in reversed(taken):
                    self.submissions.give_back(record)
            else:
                lane.open()
                self.stage.run(taken[0])
                for record in taken[1:]:
                    self.submissions.give_back(record)

        self._on_the_loop(act)

    @precondition(lambda self: self.submissions.lanes)
    @rule(data=st.data(), opens=st.booleans())
    def news(self, data: st.DataObject, opens: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Somebody has heard of a lane."""
        lane = data.draw(st.sampled_from(self.submissions.lanes))
        self._on_the_loop(lane.open if opens else lambda: lane.close("none"))

    @invariant()
    def everybody_who_waits_is_called_for(self) -> None:
        """At the first open lane of its route there is a worker; without one, at each to probe it."""
        for record in self.stage.ledger.all():
            if record.state is not State.QUEUED:
                continue
            assert self.submissions.holds(record)
            lanes = {each.key: each for each in self.submissions.lanes}
            for place in record.route:
                lane = lanes[place.lane]
                assert lane in self.at_work
                if lane.gate.is_open:
                    break

    @invariant()
    def nothing_is_kept_for_nobody(self) -> None:
        """Counts agree, and an open lane without tasks and workers is forgotten."""
        queued = [r for r in self.stage.ledger.all() if r.state is State.QUEUED]
        assert len(self.submissions) == len(queued)
        for lane in self.submissions.lanes:
            assert lane.workers == self.at_work.count(lane)
            assert len(lane) or lane.workers or not lane.gate.is_open


LaneMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestLaneMachine = LaneMachine.TestCase


def test_as_many_lanes_as_machine_types_leak_nothing() -> None:
    """Ten thousand lanes, open or closed for ever: at rest there are hardly any."""

    async def visit(*, closing: bool) -> int:
        stage = Stage()
        submissions = Submissions(stage.ledger, MANY, workers=4)
        for number in range(MANY):
            record = stage.ledger.admit(SPEC, (place("p", f"m{number}"),))
            lane = submissions.lanes[-1]
            assert submissions.take(lane, 1) == [record]
            if closing:
                lane.close("none")
                await asyncio.sleep(1)
            stage.ledger.wish(record.id, Wish.CANCEL)
            for _ in range(lane.workers):
                submissions.left(lane)
        return len(submissions.lanes)

    assert run(visit(closing=False)) == 0
    assert run(visit(closing=True)) < 2 * SPARE_LANES + 200


async def test_the_lane_that_closes_is_the_one_without_capacity() -> None:
    """Off spot for good it is short at the second of two places left: the first stays open."""
    stage = Stage(policy=RoundPolicy(max_spot_attempts=0))
    submissions = Submissions(stage.ledger, 10)
    spot = replace(A, provider=replace(A.provider, is_spot=True))
    record = stage.ledger.admit(SPEC, (spot, B, C))
    stage.ledger.seen(stopped(stage.run(record), exit_code=None, stop_code="SpotInterruption"))
    made = stage.made()
    stage.ledger.launched(stage.launch(record, at=C), [made])
    short = "Unable to launch instance(s) for capacity provider c. InsufficientInstanceCapacity: none"
    stage.ledger.seen(
        Sighting(
            arn=made.arn, version=9, last_status="STOPPED", stop_code="TaskFailedToStart",
            stopped_reason=f"ResourceInitializationError: {short}",
        )
    )  # fmt: skip
    assert record.state is State.QUEUED
    assert [lane.name for lane in submissions.lanes if not lane.gate.is_open] == ["c"]


async def test_thousands_that_come_back_are_not_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two sizes, all without a machine: each is put back without a look at the others."""
    looks = 0

    def counted(record: Record) -> object:
        nonlocal looks
        looks += 1
        return record.route[0].cpu_units

    monkeypatch.setattr(lanes, "_size", counted)
    stage = Stage()
    submissions = Submissions(stage.ledger, MANY)
    routes = ((A,), (replace(A, cpu_units=4096),))
    records = [stage.ledger.admit(SPEC, routes[number % 2]) for number in range(1000)]
    for _ in records:
        submissions.take(submissions.lanes[0], 1)
    for arn in [stage.run(record) for record in records]:
        short = Sighting(
            arn=arn, version=9, last_status="STOPPED", stop_code="TaskFailedToStart",
            stopped_reason="Unable to launch instance(s) for capacity provider a. VcpuLimitExceeded: x",
        )  # fmt: skip
        stage.ledger.seen(short)
    assert {record.state for record in records} == {State.QUEUED}
    assert looks < 5 * len(records)
