"""Fanout: everyone gets everything, or is told how much is missing."""

from __future__ import annotations

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.kit.fanout import Dropped, Fanout, Follower
from awsecs_async.testing import run


async def rest(follower: Follower[int]) -> list[int | Dropped]:
    """All that is still to come."""
    return [item async for item in follower]


async def test_every_follower_gets_every_item() -> None:
    """From the moment on at which it follows."""
    fanout = Fanout[int](10)
    early = fanout.follow()
    fanout.publish(1)
    late = fanout.follow()
    fanout.publish(2)
    fanout.close()
    assert (await rest(early), await rest(late)) == ([1, 2], [2])


async def test_a_slow_reader_is_told_what_it_lost_in_its_place() -> None:
    """The gap is where the lost items were, and the fast reader has no gap."""
    fanout = Fanout[int](3)
    slow, fast = fanout.follow(), fanout.follow()
    seen = []
    for item in range(6):
        fanout.publish(item)
        seen.append(await anext(fast))
    fanout.close()
    assert await rest(slow) == [Dropped(3), 3, 4, 5]
    assert seen == [0, 1, 2, 3, 4, 5]


async def test_a_waiting_reader_is_woken() -> None:
    """Items and the end both reach one who already waits."""
    fanout = Fanout[int](3)
    reading = asyncio.create_task(rest(fanout.follow()))
    await asyncio.sleep(1)
    fanout.publish(1)
    await asyncio.sleep(1)
    fanout.close()
    assert await reading == [1]


async def test_a_cancelled_reader_loses_nothing() -> None:
    """Also an item that came in the turn of the cancellation is still there for the next read."""
    fanout = Fanout[int](3)
    follower = fanout.follow()
    reading = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(1)
    fanout.publish(1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await anext(follower) == 1


async def test_two_readers_of_one_follower_are_refused() -> None:
    """They would take items from each other."""
    follower = Fanout[int](3).follow()
    reading = asyncio.create_task(rest(follower))
    await asyncio.sleep(1)
    with pytest.raises(RuntimeError, match="one reader at a time"):
        await anext(follower)
    follower.end()
    assert await reading == []


async def test_after_the_end_nothing_more() -> None:
    """Publishing after the close is a mistake of the publisher's; a late follower finds an empty stream."""
    fanout = Fanout[int](3)
    fanout.close()
    fanout.close()
    assert await rest(fanout.follow()) == []
    with pytest.raises(RuntimeError, match="after close"):
        fanout.publish(1)
    assert repr(fanout) == "<Fanout closed, 0 followers of 3 items>"


async def test_a_follower_that_leaves_is_forgotten() -> None:
    """Neither one that left its `with` block nor one that was lost costs anything for long."""
    fanout = Fanout[int](3)
    with fanout.follow() as follower:
        fanout.publish(1)
    fanout.publish(2)
    assert repr(follower) == "<Follower ended, 0/3 buffered, 0 dropped>"
    del follower
    gc.collect()
    assert len(fanout) == 0


def test_a_follower_needs_room() -> None:
    """A buffer of nothing would drop everything."""
    with pytest.raises(ValueError, match="at least one"):
        Fanout[int](0)


@given(st.integers(1, 5), st.lists(st.integers(0, 6), max_size=20))
def test_nothing_is_lost_without_being_told(capacity: int, bursts: list[int]) -> None:
    """Items and gaps together always add up to what was published, in order."""

    async def main() -> None:
        fanout, position, published = Fanout[int](capacity), 0, 0
        follower = fanout.follow()
        for burst in bursts:
            for _ in range(burst):
                fanout.publish(published)
                published += 1
            if position < published:
                item = await anext(follower)
                position = position + item.count if isinstance(item, Dropped) else item + 1
        fanout.close()
        async for item in follower:
            if isinstance(item, Dropped):
                position += item.count
            else:
                assert item == position
                position += 1
        assert position == published

    run(main())
