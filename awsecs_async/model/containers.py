"""Several containers of one task: that they hang together, and whose exit code counts.

ECS checks most of this when a definition is registered, minutes after a task was submitted; here it is told
to the submitter. Source: API_ContainerDependency, and the quotas of a task definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from awsecs_async.errors import InvalidTask
from awsecs_async.model.quotas import CONTAINERS_PER_DEFINITION_MAX

if TYPE_CHECKING:
    from awsecs_async.model.container import ContainerSpec


def check_together(containers: Sequence[ContainerSpec], result_from: str | None) -> None:
    """Nothing, if these can be one task.

    Raises:
        InvalidTask: if they cannot, or if it is open whose exit code counts.
    """
    if len(containers) > CONTAINERS_PER_DEFINITION_MAX:
        raise InvalidTask(
            "containers", f"{len(containers)} of them; ECS allows {CONTAINERS_PER_DEFINITION_MAX}"
        )
    names = [c.name for c in containers]
    if len(set(names)) < len(names):
        raise InvalidTask("containers", f"two have the same name: {', '.join(sorted(names))}")
    essential = [c.name for c in containers if c.essential]
    if not essential:
        raise InvalidTask("containers", "at least one must be essential, or the task would never end")
    if result_from is None and len(essential) > 1:
        raise InvalidTask("result_from", f"say whose exit code counts: one of {', '.join(names)}")
    if result_from is not None and result_from not in names:
        raise InvalidTask("result_from", f"{result_from!r} is none of {', '.join(names)}")
    _check_dependencies(containers)


def _check_dependencies(containers: Sequence[ContainerSpec]) -> None:
    by_name = {container.name: container for container in containers}
    for container in containers:
        for dependency in container.depends_on:
            other = by_name.get(dependency.container)
            if other is None or other is container:
                raise InvalidTask(
                    "depends_on",
                    f"{container.name} waits for {dependency.container!r}, which is no other container",
                )
            if other.essential and dependency.condition in {"COMPLETE", "SUCCESS"}:
                raise InvalidTask(
                    "depends_on",
                    f"{container.name} waits for the end of {other.name}, which is essential, so that its "
                    "end is the task's; make it essential=False",
                )
            if dependency.condition == "HEALTHY" and other.health_check is None:
                raise InvalidTask(
                    "depends_on",
                    f"{container.name} waits until {other.name} is healthy, which has no health_check",
                )
    graph = {c.name: [dependency.container for dependency in c.depends_on] for c in containers}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        raise InvalidTask(
            "depends_on", f"these containers wait for each other: {' -> '.join(cycle.args[1])}"
        ) from None
