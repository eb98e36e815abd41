"""The wall clock: the loop's own where it has one."""

import asyncio
import time

import pytest

from awsecs_async.kit.wall import wall_time
from awsecs_async.testing.loop import WALL_START


async def test_the_loop_tells_the_wall_time() -> None:
    """On virtual time a stamp follows the loop's time."""
    await asyncio.sleep(12.5)
    assert wall_time() == WALL_START + 12.5


@pytest.mark.real_time
async def test_an_ordinary_loop_leaves_it_to_the_system() -> None:
    """In production the stamp is the system's."""
    assert time.time() - 1 <= wall_time() <= time.time() + 1


def test_without_a_loop_the_system_is_asked() -> None:
    """A stamp can be taken before and after the loop runs."""
    assert time.time() - 1 <= wall_time() <= time.time() + 1
