"""What is mounted in a container: its own volumes, and those that the settings give to all tasks of a target.

The task goes first: where it mounts something itself, be it a volume, scratch memory or its disk, the
settings mount nothing. A definition that was there before the task has its own mounts, and is run as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.model.named import is_named

if TYPE_CHECKING:
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.settings import Target
    from awsecs_async.model.volumes import Volume


def mounted(container: ContainerSpec, target: Target, disk: str | None) -> tuple[Volume, ...]:
    """All of its volumes; ``disk`` is where the task's EBS volume appears in it."""
    return (*container.all_volumes, *given(container, target, disk))


def given(container: ContainerSpec, target: Target, disk: str | None = None) -> tuple[Volume, ...]:
    """The volumes that the settings give it."""
    if not target.volumes or is_named(container.container):
        return ()
    own = (*(v.mount_path for v in container.all_volumes), *(t[0] for t in container.options.tmpfs))
    taken = {path.rstrip("/") for path in (*own, disk) if path is not None}
    return tuple(volume for volume in target.volumes if volume.mount_path.rstrip("/") not in taken)
