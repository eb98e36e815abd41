"""How a container is shut in: from the task definition's words to those of Podman and Docker.

Source: AWS API_LinuxParameters, API_Ulimit and API_ContainerDefinition.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.local.runtimes.port import Box
from awsecs_async.local.wire import Wire

_LETTERS: Final = {"read": "r", "write": "w", "mknod": "m"}
_PLAIN: Final = Box()
_SAYING: Final = ("linuxParameters", "ulimits", "privileged", "readonlyRootFilesystem")


def box_of(container: Wire, definition: Wire) -> Box:
    """The box of one container of a task definition."""
    modes = definition.get("pidMode"), definition.get("ipcMode")
    if modes == (None, None) and not any(name in container for name in _SAYING):
        return _PLAIN  # as ten thousand times in a simulation
    linux = container.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    return Box(
        privileged=bool(container.get("privileged")),
        read_only_root=bool(container.get("readonlyRootFilesystem")),
        capabilities_added=tuple(capabilities.get("add") or ()),
        capabilities_dropped=tuple(capabilities.get("drop") or ()),
        devices=tuple(_device(item) for item in linux.get("devices") or ()),
        tmpfs=tuple(_tmpfs(item) for item in linux.get("tmpfs") or ()),
        ulimits=tuple(
            f"{item['name']}={item['softLimit']}:{item['hardLimit']}"
            for item in container.get("ulimits") or ()
        ),
        shared_memory_mib=linux.get("sharedMemorySize"),
        swap_mib=linux.get("maxSwap"),
        pid_of_host=modes[0] == "host",
        ipc_of_host=modes[1] == "host",
    )


def _device(device: Wire) -> str:
    letters = "".join(_LETTERS[name] for name in device.get("permissions") or _LETTERS)
    return f"{device['hostPath']}:{device.get('containerPath') or device['hostPath']}:{letters}"


def _tmpfs(mount: Wire) -> str:
    return ",".join([f"{mount['containerPath']}:size={mount['size']}m", *(mount.get("mountOptions") or ())])
