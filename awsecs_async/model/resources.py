"""What a task may ask of a machine beyond CPU and memory: accelerators and a disk of its own.

Each value takes what people write (``2``, ``"2 nvidia-tesla-t4"``, ``"500 GB gp3"``, a mapping as TOML and
JSON have it) and holds plain numbers afterwards. Whether there is such a machine is not decided here: see
``engine/placement``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, get_args

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, reading, units

VolumeType = Literal["gp2", "gp3", "io1", "io2", "st1", "sc1"]
FileSystem = Literal["xfs", "ext3", "ext4"]

DEFAULT_MOUNT_PATH: Final = "/tmp"  # noqa: S108 (where tools write what they need for a while)

ALL: Final = -1.0
"""An accelerator count that stands for all of the instance's (AWS: "ALL" on Managed Instances)."""

_ACCELERATOR = re.compile(r"(?:(?P<count>all|[\d.]+)\s*[x:]?\s*)?(?P<type>[A-Za-z][\w .-]*)?", re.IGNORECASE)
_DISK = re.compile(
    r"(?P<size>[\d.]+\s*[A-Za-z]*)(?:[\s,:]+(?P<type>[A-Za-z]\w*)(?!\w*=))?(?P<rest>([\s,]+\w+=[^\s,]+)*)"
)
_WRITTEN_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """GPUs or other accelerators.

    Args:
        count: How many; a fraction where the provider has fractional GPUs, ``ALL`` for an instance's all.

        type: Such as ``nvidia-tesla-t4`` or ``a10g``; None takes any.
    """

    count: float = 1.0
    type: str | None = None

    def __post_init__(self) -> None:
        reading.within("accelerator", self, _ACCELERATOR_READINGS)

    @classmethod
    def of(cls, value: object) -> Accelerator:
        """An accelerator as people write it: ``1``, ``"2 nvidia-tesla-t4"``, ``{count = 1, type = "l4"}``."""
        if isinstance(value, Accelerator):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "accelerator", value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value != ALL:
            return cls(count=value)
        match = _ACCELERATOR.fullmatch(value.strip()) if isinstance(value, str) and value.strip() else None
        if match is None:
            raise InvalidTask("accelerator", f"{value!r} is not a count, or a count and a type: 1, '2 a10g'")
        count, kind = match["count"] or "1", match["type"]
        if kind and kind.lower() == "all" and not match["count"]:
            count, kind = "all", None
        try:
            return cls(count=ALL if count.lower() == "all" else float(count), type=kind)
        except ValueError:
            raise InvalidTask("accelerator", f"{count!r} is not a number") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Storage of the task's own, gone with it.

    Args:
        size: GiB, or an amount such as ``"500 GB"``; GiB after construction.

        type: The EBS volume type; None takes the provider's own storage, or gp3.

        iops, throughput: Of the volume (operations and MiB a second); None takes the type's own.

        mount_path: Where it appears in the containers.

        encrypted: None leaves it to the account's default.
    """

    size: int | str
    type: VolumeType | None = None
    iops: int | None = None
    throughput: int | None = None
    mount_path: str = DEFAULT_MOUNT_PATH
    encrypted: bool | None = None
    filesystem: FileSystem | None = None

    def __post_init__(self) -> None:
        reading.within("disk", self, _DISK_READINGS)

    @property
    def gib(self) -> int:
        """The size in GiB."""
        assert isinstance(self.size, int)  # noqa: S101 (after construction)
        return self.size

    @classmethod
    def of(cls, value: object) -> Disk:
        """A disk as people write it: ``500`` GiB, ``"500 GB"``, ``"1 TB io2 iops=4000 mount_path=/data"``,
        ``{size = "1 TB", ...}``.
        """
        if isinstance(value, Disk):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "disk", value)
        if isinstance(value, int) and not isinstance(value, bool):
            return cls(size=value)
        match = _DISK.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise InvalidTask("disk", f"{value!r} is not a size, or a size and a type: '500 GB', '1 TB gp3'")
        size, kind = match["size"], match["type"]
        if size.strip().replace(".", "").isdigit():
            size += " GB"
        rest = dict(word.split("=", 1) for word in re.split(r"[\s,]+", match["rest"]) if word)
        if "size" in rest or (kind and "type" in rest):
            raise InvalidTask("disk", f"{value!r} says its size or type twice")
        return reading.made(cls, "disk", {"size": size, "type": kind} | {n: _written(rest[n]) for n in rest})


def _written(text: str) -> object:
    """A member as a string has it: a number, true or false, or a word."""
    return int(text) if text.isdecimal() else _WRITTEN_FLAGS.get(text.lower(), text)


def _count(value: object) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not (value == ALL or 0 < value <= _MOST)
    ):
        raise InvalidTask("count", f"{value!r} is not a number of accelerators, such as 1")
    return float(value)


def _gib(value: object) -> int:
    if isinstance(value, str):
        return -(-units.parse_memory(value, field="size") // 1024)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidTask("size", f"{value!r} is not a size such as '500 GB', or a whole number of GiB")
    return value


def _one_of(field: str, kinds: object, value: object) -> object:
    if value not in get_args(kinds):
        raise InvalidTask(field, f"{value!r} is not one of {', '.join(get_args(kinds))}")
    return value


_MOST: Final = 10**9  # what a volume type has is looked up later: see model/disk

_ACCELERATOR_READINGS: Final = reading.readings(
    Accelerator,
    {
        "count": _count,
        "type": reading.optional(partial(checks.text, "type", what="an accelerator's name", most=128)),
    },
)
_DISK_READINGS: Final = reading.readings(
    Disk,
    {
        "size": _gib,
        "type": reading.optional(partial(_one_of, "type", VolumeType)),
        "iops": reading.optional(
            partial(checks.whole, "iops", least=1, most=_MOST, what="operations a second")
        ),
        "throughput": reading.optional(
            partial(checks.whole, "throughput", least=1, most=_MOST, what="MiB a second")
        ),
        "mount_path": partial(checks.mount, "mount_path"),
        "encrypted": reading.optional(partial(checks.flag, "encrypted")),
        "filesystem": reading.optional(partial(_one_of, "filesystem", FileSystem)),
    },
)
