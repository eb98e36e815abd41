"""What of a container's surroundings may be asked for: privileges, limits, devices, scratch memory.

The same as ``docker run`` has, as far as ECS has it. Written as a value, or as Nextflow's
``containerOptions`` string, which ``docker_options`` reads. Not every kind of capacity has every option: what
one lacks is seen where a task is placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, docker_options, linux, reading, units
from awsecs_async.model.volumes import Volume

_MOST_MIB: Final = 2**31 - 1  # ECS's integers


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOptions:
    """Options of one container (AWS: API_ContainerDefinition, API_LinuxParameters).

    Args:
        privileged: All of the host's privileges.

        init: A small init process in front, which forwards signals and reaps processes.

        read_only: The container's own file system.

        ulimits: (name, soft, hard), or ``"nofile=1024:2048"``; -1 is unlimited.

        devices: (host path, container path, permissions ``rwm``), or ``"/dev/fuse"``.

        tmpfs: (container path, MiB, mount options), or ``"/scratch:noexec,size=64m"``.

        add_capabilities, drop_capabilities: Linux capabilities, with or without ``CAP_``.

        shared_memory: Of ``/dev/shm``, MiB or an amount such as ``"1 GB"``.

        memory_swap: Swap beside the memory (ECS: maxSwap), MiB or an amount; 0 for none.

        swappiness: 0 to 100; ECS heeds it only with memory_swap.

        user, working_directory: As in ``ContainerSpec``, where they may stand instead.

        environment: Variables; those of the task itself win.

        volumes: See ``Volume``.

    Raises:
        InvalidTask: at construction.
    """

    privileged: bool = False
    init: bool = False
    read_only: bool = False
    ulimits: Sequence[tuple[str, int, int]] = ()
    devices: Sequence[tuple[str, str, str]] = ()
    tmpfs: Sequence[tuple[str, int, tuple[str, ...]]] = ()
    add_capabilities: Sequence[str] = ()
    drop_capabilities: Sequence[str] = ()
    shared_memory: int | str | None = None
    memory_swap: int | str | None = None
    swappiness: int | None = None
    user: str | None = None
    working_directory: str | None = None
    environment: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    volumes: Sequence[Volume | str | Mapping[str, object]] = ()

    def __post_init__(self) -> None:
        reading.within("container_options", self, _READINGS)

    @classmethod
    def of(cls, value: object) -> ContainerOptions | None:
        """Options as people write them: Nextflow's string, a mapping, or None.

        Raises:
            InvalidTask: if it is none of these.
        """
        if value is None or isinstance(value, ContainerOptions):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "container_options", value)
        if isinstance(value, str):
            return cls.parse(value)
        names = ", ".join(each.name for each in fields(cls))
        raise InvalidTask(
            "container_options", f"{value!r} is not a string of options, nor a table of {names}"
        )

    @classmethod
    def parse(cls, text: str) -> ContainerOptions | None:
        """Nextflow's ``containerOptions``, such as ``"--privileged --ulimit nofile=1024:2048"``.

        Raises:
            InvalidTask: naming the option, and where it belongs if not here.
        """
        found = docker_options.parse(text)
        return cls(**found) if found else None


def _each(field: str, read: Any, value: object) -> tuple[object, ...]:  # noqa: ANN401 (any reading)
    return tuple(read(each) for each in checks.several(field, value, f"a list of {field}"))


def _mebibytes(field: str, least: int, value: object) -> int:
    if value == 0 and not isinstance(value, bool) and least == 0:
        return 0
    amount = units.parse_memory(value, field=field) if isinstance(value, str) else value
    return checks.whole(field, amount, least, _MOST_MIB, "MiB")


_READINGS: Final = reading.readings(
    ContainerOptions,
    {
        "privileged": partial(checks.flag, "privileged"),
        "init": partial(checks.flag, "init"),
        "read_only": partial(checks.flag, "read_only"),
        "ulimits": partial(_each, "ulimits", linux.ulimit),
        "devices": partial(_each, "devices", linux.device),
        "tmpfs": partial(_each, "tmpfs", linux.tmpfs),
        "add_capabilities": partial(linux.capabilities, "add_capabilities"),
        "drop_capabilities": partial(linux.capabilities, "drop_capabilities"),
        "shared_memory": partial(_mebibytes, "shared_memory", 1),
        "memory_swap": partial(_mebibytes, "memory_swap", 0),
        "swappiness": partial(checks.whole, "swappiness", least=0, most=100),
        "user": partial(checks.user, "user"),
        "working_directory": partial(checks.path, "working_directory"),
        "environment": partial(checks.pairs, "environment"),
        "volumes": Volume.several,
    },
)
