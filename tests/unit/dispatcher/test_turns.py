"""The dispatcher lives in somebody else's event loop: a loop of submits leaves that host its turns."""

from __future__ import annotations

import asyncio

from awsecs_async.engine.intake import ADMISSIONS_PER_TURN
from awsecs_async.testing.rehearsal import rehearsal


async def test_a_loop_of_submits_gives_its_host_a_turn() -> None:
    """Nothing in submit waits with a journal in memory, and yet others run meanwhile."""
    async with rehearsal() as (dispatcher, _):
        submitted = 0
        turns: list[int] = []
        asyncio.get_running_loop().call_soon(lambda: turns.append(submitted))
        for _ in range(2 * ADMISSIONS_PER_TURN):
            await dispatcher.submit(command=["true"])
            submitted += 1
        assert turns
        assert turns[0] < ADMISSIONS_PER_TURN
