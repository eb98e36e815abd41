"""The gate: all pass, none pass, or exactly one goes to see."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.gate import Gate, Passage


def new_gate() -> Gate:
    """A gate that sends its probes after 1, 2, 4, 8 and then every 10 s."""
    return Gate(Backoff(1, 10, jitter=0))


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


def queue_up(gate: Gate, count: int) -> list[asyncio.Task[Passage]]:
    """Tasks that wait to pass."""
    return [asyncio.create_task(gate.passage()) for _ in range(count)]


async def turns(count: int = 5) -> None:
    """Let the other tasks run without letting time pass."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_an_open_gate_lets_all_pass() -> None:
    """In good times it costs nothing."""
    gate = new_gate()
    with await gate.passage() as passage:
        assert not passage.probe
    assert (gate.is_open, gate.reason, gate.closed_since, repr(gate)) == (True, None, None, "<Gate open>")


async def test_one_probe_goes_first_and_then_all_in_order() -> None:
    """Of five who wait one goes to see; after its good news the others pass in the order they came."""
    gate, passed = new_gate(), list[int]()
    await asyncio.sleep(3)
    gate.close("expired credentials")

    async def visit(number: int) -> None:
        with await gate.passage() as passage:
            passed.append(number)
            if passage.probe:
                await asyncio.sleep(5)
                assert passed == [0]
                gate.open()

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(visit(number))
        await turns()
        assert repr(gate) == "<Gate closed since 3.000 s: expired credentials; 5 waiting, probe at 4.000 s>"
    assert passed == [0, 1, 2, 3, 4]
    assert now() == 9.0


async def test_each_bad_report_lengthens_the_delay() -> None:
    """Probes go after 1, 2, 4, 8, 10 and 10 s, and it was closed since the first."""
    gate, probes = new_gate(), list[float]()
    gate.close("no network")
    while len(probes) < 6:
        with await gate.passage() as passage:
            assert passage.probe
            probes.append(now())
            gate.close("still no network")
    assert probes == [1, 3, 7, 15, 25, 35]
    assert (gate.reason, gate.closed_since) == ("still no network", 0.0)


async def test_after_it_was_open_the_delays_start_over() -> None:
    """Yesterday's outage does not lengthen today's."""
    gate = new_gate()
    gate.close("one")
    with await gate.passage():
        gate.close("two")
    with await gate.passage():
        gate.open()
    began = now()
    gate.close("three")
    assert (await gate.passage()).probe
    assert now() == began + 1
    assert gate.closed_since == began


async def test_late_failures_of_others_do_not_lengthen_the_delay() -> None:
    """Thirty calls in flight that all fail are one closing."""
    gate = new_gate()
    for number in range(30):
        gate.close(f"failure {number}")
    assert (await gate.passage()).probe
    assert (now(), gate.reason) == (1.0, "failure 29")


async def test_a_probe_that_says_nothing_is_replaced_at_once() -> None:
    """Whether it failed for another reason, was cancelled or just left."""
    gate = new_gate()
    gate.close("broken")
    with pytest.raises(ZeroDivisionError), await gate.passage():
        raise ZeroDivisionError
    second = await gate.passage()
    assert second.probe
    waiting = queue_up(gate, 2)
    await turns()
    assert [task.done() for task in waiting] == [False, False]
    second.abandon()
    second.abandon()
    assert (await waiting[0]).probe
    assert not waiting[1].done()
    assert now() == 1.0
    gate.open()
    assert not (await waiting[1]).probe


async def test_a_probe_is_due_when_nobody_waited() -> None:
    """The delay passes also without waiters, and whoever comes then goes at once."""
    gate = new_gate()
    gate.close("broken")
    await asyncio.sleep(100)
    assert repr(gate) == "<Gate closed since 0.000 s: broken; 0 waiting, probe due>"
    assert (await gate.passage()).probe
    assert now() == 100.0
    assert "probe out" in repr(gate)


async def test_cancelled_waiters_are_skipped() -> None:
    """The next one is elected in place of one that went away."""
    gate = new_gate()
    gate.close("broken")
    waiting = queue_up(gate, 3)
    await turns()
    waiting[0].cancel()
    assert (await waiting[1]).probe
    assert (waiting[0].cancelled(), gate.waiters) == (True, 1)
    gate.open()
    await waiting[2]


@pytest.mark.parametrize("first", ["elected", "cancelled"])
async def test_an_election_in_the_turn_of_a_cancellation_is_passed_on(first: str) -> None:
    """No probe is lost between being elected and being cancelled."""
    gate = new_gate()
    gate.close("broken")
    waiting = queue_up(gate, 2)
    if first == "cancelled":
        asyncio.get_running_loop().call_at(1.0, waiting[0].cancel)
    await turns()
    if first == "elected":
        asyncio.get_running_loop().call_at(1.0, waiting[0].cancel)
    assert (await waiting[1]).probe
    assert waiting[0].cancelled()
    assert now() == 1.0


async def test_an_old_probe_does_not_speak_for_a_new_one() -> None:
    """Abandoning after the gate has been open again elects nobody."""
    gate = new_gate()
    gate.close("broken")
    old = await gate.passage()
    gate.open()
    gate.close("broken again")
    old.abandon()
    waiting = queue_up(gate, 1)
    await turns()
    assert not waiting[0].done()
    assert (await waiting[0]).probe
