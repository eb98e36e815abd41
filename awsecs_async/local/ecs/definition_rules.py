"""What RegisterTaskDefinition refuses, and why.

The rules are those of AWS: API_RegisterTaskDefinition, task_definition_parameters and the
quotas. Messages are ECS's where they are known, and otherwise say what to change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from awsecs_async.local.ecs.container_rules import (
    check_container,
    check_modes,
    check_task_cpu,
    check_volume,
)
from awsecs_async.local.ecs.gpus import check_requirements
from awsecs_async.local.ecs.platform_rules import check_platforms
from awsecs_async.local.ecs.sizes import check_fargate, cpu_units, memory_mib
from awsecs_async.local.wire import Wire, client_exception
from awsecs_async.model.quotas import (
    CONTAINERS_PER_DEFINITION_MAX,
    STOP_TIMEOUT_MAX_FARGATE_SECONDS,
    STOP_TIMEOUT_MAX_MANAGED_INSTANCES_SECONDS,
    TAGS_MAX,
    TASK_DEFINITION_MAX_BYTES,
)

FARGATE, EC2, MANAGED_INSTANCES, EXTERNAL = "FARGATE", "EC2", "MANAGED_INSTANCES", "EXTERNAL"
_COMPATIBILITIES = (FARGATE, EC2, MANAGED_INSTANCES, EXTERNAL)
_NETWORK_MODES = ("awsvpc", "bridge", "host", "none")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def check_definition(request: Wire) -> None:
    """Raise ClientException for the first rule that `request` breaks."""
    _check_names(request)
    _check_compute(request)
    _check_memory(request)
    _check_volumes(request)
    check_modes(request)
    for container in request["containerDefinitions"]:
        check_container(container, request)
    check_platforms(request)
    _check_dependencies(request["containerDefinitions"])
    if len(request.get("tags") or ()) > TAGS_MAX:
        raise client_exception(f"A task definition has at most {TAGS_MAX} tags.")
    size = len(json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode())
    if size > TASK_DEFINITION_MAX_BYTES:
        raise client_exception(
            f"Actual length: '{size}'. Max allowed length is '{TASK_DEFINITION_MAX_BYTES}' bytes."
        )


def network_mode(request: Wire) -> str:
    """The network mode in force: awsvpc for Fargate and Managed Instances, else bridge, unless said."""
    required = request.get("requiresCompatibilities") or ()
    return str(
        request.get("networkMode") or ("awsvpc" if {FARGATE, MANAGED_INSTANCES} & set(required) else "bridge")
    )


def compatibilities(request: Wire) -> list[str]:
    """Where a definition may run: what it requires, else EC2 and what it happens to fit."""
    required = request.get("requiresCompatibilities")
    if required:
        return list(dict.fromkeys(required)) if EC2 in required else [EC2, *dict.fromkeys(required)]
    fits = [EXTERNAL, EC2] if network_mode(request) != "awsvpc" else [EC2]
    if request.get("cpu") and request.get("memory") and network_mode(request) in {"awsvpc", "host"}:
        fits.append(MANAGED_INSTANCES)
    return fits


def _check_names(request: Wire) -> None:
    family, containers = request.get("family") or "", request.get("containerDefinitions") or []
    if not _NAME.fullmatch(family):
        raise client_exception(
            f"Family should be 1 to 255 letters, numbers, hyphens and underscores, not {family!r}."
        )
    if not containers:
        raise client_exception("Container definitions should not be null or empty.")
    if len(containers) > CONTAINERS_PER_DEFINITION_MAX:
        raise client_exception(
            f"Too many containers: {len(containers)}. The limit is {CONTAINERS_PER_DEFINITION_MAX}."
        )
    seen: set[str] = set()
    for container in containers:
        name = container.get("name") or ""
        if not _NAME.fullmatch(name):
            raise client_exception(
                f"Container.name should be 1 to 255 letters, numbers, hyphens and underscores, not {name!r}."
            )
        if name in seen:
            raise client_exception(f"Container.name is not unique: {name!r}.")
        if not container.get("image"):
            raise client_exception(f"Container.image should not be null or empty: container {name!r}.")
        seen.add(name)
    if not any(container.get("essential", True) for container in containers):
        raise client_exception("At least one container of a task definition must be essential.")


def _check_compute(request: Wire) -> None:
    required = request.get("requiresCompatibilities") or []
    unknown = [item for item in required if item not in _COMPATIBILITIES]
    if unknown:
        raise client_exception(
            f"Invalid requiresCompatibilities: {unknown}. Use one of {list(_COMPATIBILITIES)}."
        )
    mode = network_mode(request)
    if mode not in _NETWORK_MODES:
        raise client_exception(f"Invalid networkMode: {mode!r}. Use one of {list(_NETWORK_MODES)}.")
    cpu, memory = cpu_units(request.get("cpu")), memory_mib(request.get("memory"))
    if FARGATE in required:
        if mode != "awsvpc":
            raise client_exception("Fargate only supports network mode 'awsvpc'.")
        check_fargate(cpu, memory)
    else:
        check_task_cpu(cpu)
    if MANAGED_INSTANCES in required and mode not in {"awsvpc", "host"}:
        raise client_exception("Managed Instances only support network modes 'awsvpc' and 'host'.")
    for container in request["containerDefinitions"]:
        _check_container_compute(container, required)


def _check_container_compute(container: Wire, required: list[str]) -> None:
    name = container["name"]
    longest = (
        STOP_TIMEOUT_MAX_FARGATE_SECONDS
        if FARGATE in required
        else STOP_TIMEOUT_MAX_MANAGED_INSTANCES_SECONDS
    )
    timeout = container.get("stopTimeout")
    if timeout is not None and not 0 <= timeout <= longest:
        raise client_exception(
            f"Invalid stopTimeout for container '{name}': {timeout}. It is 0 to {longest} seconds."
        )
    check_requirements(container)
    gpus = any(item.get("type") == "GPU" for item in container.get("resourceRequirements") or ())
    if FARGATE in required and gpus:
        raise client_exception(
            f"Tasks using the Fargate launch type do not support GPU resource requirements: '{name}'."
        )
    logging = container.get("logConfiguration")
    if logging and logging.get("logDriver") == "awslogs":
        _check_awslogs(name, logging.get("options") or {}, required)


def _check_awslogs(name: str, options: Wire, required: list[str]) -> None:
    needed = ["awslogs-group", "awslogs-region"]
    if {FARGATE, MANAGED_INSTANCES} & set(required):
        needed.append("awslogs-stream-prefix")
    missing = [option for option in needed if not options.get(option)]
    if missing:
        raise client_exception(
            f"Log driver awslogs requires options: {', '.join(missing)} (container '{name}')."
        )


def _check_memory(request: Wire) -> None:
    task = memory_mib(request.get("memory"))
    needed = MANAGED_INSTANCES not in (request.get("requiresCompatibilities") or ())
    total = 0
    for container in request["containerDefinitions"]:
        hard, soft = container.get("memory"), container.get("memoryReservation")
        if needed and task is None and hard is None and soft is None:
            raise client_exception(
                f"Invalid setting for container '{container['name']}'. "
                "At least one of 'memory' or 'memoryReservation' must be specified."
            )
        if hard is not None and soft is not None and soft > hard:
            raise client_exception(
                f"Invalid setting for container '{container['name']}'. memoryReservation exceeds memory."
            )
        total += soft if soft is not None else hard or 0
        if task is not None and hard is not None and hard > task:
            raise client_exception(
                f"The 'memory' setting of container '{container['name']}' is greater than the task's."
            )
    if task is not None and total > task:
        raise client_exception("Invalid setting: the containers' memory is greater than the task's.")


def _check_volumes(request: Wire) -> None:
    known: set[str] = set()
    for volume in request.get("volumes") or ():
        check_volume(volume)
        if volume["name"] in known:
            raise client_exception(f"Volume.name is not unique: {volume['name']!r}.")
        known.add(volume["name"])
    for container in request["containerDefinitions"]:
        for mount in container.get("mountPoints") or ():
            if mount.get("sourceVolume") not in known:
                raise client_exception(f"Unknown volume '{mount.get('sourceVolume')}'.")


def _check_dependencies(containers: list[Wire]) -> None:
    by_name = {container["name"]: container for container in containers}
    for container in containers:
        for dependency in container.get("dependsOn") or ():
            _check_dependency(container["name"], dependency, by_name)
    cycle = next(_cycles(by_name), None)
    if cycle is not None:
        raise client_exception(f"Container dependencies form a cycle: {' -> '.join(cycle)}.")


def _check_dependency(name: str, dependency: Wire, by_name: dict[str, Wire]) -> None:
    other, condition = dependency.get("containerName"), dependency.get("condition")
    if other not in by_name:
        raise client_exception(
            f"Container '{name}' depends on '{other}', which is not in the task definition."
        )
    if condition not in _CONDITIONS:
        raise client_exception(
            f"Invalid dependsOn condition {condition!r} of '{name}'. Use one of {list(_CONDITIONS)}."
        )
    if condition in {"COMPLETE", "SUCCESS"} and by_name[other].get("essential", True):
        raise client_exception(
            f"A dependency condition of {condition} is not allowed on an essential container: '{other}'."
        )
    if condition == "HEALTHY" and not by_name[other].get("healthCheck"):
        raise client_exception(
            f"Container '{name}' waits for '{other}' to be HEALTHY, but that has no healthCheck."
        )


def _cycles(by_name: dict[str, Wire]) -> Iterator[list[str]]:
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterator[list[str]]:
        if name in path:
            yield [*path[path.index(name) :], name]
            return
        if name in done:
            return
        for dependency in by_name[name].get("dependsOn") or ():
            yield from walk(dependency["containerName"], [*path, name])
        done.add(name)

    for name in by_name:
        yield from walk(name, [])
