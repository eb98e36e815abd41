"""What one RunTask call says of the task itself, where it differs from its definition: ``overrides``.

Commands, environments, sizes, GPUs and roles are said here, so that tasks which differ in nothing else
share a definition. AWS: API_TaskOverride, API_ContainerOverride.

``Work`` is all that one call can say: one spec at one place, as one attempt. What cannot be launched as
asked, however much room there is, is refused here too, at submit: ``check_work``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import fused
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.quotas import TAGS_MAX
from awsecs_async.model.s3 import in_partition

if TYPE_CHECKING:
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.settings import Target
    from awsecs_async.model.task import TaskSpec

ARRAY_INDEX: Final = "AWSECS_ARRAY_INDEX"
ARRAY_SIZE: Final = "AWSECS_ARRAY_SIZE"

OVERRIDES_TAKEN: Final = 7_500
"""Characters that we let overrides have. RunTask's limit is 8,192 with the JSON's own characters; how it
counts is not documented, and AWS Batch has been seen to refuse at 7,680."""

JSON_WORST: Final = 6  # characters of JSON that one character of ASCII may take: \u0000
JSON_WORST_ABROAD: Final = 12  # and one beyond ASCII: two surrogates of 6
CONTAINER_OVERHEAD: Final = 200  # its fields' names, an array's index and size, GPUs
FILE_OVERHEAD: Final = 64  # of an environment file, beside its ARN
WORD_OVERHEAD: Final = 24  # {"name":"","value":""},
FIXED_OVERHEAD: Final = 600  # names of fields, sizes, a task role's ARN

NO_FUSION: Final = Fusion()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What all members of a launch have in common, and so all that one request can say.

    Args:
        index, size: The place in an array and its length, both None outside arrays.

        fusion: How Fusion tasks run, by the settings.

        attempt: Which attempt of its members this is, from 1; only Fusion tasks differ by it.
    """

    spec: TaskSpec
    placement: Placement
    target: Target
    index: int | None = None
    size: int | None = None
    fusion: Fusion = NO_FUSION
    attempt: int = 1

    @property
    def tags(self) -> dict[str, str]:
        """The target's tags and the task's own, which win."""
        return dict(self.target.tags) | dict(self.spec.tags)


def overrides_of(work: Work) -> dict[str, Any]:
    """RunTask's ``overrides``, however long they are."""
    spec, placement = work.spec, work.placement
    result_from = spec.result_container
    overrides: dict[str, Any] = {
        "containerOverrides": [
            _container(name, container, work, is_result=name == result_from)
            for name, container in _containers(spec)
        ],
        "cpu": str(placement.cpu_units),
        "memory": str(placement.memory_mib),
    }
    if role := spec.task_role or work.target.task_role:
        overrides["taskRoleArn"] = role
    if placement.ephemeral_gib is not None:
        overrides["ephemeralStorage"] = {"sizeInGiB": placement.ephemeral_gib}
    return overrides


def length(overrides: dict[str, Any]) -> int:
    """Characters of JSON."""
    return len(json.dumps(overrides, separators=(",", ":")))


def surely_fits(work: Work) -> bool:
    """Whether RunTask takes the overrides, as far as it can be known without rendering: of nearly all."""
    return _longest(work) <= OVERRIDES_TAKEN


def variables(container: ContainerSpec | TaskSpec) -> dict[str, str]:
    """The container's own environment variables; those of its options are the weaker ones."""
    options = container.container_options
    if isinstance(options, ContainerOptions):
        return dict(options.environment) | dict(container.environment)
    return dict(container.environment)


def environment_files(container: ContainerSpec | TaskSpec, target: Target) -> list[dict[str, str]]:
    """The container's own, where this target is."""
    partition = target.partition
    return [{"value": in_partition(arn, partition), "type": "s3"} for arn in container.environment_files]


def check_work(work: Work) -> None:
    """Refuse what can never be launched so.

    Raises:
        InvalidTask: naming the field and the mend.
    """
    if len(work.target.tags) + len(work.spec.tags) > TAGS_MAX and len(work.tags) > TAGS_MAX:
        raise InvalidTask(
            "tags", f"{len(work.tags)} of them with those of the settings; AWS allows {TAGS_MAX} to a task"
        )
    if work.spec.execute_command and not (
        work.spec.task_role or work.target.task_role or work.target.runs_processes
    ):
        raise InvalidTask(
            "execute_command",
            "ECS Exec works through the task's role: set task_role, or taskRole in the settings",
        )
    fused.check(work.spec, work.fusion)


def _containers(spec: TaskSpec) -> list[tuple[str, ContainerSpec | TaskSpec]]:
    # The one-container form has the same fields: to make its container would cost as much as all the rest.
    return [(container.name, container) for container in spec.containers] or [(spec.result_container, spec)]


def _container(
    name: str, container: ContainerSpec | TaskSpec, work: Work, *, is_result: bool
) -> dict[str, Any]:
    command, environment = list(container.command), variables(container)
    if is_result and fused.is_on(work.spec, work.fusion):
        command = fused.command(work.spec, container, work.attempt)
        environment = fused.variables(work.spec, work.fusion, work.target.region) | environment
    if work.index is not None:
        environment |= {ARRAY_INDEX: str(work.index), ARRAY_SIZE: str(work.size)}
    override: dict[str, Any] = {"name": name}
    if command:
        override["command"] = command
    if environment:
        override["environment"] = [{"name": n, "value": v} for n, v in environment.items()]
    if container.environment_files:
        override["environmentFiles"] = environment_files(container, work.target)
    if is_result and work.placement.gpus:
        override["resourceRequirements"] = [{"type": "GPU", "value": work.placement.gpus}]
    return override


def _longest(work: Work) -> int:
    """No fewer characters than the overrides will have."""
    spec, characters, words = work.spec, FIXED_OVERHEAD, 0
    for name, container in _containers(spec):
        texts = [name, *container.command]
        for pair in variables(container).items():
            texts += pair
        characters += sum(len(t) * (JSON_WORST if t.isascii() else JSON_WORST_ABROAD) for t in texts)
        characters += CONTAINER_OVERHEAD + sum(
            len(arn) + FILE_OVERHEAD for arn in container.environment_files
        )
        words += len(texts)
    if fused.is_on(spec, work.fusion):
        characters += fused.longest(spec, work.fusion, work.target.region)
    return characters + words * WORD_OVERHEAD
