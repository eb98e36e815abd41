"""Ulimits, devices, scratch memory and capabilities of a container, read from what people write.

Each is a tuple afterwards. People write them as ``docker run`` has them (``nofile=1024:2048``), as a list, or
as a table. The names are those that ECS knows.
Source: API_Ulimit, API_Device, API_Tmpfs, API_KernelCapabilities.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, units

Ulimit = tuple[str, int, int]  # name, soft, hard
Device = tuple[str, str, str]  # host path, container path, permissions
Tmpfs = tuple[str, int, tuple[str, ...]]  # container path, MiB, mount options

UNLIMITED: Final = -1

_ULIMITS: Final = (
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
    "rtprio", "rttime", "sigpending", "stack",
)  # fmt: skip
_CAPABILITIES: Final = (
    "ALL", "AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE",
    "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
    "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE",
    "NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT",
    "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE",
    "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
)  # fmt: skip
_MOUNT_OPTIONS: Final = (
    "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync",
    "remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable",
    "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave", "relatime", "norelatime",
    "strictatime", "nostrictatime", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol",
)  # fmt: skip
_MOST: Final = 2**31 - 1  # ECS's integers
_BYTES_DIGITS: Final = 7  # a bare number of so many digits can only be bytes
_ULIMIT = re.compile(r"(?P<name>[a-z]+)=(?P<soft>-?\d{1,10})(?::(?P<hard>-?\d{1,10}))?")
_PERMISSIONS = re.compile(r"(?!.*(.).*\1)[rwm]{1,3}")  # each once


def ulimit(value: object) -> Ulimit:
    """(name, soft, hard) of ``"nofile=1024:2048"``, ``("nofile", 1024)`` or ``{name = ..., soft = ...}``."""
    if isinstance(value, str) and (match := _ULIMIT.fullmatch(value)):
        value = (match["name"], int(match["soft"]), int(match["hard"] or match["soft"]))
    parts = _parts("ulimits", value, ("name", "soft", "hard"), "'nofile=1024:2048'", least=2)
    name, soft, hard = (*parts, parts[1])[:3]
    if name not in _ULIMITS:
        raise InvalidTask("ulimits", f"{name!r} is none of ECS's: {', '.join(_ULIMITS)}")
    soft, hard = (checks.whole(f"ulimits: {name}", each, UNLIMITED, _MOST) for each in (soft, hard))
    if hard != UNLIMITED and (soft > hard or soft == UNLIMITED):
        raise InvalidTask("ulimits", f"{name}: the soft limit {soft} is over the hard limit {hard}")
    return str(name), soft, hard


def device(value: object) -> Device:
    """(host path, container path, permissions) of ``"/dev/fuse"``, ``"/dev/a:/dev/b:rw"``, a list or so."""
    if isinstance(value, str):
        value = value.split(":")
        if len(value) == 2 and not value[1].startswith("/"):  # noqa: PLR2004 (docker's /dev/a:rw)
            value.insert(1, value[0])
    parts = _parts("devices", value, ("host_path", "container_path", "permissions"), "'/dev/fuse'", least=1)
    host = checks.path("devices", parts[0])
    inside = checks.path("devices", parts[1]) if len(parts) > 1 else host
    permissions = parts[2] if len(parts) > 2 else "rwm"  # noqa: PLR2004 (the third)
    if not isinstance(permissions, str) or not _PERMISSIONS.fullmatch(permissions):
        raise InvalidTask("devices", f"{host}: {permissions!r} is not made of r, w and m, each once")
    return host, inside, "".join(sorted(permissions, key="rwm".index))


def tmpfs(value: object) -> Tmpfs:
    """(container path, MiB, mount options) of ``"/scratch:noexec,size=64m"``, a list or a table."""
    if isinstance(value, str):
        value = _tmpfs_text(value)
    parts = _parts("tmpfs", value, ("path", "size", "options"), "'/scratch:size=64m'", least=2)
    path, size = checks.path("tmpfs", parts[0]), parts[1]
    if isinstance(size, str):
        size = units.parse_memory(size, field="tmpfs")
    options = checks.texts("tmpfs", parts[2]) if len(parts) > 2 else ()  # noqa: PLR2004 (the third)
    for option in options:
        if option.partition("=")[0] not in _MOUNT_OPTIONS:
            raise InvalidTask("tmpfs", f"{path}: {option!r} is no mount option that ECS knows")
    return path, checks.whole(f"tmpfs: {path}", size, 1, _MOST, "MiB"), options


def capabilities(field: str, value: object) -> tuple[str, ...]:
    """Names of Linux capabilities as ECS has them, without ``CAP_``, sorted: their order means nothing."""
    found = {name.upper().removeprefix("CAP_") for name in checks.texts(field, value)}
    for name in sorted(found):
        if name not in _CAPABILITIES:
            close = get_close_matches(name, _CAPABILITIES, n=1)
            raise InvalidTask(
                field, f"{name!r} is no capability that ECS knows{f'; perhaps {close[0]}' if close else ''}"
            )
    return tuple(sorted(found))


def docker_mebibytes(field: str, text: str) -> str:
    """A size as ``docker run`` writes it; a bare number is MiB, as Nextflow's awsbatch executor reads it."""
    if text.isdecimal() and len(text) >= _BYTES_DIGITS:
        raise InvalidTask(field, f"{text} without a unit is taken for MiB; write, say, 64m or 2g")
    return text


def _tmpfs_text(text: str) -> Sequence[object]:
    path, _, rest = text.partition(":")
    options = [option for option in rest.split(",") if option]
    sizes = [option.removeprefix("size=") for option in options if option.startswith("size=")]
    if len(sizes) != 1:
        raise InvalidTask("tmpfs", f"{text!r}: ECS needs one size: '{path}:size=64m'")
    return path, docker_mebibytes("tmpfs", sizes[0]), [o for o in options if not o.startswith("size=")]


def _parts(
    field: str, value: object, names: tuple[str, ...], example: str, *, least: int
) -> tuple[object, ...]:
    """The parts of a list or a table, so many at least."""
    if isinstance(value, Mapping):
        if unknown := [name for name in value if name not in names]:
            raise InvalidTask(field, f"{unknown[0]!r} is not one of {', '.join(names)}")
        value = _in_order(value, names)
    if isinstance(value, str) or not isinstance(value, Sequence) or not least <= len(value) <= len(names):
        raise InvalidTask(field, f"{value!r} is not written as {example}, nor as {', '.join(names)}")
    return tuple(value)


def _in_order(table: Mapping[str, object], names: tuple[str, ...]) -> list[object]:
    """The members that are there, up to the first that is not."""
    found: list[object] = []
    for name in names:
        if name not in table:
            break
        found.append(table[name])
    return found
