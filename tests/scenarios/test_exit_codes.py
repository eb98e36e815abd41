"""Exit codes over thousands of tasks on a bad day: right, or reported missing; never wrong (SC-003).

Every task knows the code it will exit with. The network cuts answers, calls are throttled and refused, ECS
shows tasks late, spot takes machines, and now and then ECS itself never learns a code.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Final

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.faults import (
    DROP_AFTER,
    DROP_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    THROTTLE,
    Faults,
    Rule,
)
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.market import DEMAND, SPOT, add_providers

if TYPE_CHECKING:
    from awsecs_async.model.result import Result

CODES: Final = (*range(256), *[0] * 256)  # half of them succeed
UNLEARNED: Final = 100  # one task in so many has an exit code that nobody ever learns


def bad_day(seed: int) -> Faults:
    """Every twentieth call goes wrong in one of five ways."""
    kinds = (DROP_BEFORE, DROP_AFTER, ERROR_BEFORE, ERROR_AFTER, THROTTLE)
    rules = tuple(Rule(kind=kind, probability=0.01) for kind in kinds)
    return Faults(rules=rules, visibility_delay_seconds=3.0, seed=seed)


def code_of(number: int, chance: random.Random) -> int | None:
    """What task ``number`` exits with; None for what ECS never learns."""
    return None if number % UNLEARNED == 0 else chance.choice(CODES)


async def outcome_of_storm(cloud: Cloud, codes: list[int | None], seed: int) -> list[Result]:
    """Run a task for each of these codes through a bad day; their results, in order."""
    chance = random.Random(seed)
    target = Target(cluster="local", runs_processes=True, capacity_providers=(SPOT, DEMAND))
    async with rehearsal(cloud=cloud, targets=(target,), max_spot_attempts=2) as (dispatcher, _):
        cloud.set_faults(bad_day(seed))
        tasks = []
        for number, code in enumerate(codes):
            script = json.dumps({"duration": chance.uniform(0, 300), "exit": code})
            environment = {"AWSECS_SCRIPT": script}
            tasks.append(await dispatcher.submit(command=[str(number)], environment=environment))
        for _ in range(3):
            await asyncio.sleep(60)
            cloud.interrupt_spot(0.5)
        return [await task.result() for task in tasks]


@pytest.mark.parametrize(
    ("number_of_tasks", "seed"),
    [(300, 0), *(pytest.param(2_000, seed, marks=pytest.mark.slow) for seed in (1, 2))],
)
async def test_exit_codes_are_right_or_missing_and_never_wrong(number_of_tasks: int, seed: int) -> None:
    """Every code that ECS learned is told, and none is told otherwise."""
    chance = random.Random(seed)
    codes = [code_of(number, chance) for number in range(number_of_tasks)]
    async with Cloud() as cloud:
        await add_providers(cloud)
        results = await outcome_of_storm(cloud, codes, seed)
        assert cloud.faults.met.keys() >= {DROP_AFTER, ERROR_AFTER, THROTTLE}
        assert cloud.ecs.launcher.launches == {r.title: len(r.attempts) for r in results}, (
            "one unknown to us ran"
        )
    assert [result.exit_code for result in results] == codes
    for result, code in zip(results, codes, strict=True):
        expected = {0: State.SUCCEEDED, None: State.LOST}.get(code, State.FAILED)
        assert result.state is expected
    assert sum(result.spot_interruptions for result in results) > number_of_tasks // 10
