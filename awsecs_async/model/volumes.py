"""Volumes that are there before the task: directories of the host, and EFS file systems.

A volume is one place in the containers. Where two containers, or two places, have the same source, the task
definition has it once: ``name`` is made of the source alone, so it is the same in every definition. The EBS
volume that a task's ``disk`` becomes is none of these: see ``Disk``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, reading

_FILE_SYSTEM = re.compile(r"fs-[0-9a-f]{8,40}")  # AWS: EFS API_CreateMountTarget
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]{8,40}")  # AWS: EFS API_AccessPointDescription
_TEXT = re.compile(r"(?P<source>[^:]+):(?P<mount>[^:]+)(?::(?P<mode>ro|rw))?")
_FORM: Final = "'/host:/path', 'fs-12345678:/path' or 'fs-12345678/dir:/path', with ':ro' after it or not"

_LIST: Final = "a list of volumes, such as ['/host:/path']"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A directory of the host, or of an EFS file system, in the containers (AWS: API_Volume, API_MountPoint).

    Args:
        mount_path: Where it appears; absolute.

        host_path: A directory of the host (not on Fargate). On Managed Instances the root file system is
            read-only: what is to be written lies below ``/var`` or ``/tmp``.

        efs: An EFS file system's id (``fs-...``), instead of ``host_path``.

        efs_path: The directory in it; its root if None. Not with an access point, which has its own.

        access_point: An EFS access point's id (``fsap-...``). The data is encrypted on its way then.

        iam: Whether the task role is used to mount it. The data is encrypted on its way then.

    Raises:
        InvalidTask: at construction.
    """

    mount_path: str
    host_path: str | None = None
    efs: str | None = None
    efs_path: str | None = None
    access_point: str | None = None
    iam: bool = False
    read_only: bool = False

    def __post_init__(self) -> None:
        reading.within("volumes", self, _READINGS)
        if (self.host_path is None) == (self.efs is None):
            raise InvalidTask("volumes", f"{self.mount_path}: give host_path or efs, one of the two")
        if self.efs is None and (self.efs_path is not None or self.access_point is not None or self.iam):
            raise InvalidTask("volumes", "efs_path, access_point and iam go with efs, not with host_path")
        if self.access_point is not None and self.efs_path not in {None, "/"}:
            raise InvalidTask("volumes", "efs_path: an access point has a directory of its own; leave it out")

    def __str__(self) -> str:
        """As people write it; an access point and IAM have no place in that."""
        source = self.host_path or f"{self.efs}{self.efs_path or ''}"
        return f"{source}:{self.mount_path}{':ro' if self.read_only else ''}"

    @property
    def name(self) -> str:
        """What the task definition calls its source; the same for the same source."""
        source = (self.host_path, self.efs, self.efs_path, self.access_point, self.iam)
        return f"{'efs' if self.efs else 'host'}-{hashlib.sha256(repr(source).encode()).hexdigest()[:12]}"

    @property
    def is_encrypted_in_transit(self) -> bool:
        """Whether its data is encrypted on its way; ECS asks for that with access points and IAM."""
        return self.iam or self.access_point is not None

    @classmethod
    def of(cls, value: object) -> Volume:
        """A volume as people write it: ``"/host:/path[:ro]"``, ``"fs-12345678[/dir]:/path[:ro]"``, a mapping.

        Raises:
            InvalidTask: if it is none of these.
        """
        if isinstance(value, Volume):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "volumes", value)
        match = _TEXT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise InvalidTask("volumes", f"{value!r} is not {_FORM}")
        source, mount, read_only = match["source"], match["mount"], match["mode"] == "ro"
        if source.startswith("/"):
            return cls(host_path=source, mount_path=mount, read_only=read_only)
        if not source.startswith("fs-"):
            raise InvalidTask(
                "volumes", f"{value!r}: {source!r} is no absolute path and no EFS id; Docker's named volumes "
                f"do not exist here. Write {_FORM}",
            )  # fmt: skip
        efs, slash, directory = source.partition("/")
        return cls(efs=efs, efs_path=slash + directory or None, mount_path=mount, read_only=read_only)

    @classmethod
    def several(cls, value: object) -> tuple[Volume, ...]:
        """A list of volumes."""
        return tuple(cls.of(each) for each in checks.several("volumes", value, _LIST))


def _id(field: str, form: re.Pattern[str], example: str, value: object) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidTask(field, f"{value!r} is not an id such as {example!r}")
    return value


_READINGS: Final = reading.readings(
    Volume,
    {
        "mount_path": partial(checks.mount, "mount_path"),
        "host_path": partial(checks.path, "host_path"),
        "efs": partial(_id, "efs", _FILE_SYSTEM, "fs-12345678"),
        "efs_path": partial(checks.path, "efs_path"),
        "access_point": partial(_id, "access_point", _ACCESS_POINT, "fsap-12345678"),
        "iam": partial(checks.flag, "iam"),
        "read_only": partial(checks.flag, "read_only"),
    },
)
