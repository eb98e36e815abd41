"""Once: one flight for all who want the same."""

from __future__ import annotations

import asyncio

import pytest

from awsecs_async.kit.once import Once


class Source:
    """Something slow that counts how often it is asked and how often it was cancelled."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.error: Exception | None = None

    async def fetch(self) -> int:
        """The number of this call, after a second."""
        self.asked += 1
        number = self.asked
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return number


async def test_concurrent_callers_share_one_flight() -> None:
    """A hundred tasks with the same definition register it once."""
    once, source = Once[str, int](10), Source()
    assert await asyncio.gather(*(once("a", source.fetch) for _ in range(100))) == [1] * 100
    assert await once("a", source.fetch) == 1
    assert source.asked == 1


async def test_keys_fly_apart() -> None:
    """Different keys do not wait for one another."""
    once, source = Once[str, int](10), Source()
    assert await asyncio.gather(*(once(key, source.fetch) for key in "ab")) == [1, 2]
    assert asyncio.get_running_loop().time() == 1.0


async def test_a_cancelled_waiter_does_not_disturb_the_flight() -> None:
    """Also when it is the one that started it."""
    once, source = Once[str, int](10), Source()
    first = asyncio.create_task(once("a", source.fetch))
    second = asyncio.create_task(once("a", source.fetch))
    await asyncio.sleep(0.5)
    first.cancel()
    assert await second == 1
    assert first.cancelled()
    assert (source.asked, source.cancelled) == (1, 0)


async def test_a_flight_that_nobody_waits_for_is_cancelled() -> None:
    """No work goes on for nobody, and the next caller starts anew, even in the same turn."""
    once, source = Once[str, int](10), Source()
    waiting = [asyncio.create_task(once("a", source.fetch)) for _ in range(2)]
    await asyncio.sleep(0.5)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await once("a", source.fetch) == 2
    assert source.cancelled == 1


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    """All who waited learn it; the next caller tries again."""
    once, source = Once[str, int](10), Source()
    source.error = OSError("no network")
    results = await asyncio.gather(*(once("a", source.fetch) for _ in range(3)), return_exceptions=True)
    assert results == [source.error] * 3
    source.error = None
    assert await once("a", source.fetch) == 2


async def test_a_failure_that_nobody_waited_for_is_silent() -> None:
    """A flight that fails while it is being cancelled leaves no complaint about an unseen exception."""
    once = Once[str, int](10)

    async def stubborn() -> int:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise OSError("while leaving") from None
        return 1

    waiting = asyncio.create_task(once("a", stubborn))
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(1)
    assert repr(once) == "<Once 0/10 kept, 0 in flight>"


async def test_the_least_recently_used_goes_first() -> None:
    """Memory is bounded, and what is in use stays."""
    once, source = Once[str, int](2), Source()
    for key in ("a", "b"):
        await once(key, source.fetch)
    assert once.get("a") == 1
    await once("c", source.fetch)
    assert (once.get("a"), once.get("b"), once.get("c"), len(once)) == (1, None, 3, 2)


async def test_what_was_forgotten_is_fetched_again() -> None:
    """A definition found inactive is registered once more."""
    once, source = Once[str, int](10), Source()
    await once("a", source.fetch)
    once.forget("a")
    assert once.get("a") is None
    assert await once("a", source.fetch) == 2


@pytest.mark.parametrize("newer", [None, 7])
async def test_a_flight_overtaken_by_news_is_not_kept(newer: int | None) -> None:
    """A flight that began before `forget` or `put` answers its waiters but overwrites nothing."""
    once, source = Once[str, int](10), Source()
    waiting = asyncio.create_task(once("a", source.fetch))
    await asyncio.sleep(0.5)
    if newer is None:
        once.forget("a")
    else:
        once.put("a", newer)
    assert await waiting == 1
    assert once.get("a") == newer


def test_it_needs_room() -> None:
    """A cache of nothing is a mistake."""
    with pytest.raises(ValueError, match="at least one"):
        Once[str, int](0)
