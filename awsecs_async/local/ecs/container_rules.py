"""What RegisterTaskDefinition refuses of a container or volume on whatever compute.

Source: AWS API_ContainerDefinition, API_LinuxParameters, API_Ulimit, API_EnvironmentFile, API_Volume.
"""

from __future__ import annotations

import re
from typing import Final

from awsecs_async.local.wire import Wire, client_exception

_ULIMITS: Final = frozenset(
    {
        *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss"),
        *("rtprio", "rttime", "sigpending", "stack"),
    }
)
_PERMISSIONS: Final = frozenset({"read", "write", "mknod"})
_ENVIRONMENT_FILES_MAX: Final = 10  # API_ContainerDefinition, environmentFiles
_ENVIRONMENT_FILE: Final = re.compile(r"arn:aws[a-z-]*:s3:::[^/]+/.+\.env")
_VOLUME_KINDS: Final = (
    *("dockerVolumeConfiguration", "efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"),
    *("configuredAtLaunch",),
)
_TASK_CPU_UNITS: Final = range(128, 196_609)  # API_RegisterTaskDefinition, cpu
_PID_MODES: Final = (None, "host", "task")
_IPC_MODES: Final = (None, "host", "task", "none")
_ARCHITECTURES: Final = (None, "X86_64", "ARM64")


def check_modes(request: Wire) -> None:
    """The members that take one of a few words."""
    if request.get("pidMode") not in _PID_MODES:
        raise client_exception(f"Invalid pidMode: {request['pidMode']!r}. Use host or task.")
    if request.get("ipcMode") not in _IPC_MODES:
        raise client_exception(f"Invalid ipcMode: {request['ipcMode']!r}. Use host, task or none.")
    architecture = (request.get("runtimePlatform") or {}).get("cpuArchitecture")
    if architecture not in _ARCHITECTURES:
        raise client_exception(f"Invalid cpuArchitecture: {architecture!r}. Use X86_64 or ARM64.")


def check_task_cpu(units: int | None) -> None:
    """A task's CPU units, where Fargate does not say more."""
    if units is not None and units not in _TASK_CPU_UNITS:
        raise client_exception(
            f"Invalid 'cpu' setting for task: {units}. It is 128 (0.125 vCPU) to 196608 (192 vCPU) CPU units."
        )


def check_container(container: Wire, request: Wire) -> None:
    """One container's limits, devices, and what it takes from elsewhere."""
    name = container["name"]
    _check_ulimits(name, container.get("ulimits") or [])
    _check_linux(name, container.get("linuxParameters") or {})
    check_environment_files(name, container.get("environmentFiles") or [])
    if container.get("secrets") and not request.get("executionRoleArn"):
        raise client_exception(
            "When you are specifying container secrets, you must also specify a value for "
            f"'executionRoleArn': container '{name}'."
        )


def _check_ulimits(name: str, ulimits: list[Wire]) -> None:
    seen = set()
    for limit in ulimits:
        kind, soft, hard = limit.get("name"), limit.get("softLimit"), limit.get("hardLimit")
        if kind not in _ULIMITS or kind in seen:
            raise client_exception(f"Invalid or repeated ulimit {kind!r} of container '{name}'.")
        if soft is None or hard is None or (soft > hard >= 0):
            raise client_exception(
                f"Ulimit {kind} of container '{name}' needs a softLimit that is not above its hardLimit."
            )
        seen.add(kind)


def _check_linux(name: str, linux: Wire) -> None:
    for device in linux.get("devices") or ():
        wrong = set(device.get("permissions") or ()) - _PERMISSIONS
        if not device.get("hostPath") or wrong:
            raise client_exception(
                f"A device of container '{name}' needs a hostPath; permissions are read, write and mknod."
            )
    for mount in linux.get("tmpfs") or ():
        if not mount.get("containerPath") or (mount.get("size") or 0) < 1:
            raise client_exception(f"A tmpfs of container '{name}' needs a containerPath and a size in MiB.")
    swappiness = linux.get("swappiness")
    if swappiness is not None and not 0 <= swappiness <= 100:  # noqa: PLR2004 - API_LinuxParameters
        raise client_exception(f"swappiness of container '{name}' is 0 to 100, not {swappiness}.")


def check_environment_files(name: str, files: list[Wire]) -> None:
    """The .env files in S3 that a container takes variables from."""
    if len(files) > _ENVIRONMENT_FILES_MAX:
        raise client_exception(f"Container '{name}' has more than {_ENVIRONMENT_FILES_MAX} environmentFiles.")
    for file in files:
        if file.get("type") != "s3" or not _ENVIRONMENT_FILE.fullmatch(str(file.get("value"))):
            raise client_exception(
                f"An environment file of container '{name}' is of type s3, and its value the ARN of an "
                f"object that ends in .env, not {file.get('value')!r}."
            )


def check_volume(volume: Wire) -> None:
    """One volume is of one kind, and says what that kind needs."""
    name = volume.get("name")
    if not name:
        raise client_exception("Volume.name should not be null or empty.")
    kinds = [kind for kind in _VOLUME_KINDS if volume.get(kind)]
    if (volume.get("host") or {}).get("sourcePath"):
        kinds.append("host")
    if len(kinds) > 1:
        raise client_exception(f"Volume '{name}' is of more than one kind: {', '.join(kinds)}.")
    if volume.get("efsVolumeConfiguration") and not volume["efsVolumeConfiguration"].get("fileSystemId"):
        raise client_exception(f"efsVolumeConfiguration of volume '{name}' needs a fileSystemId.")
