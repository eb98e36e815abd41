"""A task definition that was there before the task, named where the image would be.

``container="task-definition://FAMILY[:REVISION][#CONTAINER]"`` runs it as it is: nothing is rendered or
registered. RunTask says of it what it says of any other: command, variables and their files, size, GPUs,
roles and Fargate's storage. What only a definition can say is said in that one, and refused of the task: who
has both must not have to guess which of them holds.

Without a revision it is the newest ACTIVE one at the time of the first launch. CONTAINER is the one whose
command is overridden and whose exit code counts. Whether there are such a family and such a container is only
known when it is launched: see ``engine/definitions``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from awsecs_async.errors import InvalidTask
from awsecs_async.model.container import MAIN

if TYPE_CHECKING:
    from awsecs_async.model.task import TaskSpec

SCHEME: Final = "task-definition://"
FORM: Final = f"{SCHEME}FAMILY[:REVISION][#CONTAINER]"

# AWS: API_RegisterTaskDefinition, family; API_ContainerDefinition, name
_NAMED = re.compile(r"(?P<name>[\w-]{1,255}(?::[1-9]\d*)?)(?:#(?P<container>[\w-]{1,255}))?", re.ASCII)

# What only a definition can say, and what says nothing.
_ITS_OWN: Final[tuple[tuple[str, object], ...]] = (
    ("entry_point", None), ("working_directory", None), ("user", None), ("stop_timeout", None),
    ("container_options", None), ("volumes", ()), ("secrets", ()),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDefinition:
    """A definition by its name.

    Args:
        name: The family, or ``family:revision``.

        container: The container that the task's command and exit code are about.
    """

    name: str
    container: str = MAIN

    @classmethod
    def of(cls, text: str) -> Self:
        """What ``task-definition://...`` names.

        Raises:
            InvalidTask: if it has not that form.
        """
        match = _NAMED.fullmatch(text.removeprefix(SCHEME))
        if match is None:
            raise InvalidTask("container", f"{text!r} is not {FORM}")
        return cls(name=match["name"], container=match["container"] or MAIN)


def is_named(container: str | None) -> bool:
    """Whether this is the name of a task definition, and not of an image."""
    return container is not None and container.startswith(SCHEME)


def container_name(container: str | None) -> str:
    """What the container of the one-container form is called, whose image (or definition) this is."""
    if container is None or not container.startswith(SCHEME):
        return MAIN
    return NamedDefinition.of(container).container


def check(spec: TaskSpec) -> None:
    """Refuse what a task cannot say of a definition that is there already; nothing for any other task.

    Raises:
        InvalidTask: naming the field and the mend.
    """
    if any(is_named(each.container) for each in spec.containers):
        raise InvalidTask(
            "containers",
            "a task definition has containers of its own: name it alone, as the task's container",
        )
    if not is_named(spec.container):
        return
    named = NamedDefinition.of(spec.container or "")
    for field, nothing in _ITS_OWN:
        if getattr(spec, field) != nothing:
            raise InvalidTask(field, f"belongs into the task definition {named.name}, which is run as it is")
    if spec.fusion or spec.work_dir is not None:
        raise InvalidTask(
            "fusion" if spec.fusion else "work_dir",
            f"Fusion belongs into the task definition {named.name}, which is run as it is",
        )
