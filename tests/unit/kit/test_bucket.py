"""The token bucket: exact in time, fair in line, never over its limit, and nothing lost by cancellation."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awsecs_async.kit.bucket import Bucket, acquire_all
from awsecs_async.kit.bucket.ramp import Ramp
from awsecs_async.testing import run


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


async def note(
    log: list[tuple[str, float]], name: str, bucket: Bucket, n: float = 1, *, urgent: bool = False
) -> None:
    """Acquire, and write down when that was."""
    await bucket.acquire(n, urgent=urgent)
    log.append((name, now()))


async def turns(count: int = 5) -> None:
    """Let the other tasks run without letting time pass."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_full_bucket_serves_its_burst_at_once_and_then_its_rate() -> None:
    """A thousand calls at 100 burst and 40/s end exactly 22.5 s after the first."""
    bucket = Bucket(40, 100)
    for _ in range(1000):
        await bucket.acquire()
    assert now() == pytest.approx(22.5, abs=1e-6)


async def test_time_does_not_drift() -> None:
    """The thirty-thousandth token comes as punctually as the first."""
    bucket = Bucket(3, 1, level=0)
    for _ in range(30_000):
        await bucket.acquire()
    assert now() == pytest.approx(10_000, abs=1e-5)


async def test_those_who_wait_are_served_in_order() -> None:
    """First come, first served, each at its own moment."""
    bucket, log = Bucket(2, 10, level=0), list[tuple[str, float]]()
    async with asyncio.TaskGroup() as group:
        for name, n in (("a", 4), ("b", 1), ("c", 2)):
            group.create_task(note(log, name, bucket, n))
    assert log == [("a", 2.0), ("b", 2.5), ("c", 3.5)]


async def test_the_urgent_go_first() -> None:
    """A StopTask passes every RunTask that waits, in the order of the urgent."""
    bucket, log = Bucket(1, 5, level=0), list[tuple[str, float]]()
    async with asyncio.TaskGroup() as group:
        for name in ("run1", "run2", "stop1", "stop2"):
            group.create_task(note(log, name, bucket, urgent=name.startswith("stop")))
    assert log == [("stop1", 1.0), ("stop2", 2.0), ("run1", 3.0), ("run2", 4.0)]


async def test_nobody_passes_those_who_wait() -> None:
    """Tokens that are there for the one in front are not taken by a newcomer who needs fewer."""
    bucket, log = Bucket(1, 5, level=0), list[tuple[str, float]]()
    waiting = asyncio.create_task(note(log, "large", bucket, 5))
    await asyncio.sleep(3)
    assert not bucket.try_acquire()
    await note(log, "small", bucket)
    await waiting
    assert log == [("large", 5.0), ("small", 6.0)]


async def test_try_acquire_takes_only_what_is_there() -> None:
    """It fills up also when it is only ever tried."""
    bucket = Bucket(1, 1, level=0)
    assert not bucket.try_acquire()
    await asyncio.sleep(1)
    assert bucket.try_acquire()
    assert not bucket.try_acquire()


async def test_a_cancelled_waiter_costs_nothing() -> None:
    """Those behind it are served as if it had never been."""
    bucket, log = Bucket(1, 5, level=0), list[tuple[str, float]]()
    first = asyncio.create_task(note(log, "first", bucket, 5))
    second = asyncio.create_task(note(log, "second", bucket))
    await turns()
    first.cancel()
    await second
    assert log == [("second", 1.0)]
    assert bucket.waiters == 0
    assert bucket.level == 0.0


async def test_tokens_given_in_the_turn_of_a_cancellation_come_back() -> None:
    """Being served and cancelled in the same turn loses no token."""
    bucket = Bucket(1, 5, level=0)
    waiting = asyncio.create_task(bucket.acquire(2))
    asyncio.get_running_loop().call_at(2, waiting.cancel)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_at(2, waiting.cancel)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert bucket.level == pytest.approx(2.0)


async def test_what_can_never_be_is_refused() -> None:
    """An amount over the burst would wait for ever, so it is refused and the message says what to do."""
    bucket = Bucket(1, 5, name="RunTask")
    with pytest.raises(ValueError, match="bucket RunTask cannot give 6 tokens at once: it holds 5"):
        await bucket.acquire(6)
    with pytest.raises(ValueError, match="cannot give 6"):
        await acquire_all([(bucket, 3), (bucket, 3)])
    with pytest.raises(ValueError, match="cannot give -1"):
        bucket.try_acquire(-1)


@pytest.mark.parametrize(
    ("rate", "burst", "level"), [(0, 1, 0), (1, 0, 0), (math.nan, 1, 0), (1, 1, 2), (1, 1, -1)]
)
def test_impossible_limits_are_refused(rate: float, burst: float, level: float) -> None:
    """A bucket that could never serve anybody is not made."""
    with pytest.raises(ValueError, match="bucket"):
        Bucket(rate, burst, level=level)


async def test_a_throttle_empties_and_halves() -> None:
    """After one throttle the rate is half, and nominal again thirty seconds later."""
    bucket = Bucket(40, 100)
    bucket.throttled()
    assert (bucket.level, bucket.rate) == (0.0, 20.0)
    await asyncio.sleep(15)
    assert bucket.rate == 30.0
    assert bucket.level == 100.0
    await asyncio.sleep(15)
    assert bucket.rate == bucket.nominal_rate == 40.0


async def test_a_storm_halves_once() -> None:
    """Forty answers to calls sent together are one piece of news; the next storm is another."""
    bucket = Bucket(40, 100)
    for _ in range(40):
        bucket.throttled()
    assert bucket.rate == 20.0
    await asyncio.sleep(0.5)
    halved = bucket.rate / 2
    bucket.throttled()
    assert bucket.rate == pytest.approx(halved)
    for _ in range(50):
        await asyncio.sleep(0.5)
        bucket.throttled()
    assert bucket.rate == pytest.approx(40 / 32)


async def test_recovery_is_exact_to_the_token() -> None:
    """While the rate grows, a token comes when the area under the line says so."""
    bucket = Bucket(40, 1000, recovery_seconds=10)
    bucket.throttled()
    await bucket.acquire(300)  # 20 t + t^2 = 300
    assert now() == pytest.approx(10)
    await bucket.acquire(40)
    assert now() == pytest.approx(11)


async def test_a_throttle_makes_waiters_wait_longer() -> None:
    """An appointment made before the throttle is not kept after it."""
    bucket = Bucket(10, 10, level=0, recovery_seconds=1e9)
    waiting = asyncio.create_task(bucket.acquire(10))
    await asyncio.sleep(0.5)
    bucket.throttled()
    await waiting
    assert now() == pytest.approx(2.5)


async def test_limits_change_under_waiters() -> None:
    """A raised quota serves those who wait at once, a lowered one gives no more than its burst."""
    bucket = Bucket(1, 100, level=0)
    waiting = asyncio.create_task(bucket.acquire(100))
    await asyncio.sleep(1)
    bucket.resize(10, 21)
    await waiting
    assert now() == pytest.approx(3)
    last = asyncio.create_task(bucket.acquire(21))
    await turns()
    bucket.resize(math.inf, math.inf)
    await last
    assert now() == pytest.approx(3)


async def test_a_level_survives_a_restart() -> None:
    """A new run starts with what the last one left plus the time since, and no more than the burst."""
    bucket = Bucket(2, 10)
    await bucket.acquire(9)
    kept = bucket.snapshot()
    assert kept == 1.0
    after = Bucket(2, 10)
    after.restore(kept, seconds_ago=3)
    assert after.level == 7.0
    after.restore(kept, seconds_ago=3600)
    assert after.level == 10.0


async def test_its_repr_tells_the_state() -> None:
    """A log line or a failing test shows level, rate, waiters and the next wake."""
    bucket = Bucket(40, 100, name="RunTask")
    assert repr(bucket) == "<Bucket RunTask 100/100 at 40/s, 0 waiting>"
    bucket.throttled()
    waiting = asyncio.create_task(bucket.acquire())
    await turns()
    assert repr(bucket) == "<Bucket RunTask 0/100 at 20 of 40/s, 1 waiting, next in 0.050 s>"
    await waiting


def test_it_is_made_and_shown_without_a_loop() -> None:
    """Composition may happen before the loop runs, and a level restored then is still there later."""
    bucket = Bucket(1, 10)
    bucket.restore(3, seconds_ago=1)
    assert repr(bucket) == "<Bucket 4/10 at 1/s, 0 waiting>"

    async def later() -> float:
        await asyncio.sleep(100)
        bucket.try_acquire(4)
        return bucket.level

    assert run(later()) == 0.0


async def test_all_or_nothing() -> None:
    """Nothing is taken of the bucket that has tokens while the other has none."""
    plenty, scarce = Bucket(1, 10), Bucket(1, 5, level=0)
    waiting = asyncio.create_task(acquire_all([(plenty, 4), (scarce, 5)]))
    await asyncio.sleep(4.9)
    assert plenty.level == 10
    await waiting
    assert now() == 5.0
    assert (plenty.level, scarce.level) == (6.0, 0.0)


async def test_a_lane_that_waits_does_not_delay_another() -> None:
    """Waiting for scarce tokens leaves the plentiful ones to those who need only them."""
    plenty, scarce = Bucket(10, 10), Bucket(0.1, 1, level=0)
    waiting = asyncio.create_task(acquire_all([(plenty, 1), (scarce, 1)]))
    await turns()
    for _ in range(100):
        await plenty.acquire()
    assert now() == pytest.approx(9.0)
    await waiting
    assert now() == pytest.approx(10.0)


async def test_the_one_that_needs_both_is_not_starved() -> None:
    """Two crowds that each drain one bucket cannot keep the one who needs both from its turn."""
    left, right = Bucket(1, 4, level=0), Bucket(1, 4, level=0)

    async def drain(bucket: Bucket) -> None:
        while True:
            await bucket.acquire()

    crowd = [asyncio.create_task(drain(bucket)) for bucket in (left, right) for _ in range(3)]
    await asyncio.sleep(10.5)
    await acquire_all([(left, 4), (right, 4)])
    assert now() <= 10.5 + 3 + 4 + 0.001  # three of each crowd are older
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    assert (left.waiters, right.waiters) == (0, 0)


async def test_an_appointment_is_kept_while_others_pass() -> None:
    """Those who pass leave the tokens that the older one will need at its moment."""
    plenty, scarce = Bucket(1, 10), Bucket(1, 12, level=9)
    waiting = asyncio.create_task(acquire_all([(plenty, 10), (scarce, 12)]))
    await turns()
    for _ in range(3):
        await plenty.acquire()
    assert now() == 0.0
    passing = asyncio.create_task(plenty.acquire())  # the fourth would make it late
    await waiting
    assert now() == pytest.approx(3.0)
    assert not passing.done()
    await passing
    assert now() == pytest.approx(4.0)


async def test_cancelling_one_that_waits_for_both_frees_both() -> None:
    """What stood behind it is served at once."""
    left, right = Bucket(1, 5, level=4), Bucket(1, 100, level=0)
    both = asyncio.create_task(acquire_all([(left, 5), (right, 5)]))
    await turns()
    behind = asyncio.create_task(left.acquire(5))
    await turns()
    both.cancel()
    await behind
    assert now() == 1.0
    assert (left.waiters, right.waiters) == (0, 0)


amounts = st.integers(min_value=1, max_value=5)
arrivals = st.floats(min_value=0, max_value=20, allow_nan=False).map(lambda t: round(t, 2))
rates = st.sampled_from([0.3, 1.0, 2.5, 40.0])


@settings(max_examples=60, deadline=None)
@given(
    rate=rates,
    requests=st.lists(st.tuples(arrivals, amounts, st.booleans(), st.booleans()), min_size=1, max_size=25),
    storms=st.lists(arrivals, max_size=3),
)
def test_no_window_holds_more_than_burst_and_rate(
    rate: float, requests: list[tuple[float, int, bool, bool]], storms: list[float]
) -> None:
    """Whatever is asked, cancelled or throttled: the limit holds in every window, and nothing is lost."""
    burst = 5.0
    granted: list[tuple[float, int, int, bool]] = []  # when, tokens, arrival, urgent

    async def ask(bucket: Bucket, number: int, n: int, *, urgent: bool) -> None:
        await bucket.acquire(n, urgent=urgent)
        granted.append((now(), n, number, urgent))

    async def main() -> float:
        bucket, loop, tasks = Bucket(rate, burst), asyncio.get_running_loop(), []
        for when in storms:
            loop.call_at(when, bucket.throttled)
        for number, (when, n, urgent, cancelled) in enumerate(sorted(requests)):
            await asyncio.sleep(when - now())
            tasks.append(asyncio.create_task(ask(bucket, number, n, urgent=urgent)))
            if cancelled:
                loop.call_at(when + n, tasks[-1].cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert bucket.waiters == 0
        await asyncio.sleep(1000)
        return bucket.level

    assert run(main()) == burst
    for first in range(len(granted)):
        begins, total = granted[first][0], 0
        for when, n, *_ in granted[first:]:
            total += n
            assert total <= burst + rate * (when - begins) + 1e-6
    for urgency in (True, False):
        order = [number for _, _, number, urgent in granted if urgent is urgency]
        assert order == sorted(order)


@settings(max_examples=60, deadline=None)
@given(
    requests=st.lists(
        st.tuples(arrivals, st.tuples(*[st.integers(0, 4)] * 3), st.booleans(), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_together_or_not_at_all(requests: list[tuple[float, tuple[int, ...], bool, bool]]) -> None:
    """From three buckets at once: every level is always accounted for, and everyone is served in the end."""
    rates_, burst = (0.5, 2.0, 7.0), 4.0
    granted: list[tuple[float, tuple[int, ...]]] = []

    async def ask(buckets: list[Bucket], amounts: tuple[int, ...], *, urgent: bool) -> None:
        await acquire_all(list(zip(buckets, amounts, strict=True)), urgent=urgent)
        granted.append((now(), amounts))

    async def main() -> tuple[int, int]:
        buckets, tasks = [Bucket(rate, burst) for rate in rates_], []
        for when, amounts, urgent, cancelled in sorted(requests):
            await asyncio.sleep(when - now())
            tasks.append(asyncio.create_task(ask(buckets, amounts, urgent=urgent)))
            if cancelled:
                asyncio.get_running_loop().call_at(when + 1.5, tasks[-1].cancel)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [bucket.waiters for bucket in buckets] == [0, 0, 0]
        await asyncio.sleep(1000)
        assert [bucket.level for bucket in buckets] == [burst] * 3
        return len(results), sum(result is not None for result in results)

    total, cancelled = run(main())
    assert len(granted) == total - cancelled
    for position in range(3):
        for first, (begins, _amounts) in enumerate(granted):
            taken = 0
            for when, taken_then in granted[first:]:
                taken += taken_then[position]
                assert taken <= burst + rates_[position] * (when - begins) + 1e-6


@given(
    nominal=st.floats(0.01, 1e4),
    share=st.floats(1 / 32, 1),
    seconds=st.floats(0.1, 100),
    since=st.floats(0, 200),
    amount=st.floats(0, 1e4),
)
def test_when_is_the_inverse_of_gained(
    nominal: float, share: float, seconds: float, since: float, amount: float
) -> None:
    """The moment computed for an amount is the moment at which that amount is there."""
    ramp = Ramp(nominal=nominal, low=nominal * share, began=0, seconds=seconds)
    assert ramp.gained(since, ramp.when(since, amount)) == pytest.approx(amount, rel=1e-9, abs=1e-6 * nominal)


LANES = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]


@settings(max_examples=80, deadline=None)
@given(
    lanes=st.permutations(LANES),
    amounts=st.lists(st.integers(1, 4), min_size=7, max_size=7),
    gaps=st.lists(st.sampled_from([0.0, 0.3, 1.0, 4.0]), min_size=7, max_size=7),
    levels=st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_the_younger_never_make_the_older_late(
    lanes: list[tuple[int, ...]], amounts: list[int], gaps: list[float], levels: list[int]
) -> None:
    """Each is served when it would have been had nobody come after it, whichever buckets the younger need."""

    async def served(count: int) -> list[float]:
        buckets = [Bucket(rate, 4, level=level) for rate, level in zip((0.5, 1.0, 3.0), levels, strict=True)]

        async def ask(number: int) -> float:
            await acquire_all([(buckets[index], amounts[number]) for index in lanes[number]])
            return now()

        tasks = []
        for number in range(count):
            await asyncio.sleep(gaps[number])
            tasks.append(asyncio.create_task(ask(number)))
            await turns()
        return await asyncio.gather(*tasks)

    everyone = run(served(7))
    for count in range(1, 7):
        assert everyone[count - 1] <= run(served(count))[count - 1] + 1e-6
