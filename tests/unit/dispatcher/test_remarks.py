"""What was raised to fit is told: on the task, and once in the log."""

from __future__ import annotations

import logging

import pytest

from awsecs_async.model.task import TaskSpec
from tests.unit.dispatcher.market import FARGATE, at_market


async def test_what_was_raised_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Twenty copies of a size that Fargate has not: each task says what it got, the log says it once."""
    with caplog.at_level(logging.INFO, logger="awsecs_async"):
        async with at_market(FARGATE) as (dispatcher, _):
            spec = TaskSpec(command=["a"], cpus=3, memory="5 GB")
            tasks = await dispatcher.submit_copies(spec, 20)
            plain = await dispatcher.submit(command=["b"], cpus=1, memory="2 GB")
            await dispatcher.drain()
    assert all("cpus 3 raised to 4" in task.remarks[0] for task in tasks)
    assert plain.remarks == ()
    said = [record.getMessage() for record in caplog.records if "adjusted" in record.getMessage()]
    assert len(said) == 1
    assert "raised to 4" in said[0]
