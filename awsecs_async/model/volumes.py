"""Volumes that are there before the task: directories of the host, and EFS file systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from awsecs_async.errors import InvalidTask
from awsecs_async.model.resources import known


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A directory of the host, or of an EFS file system, in the containers.

    Args:
        mount_path: Where it appears; absolute.

        host_path: A directory of the host (not on Fargate).

        efs: An EFS file system's id (``fs-...``), instead of ``host_path``.

        efs_path: The directory in it; its root if None.

        access_point: An EFS access point's id (``fsap-...``).

        iam: Whether the task role is used to mount it.
    """

    mount_path: str
    host_path: str | None = None
    efs: str | None = None
    efs_path: str | None = None
    access_point: str | None = None
    iam: bool = False
    read_only: bool = False

    @classmethod
    def of(cls, value: object) -> Volume:
        """A volume as people write it: ``"/host:/path[:ro]"``, ``"fs-1234:/path[:ro]"``, or a mapping."""
        if isinstance(value, Volume):
            return value
        if isinstance(value, Mapping):
            return cls(**known(cls, "volumes", value))
        parts = value.split(":") if isinstance(value, str) else []
        if len(parts) not in {2, 3} or parts[2:] not in ([], ["ro"], ["rw"]):
            raise InvalidTask(
                "volumes", f"{value!r} is not '/host:/path', 'fs-1234:/path', with ':ro' or not"
            )
        read_only = parts[2:] == ["ro"]
        if parts[0].startswith("fs-"):
            return cls(efs=parts[0], mount_path=parts[1], read_only=read_only)
        return cls(host_path=parts[0], mount_path=parts[1], read_only=read_only)
