"""What of a container's surroundings may be asked for: privileges, limits, devices, scratch memory.

The same as ``docker run`` has, as far as ECS has it; ``parse`` reads Nextflow's ``containerOptions``.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from awsecs_async.errors import InvalidTask
from awsecs_async.model.resources import known


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOptions:
    """Options of one container (AWS: API_ContainerDefinition, API_LinuxParameters).

    Args:
        ulimits: (name, soft, hard).

        devices: (host path, container path, permissions ``rwm``).

        tmpfs: (container path, MiB, mount options).

        shared_memory, memory_swap: MiB.

        swappiness: 0 to 100.
    """

    privileged: bool = False
    init: bool = False
    read_only: bool = False
    ulimits: Sequence[tuple[str, int, int]] = ()
    devices: Sequence[tuple[str, str, str]] = ()
    tmpfs: Sequence[tuple[str, int, tuple[str, ...]]] = ()
    add_capabilities: Sequence[str] = ()
    drop_capabilities: Sequence[str] = ()
    shared_memory: int | None = None
    memory_swap: int | None = None
    swappiness: int | None = None
    user: str | None = None
    working_directory: str | None = None
    environment: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, value: object) -> ContainerOptions | None:
        """Options as people write them: Nextflow's string, a mapping, or None."""
        if value is None or isinstance(value, ContainerOptions):
            return value
        if isinstance(value, Mapping):
            return cls(**known(cls, "container_options", value))
        if isinstance(value, str):
            return cls.parse(value)
        names = ", ".join(each.name for each in fields(cls))
        raise InvalidTask("container_options", f"{value!r} is not a string of options, nor one of {names}")

    @classmethod
    def parse(cls, text: str) -> ContainerOptions | None:
        """Nextflow's ``containerOptions``, such as ``"--privileged --ulimit nofile=1024:2048"``."""
        if not shlex.split(text):
            return None
        raise InvalidTask("container_options", f"{text!r}: this version reads no options yet")
