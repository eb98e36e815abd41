"""What a kind of compute does not have, and RegisterTaskDefinition therefore refuses.

Each kind that a definition requires is asked in turn. What EC2 instances lack they have not been
asked for. Source: task_definition_parameters, fargate-tasks-services and
task_definition_parameters-managed-instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from awsecs_async.local.wire import Wire, client_exception

_FARGATE_CAPABILITIES: Final = frozenset({"SYS_PTRACE"})
_FARGATE_NOFILE_MAX: Final = 1_048_576  # fargate-tasks-services, ulimits
_MANAGED_LOG_DRIVERS: Final = ("awslogs", "splunk", "awsfirelens")
_START_TIMEOUT_SECONDS: Final = {"FARGATE": range(2, 121), "MANAGED_INSTANCES": range(2, 601)}

# members of a container that a kind refuses
_CONTAINER: Final = {
    "FARGATE": (
        *("privileged", "links", "hostname", "dnsServers", "dnsSearchDomains", "extraHosts"),
        *("dockerSecurityOptions", "disableNetworking"),
    ),
    "MANAGED_INSTANCES": (
        *(
            "links",
            "hostname",
            "dnsServers",
            "dnsSearchDomains",
            "dockerSecurityOptions",
            "disableNetworking",
        ),
    ),
}
_LINUX: Final = {
    "FARGATE": ("devices", "sharedMemorySize", "tmpfs", "maxSwap", "swappiness"),
    "MANAGED_INSTANCES": ("sharedMemorySize", "maxSwap", "swappiness"),
}
_VOLUMES: Final = {
    "FARGATE": ("dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"),
    "MANAGED_INSTANCES": ("dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"),
}
_TASK: Final = {
    "FARGATE": ("ipcMode", "placementConstraints", "inferenceAccelerators"),
    "MANAGED_INSTANCES": ("ephemeralStorage", "proxyConfiguration", "inferenceAccelerators"),
}
_NAMES: Final = {"FARGATE": "Fargate", "MANAGED_INSTANCES": "Managed Instances"}


def check_platforms(request: Wire) -> None:
    """Raise ClientException for the first thing that one of the required kinds does not have."""
    for kind, check in _CHECKS.items():
        if kind in (request.get("requiresCompatibilities") or ()):
            for refused in (*_lacking(request, kind), *check(request)):
                raise client_exception(f"{_NAMES[kind]} does not support {refused}.")


def _lacking(request: Wire, kind: str) -> Iterator[str]:
    """What the request has of the members that this kind has not."""
    yield from (name for name in _TASK[kind] if request.get(name))
    for volume in request.get("volumes") or ():
        yield from (f"{name}: volume '{volume['name']}'" for name in _VOLUMES[kind] if volume.get(name))
    for container in request["containerDefinitions"]:
        where = f"container '{container['name']}'"
        linux = container.get("linuxParameters") or {}
        yield from (f"{name}: {where}" for name in _CONTAINER[kind] if container.get(name))
        yield from (f"linuxParameters.{name}: {where}" for name in _LINUX[kind] if linux.get(name))
        seconds, allowed = container.get("startTimeout"), _START_TIMEOUT_SECONDS[kind]
        if seconds is not None and seconds not in allowed:
            yield f"a startTimeout of {seconds}, only {allowed[0]} to {allowed[-1]} seconds: {where}"


def _on_fargate(request: Wire) -> Iterator[str]:
    if request.get("pidMode") == "host":
        yield "pidMode host"
    for volume in request.get("volumes") or ():
        if (volume.get("host") or {}).get("sourcePath"):
            yield f"host.sourcePath: volume '{volume['name']}'"
    for container in request["containerDefinitions"]:
        where = f"container '{container['name']}'"
        added = ((container.get("linuxParameters") or {}).get("capabilities") or {}).get("add") or ()
        yield from (f"capability {name}: {where}" for name in added if name not in _FARGATE_CAPABILITIES)
        for limit in container.get("ulimits") or ():
            if limit.get("name") == "nofile" and limit.get("hardLimit", 0) > _FARGATE_NOFILE_MAX:
                yield f"a nofile ulimit above {_FARGATE_NOFILE_MAX}: {where}"


def _on_managed_instances(request: Wire) -> Iterator[str]:
    family = (request.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX")
    if family != "LINUX":
        yield f"operatingSystemFamily {family}, only LINUX"
    for container in request["containerDefinitions"]:
        driver = (container.get("logConfiguration") or {}).get("logDriver", _MANAGED_LOG_DRIVERS[0])
        if driver not in _MANAGED_LOG_DRIVERS:
            yield f"log driver {driver}: container '{container['name']}'"


_CHECKS: Final[dict[str, Callable[[Wire], Iterator[str]]]] = {
    "FARGATE": _on_fargate,
    "MANAGED_INSTANCES": _on_managed_instances,
}
