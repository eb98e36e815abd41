"""A call that cannot be meant so is refused, in words that say how it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal

SPEC = TaskSpec(command=["a"])


@pytest.mark.parametrize(
    ("given", "fields", "said"),
    [
        (["a command"], {}, r"a TaskSpec, or its fields by name: command=\[...\]; not 'a command'"),
        ([SPEC], {"cpus": 4, "memory": "8 GB"}, r"not both: replace\(spec, ...\) changes cpus, memory"),
        ([], {"comand": ["a"]}, "comand"),
    ],
)
async def test_a_spec_or_its_fields(given: list[Any], fields: dict[str, Any], said: str) -> None:
    """Fields beside a spec were dropped without a word, and a string failed far from here."""
    async with rehearsal() as (dispatcher, cloud):
        with pytest.raises(TypeError, match=said):
            await dispatcher.submit(*given, **fields)
        assert not dispatcher.tasks()
        assert not cloud.calls["ecs:RunTask"]
