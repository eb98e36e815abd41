"""Ten thousand tasks over twenty shapes: as many definitions as there are shapes, and not one more.

RegisterTaskDefinition is the scarcest of ECS's quotas: one a second. Sizes, commands, variables and disks are
said at launch; what is left for the definition is an image and how its container is made.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest

from awsecs_async.model.lifecycle import State
from awsecs_async.model.task import TaskSpec
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

IMAGES: Final = 5
MAKES: Final[tuple[dict[str, Any], ...]] = (  # of a container: each with every image
    {},
    {"user": "1000"},
    {"container_options": "--privileged"},
    {"container_options": "--ulimit nofile=65536", "working_directory": "/data"},
)
SHAPES: Final = IMAGES * len(MAKES)


def spec_of(number: int) -> TaskSpec:
    """One of twenty shapes; size, command and variables are the task's own."""
    return TaskSpec(
        command=["work", str(number)],
        container=f"registry.example/image-{number % IMAGES}",
        cpus=(1, 2, 4)[number % 3],
        memory=1024 * (1 + number % 7),
        environment={"N": str(number)},
        name=f"task-{number}",
        **MAKES[number // IMAGES % len(MAKES)],
    )


@pytest.mark.parametrize("number_of_tasks", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_many_tasks_over_twenty_shapes_register_twenty_definitions(number_of_tasks: int) -> None:
    """Launched and ended, all of them: twenty registrations, and every launch names one of the twenty."""
    async with TappedCloud(duration_seconds=30) as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        tasks = [await dispatcher.submit(spec_of(number)) for number in range(number_of_tasks)]
        results = [await task.result() for task in tasks]
        assert Counter(r.state for r in results) == {State.SUCCEEDED: number_of_tasks}
        assert len(cloud.of("RegisterTaskDefinition")) == SHAPES
        assert cloud.ecs.launcher.made == number_of_tasks
        launched = Counter(asked.params["taskDefinition"] for asked in cloud.of("RunTask"))
        assert list(launched.values()) == [number_of_tasks // SHAPES] * SHAPES
        assert cloud.throttles.total() == 0
