"""What RunTask refuses before anything is placed, and what it understands of the rest.

Source: AWS API_RunTask, and the service quotas. Every function raises in ECS's shape.
"""

from __future__ import annotations

import json
import re

from awsecs_async.local.ecs.clusters import FARGATE, MANAGED_INSTANCES, Provider
from awsecs_async.local.ecs.definitions import ACTIVE, Definition
from awsecs_async.local.ecs.sizes import check_fargate, cpu_units, memory_mib
from awsecs_async.local.wire import Wire, client_exception, invalid_parameter
from awsecs_async.model.quotas import (
    CLIENT_TOKEN_MAX_CHARACTERS,
    FARGATE_EPHEMERAL_GIB,
    OVERRIDES_MAX_CHARACTERS,
    PLACEMENT_STRATEGIES_MAX,
    RUN_TASK_MAX_COUNT,
    SECURITY_GROUPS_MAX,
    STARTED_BY_MAX_CHARACTERS,
    SUBNETS_MAX,
    TAG_KEY_MAX_CHARACTERS,
    TAG_VALUE_MAX_CHARACTERS,
    TAGS_MAX,
)

_STARTED_BY = re.compile(r"[A-Za-z0-9\-/_]*")
_TOKEN = re.compile(r"[\x21-\x7e]*")


def check_request(params: Wire) -> int:
    """Check what needs no other knowledge than the request; returns the count of tasks."""
    count = params.get("count", 1)
    if not 1 <= count <= RUN_TASK_MAX_COUNT:
        raise invalid_parameter(f"Task count must be between 1 and {RUN_TASK_MAX_COUNT}, not {count}.")
    started_by = params.get("startedBy") or ""
    if len(started_by) > STARTED_BY_MAX_CHARACTERS or not _STARTED_BY.fullmatch(started_by):
        raise invalid_parameter(
            f"startedBy must be at most {STARTED_BY_MAX_CHARACTERS} of A-Z, a-z, 0-9, '-', '_' and '/'."
        )
    token = params.get("clientToken") or ""
    if len(token) > CLIENT_TOKEN_MAX_CHARACTERS or not _TOKEN.fullmatch(token):
        raise invalid_parameter(
            f"clientToken must be at most {CLIENT_TOKEN_MAX_CHARACTERS} ASCII characters."
        )
    if params.get("launchType") is not None and params.get("capacityProviderStrategy"):
        raise invalid_parameter(
            "Specifying both a launch type and a capacity provider strategy is not supported."
        )
    if len(params.get("placementStrategy") or ()) > PLACEMENT_STRATEGIES_MAX:
        raise invalid_parameter(f"At most {PLACEMENT_STRATEGIES_MAX} placement strategies are allowed.")
    if params.get("propagateTags") == "SERVICE":
        raise invalid_parameter(
            "propagateTags SERVICE is for tasks of services; use TASK_DEFINITION or NONE."
        )
    check_tags(params.get("tags") or [])
    return int(count)


def check_tags(tags: list[Wire]) -> None:
    """Tags' number and lengths, and AWS's own prefix."""
    if len(tags) > TAGS_MAX:
        raise invalid_parameter(f"At most {TAGS_MAX} tags are allowed, not {len(tags)}.")
    for tag in tags:
        key, value = tag.get("key", ""), tag.get("value", "")
        if not 1 <= len(key) <= TAG_KEY_MAX_CHARACTERS or len(value) > TAG_VALUE_MAX_CHARACTERS:
            raise invalid_parameter(
                f"A tag's key has 1 to {TAG_KEY_MAX_CHARACTERS} characters, "
                f"its value up to {TAG_VALUE_MAX_CHARACTERS}: {key!r}."
            )
        if key.lower().startswith("aws:"):
            raise invalid_parameter(f"Tag keys beginning with aws: are reserved: {key!r}.")


def check_definition_runs(definition: Definition, provider: Provider | None, launch_type: str) -> None:
    """Whether this definition may run on this compute."""
    if definition.status != ACTIVE:
        raise client_exception("TaskDefinition is inactive")
    fits = set(definition.compatibilities)
    # Fargate's definitions (platform 1.4.0) run on Managed Instances too; AWS: ManagedInstances.
    if launch_type == MANAGED_INSTANCES and FARGATE in fits and definition.network_mode in {"awsvpc", "host"}:
        return
    if launch_type not in fits:
        name = f"capacity provider {provider.name}" if provider is not None else f"launch_type {launch_type}"
        raise invalid_parameter(
            f"Task definition does not support {name}: it is compatible with {sorted(fits)}."
        )


def check_network(params: Wire, definition: Definition, launch_type: str) -> Wire | None:
    """The awsvpcConfiguration, which awsvpc needs and every other network mode refuses."""
    given = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if definition.network_mode != "awsvpc":
        if given is not None:
            raise invalid_parameter(
                "Network Configuration is not valid for the given networkMode of this task definition."
            )
        return None
    if given is None:
        raise invalid_parameter(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    subnets, groups = given.get("subnets") or [], given.get("securityGroups") or []
    if not 1 <= len(subnets) <= SUBNETS_MAX:
        raise invalid_parameter(f"subnets takes 1 to {SUBNETS_MAX} subnets, not {len(subnets)}.")
    if len(groups) > SECURITY_GROUPS_MAX:
        raise invalid_parameter(
            f"securityGroups takes at most {SECURITY_GROUPS_MAX} groups, not {len(groups)}."
        )
    if launch_type != FARGATE and given.get("assignPublicIp") == "ENABLED":
        raise invalid_parameter("Assign public IP is not supported for this launch type.")
    return dict(given)


def read_overrides(params: Wire, definition: Definition, launch_type: str) -> tuple[Wire, dict[str, Wire]]:
    """The overrides as they are echoed, and by container name."""
    given = params.get("overrides") or {}
    if given:
        _check_length(given)
    by_name: dict[str, Wire] = {}
    for override in given.get("containerOverrides") or ():
        name = override.get("name")
        if name not in definition.names:
            raise invalid_parameter(
                f"Override for container named {name} is not a container in the TaskDefinition."
            )
        by_name[name] = override
    if launch_type == FARGATE:
        _check_fargate(given, definition)
    elif given.get("ephemeralStorage"):
        raise invalid_parameter("Ephemeral storage overrides are only supported on Fargate.")
    echoed = [
        by_name.get(container["name"]) or {"name": container["name"]} for container in definition.containers
    ]
    return {**given, "containerOverrides": echoed, "inferenceAcceleratorOverrides": []}, by_name


def task_size(overrides: Wire, definition: Definition) -> tuple[int, int]:
    """CPU units and MiB that a task takes; where the task says nothing its containers are added up."""
    cpu, memory = cpu_units(overrides.get("cpu")), memory_mib(overrides.get("memory"))
    if cpu is None:
        cpu = definition.cpu_units
    if memory is None:
        memory = definition.memory_mib
    if cpu is None:
        cpu = sum(container.get("cpu") or 0 for container in definition.containers)
    if memory is None:
        memory = sum(
            container.get("memory") or container.get("memoryReservation") or 0
            for container in definition.containers
        )
    return cpu, memory


def _check_length(overrides: Wire) -> None:
    if 2 * len(repr(overrides)) <= OVERRIDES_MAX_CHARACTERS:
        return  # JSON is never twice as long as repr, which is much cheaper
    length = len(json.dumps(overrides, separators=(",", ":"), ensure_ascii=False))
    if length > OVERRIDES_MAX_CHARACTERS:
        raise invalid_parameter(f"Container Overrides length must be at most {OVERRIDES_MAX_CHARACTERS}")


def _check_fargate(given: Wire, definition: Definition) -> None:
    if "cpu" in given or "memory" in given:
        check_fargate(*task_size(given, definition))
    storage = given.get("ephemeralStorage")
    if storage is not None and storage["sizeInGiB"] not in FARGATE_EPHEMERAL_GIB:
        raise invalid_parameter("Ephemeral storage size must be between 21 and 200 GiB.")
