"""A RunTask call read: checked against its definition and its compute, as one `Launch` for all its tasks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from awsecs_async.local.ecs.clusters import FARGATE, Provider
from awsecs_async.local.ecs.constraints import read_constraints
from awsecs_async.local.ecs.container_rules import check_environment_files
from awsecs_async.local.ecs.definitions import Definition
from awsecs_async.local.ecs.gpus import ALL, GPU, NEURON, check_run, requirements, total
from awsecs_async.local.ecs.launch_rules import (
    check_definition_runs,
    check_network,
    read_overrides,
    task_size,
)
from awsecs_async.local.ecs.needs import Need
from awsecs_async.local.ecs.tasks import Launch
from awsecs_async.local.ecs.volumes import read_volume
from awsecs_async.local.wire import Wire, WireError, invalid_parameter

_NONE: list[Wire] = []  # shown by every task: one list, since a hundred thousand would slow the collector
_NO_GPUS: dict[str, str] = {}  # as _NONE
_need = lru_cache(4096)(Need)  # as _NONE, and alike ones are found by identity


def read_launch(params: Wire, definition: Definition, launch_type: str, provider: Provider | None) -> Launch:
    """What the tasks of this call have in common. Raises ECS's refusals."""
    check_definition_runs(definition, provider, launch_type)
    members_of, distinct = read_constraints(params, definition, launch_type)
    volume = read_volume(params, definition, launch_type)
    network = check_network(params, definition, launch_type)
    overrides, by_name = read_overrides(params, definition, launch_type)
    cpu, memory = task_size(overrides, definition)
    group = params.get("group") or f"family:{definition.family}"
    gpus = requirements(definition.containers, by_name, GPU) or _NO_GPUS
    check_run(by_name, gpus, launch_type)
    _check_environment_files(by_name)
    need = _need(
        cpu_units=cpu,
        memory_mib=memory,
        gpus=total(gpus),
        every_gpu=ALL in gpus.values(),
        neuron=bool(requirements(definition.containers, by_name, NEURON)),
        architecture=_architecture(definition),
        members_of=members_of,
        distinct_from=group if distinct else None,
    )
    shown: Wire = {
        "taskDefinitionArn": definition.arn,
        "overrides": overrides,
        "group": group,
        "attachments": [_interface(network)] if network is not None else _NONE,
        "cpu": str(cpu),
        "memory": str(memory),
        **_shown(params, launch_type),
    }
    return Launch(
        definition=definition,
        overrides=overrides,
        container_overrides=by_name,
        shown=shown,
        tags=_tags(params, definition),
        need=need,
        gpus=gpus,
        volume=volume,
    )


def _check_environment_files(overrides: dict[str, Wire]) -> None:
    for name, override in overrides.items():
        try:
            check_environment_files(name, override.get("environmentFiles") or [])
        except WireError as refusal:
            raise invalid_parameter(refusal.message) from None


def _shown(params: Wire, launch_type: str) -> dict[str, Any]:
    shown: Wire = {
        "enableExecuteCommand": bool(params.get("enableExecuteCommand", False)),
        "attributes": _NONE,
        "inferenceAccelerators": _NONE,
        "connectivity": "CONNECTED",
    }
    if params.get("startedBy"):
        shown["startedBy"] = params["startedBy"]
    if launch_type == FARGATE:
        shown["platformVersion"] = "1.4.0"
        shown["platformFamily"] = "Linux"
    return shown


def _tags(params: Wire, definition: Definition) -> list[Wire]:
    tags = list(params.get("tags") or ())
    if params.get("propagateTags") == "TASK_DEFINITION":
        own = {tag["key"] for tag in tags}
        tags += [tag for tag in definition.tags if tag["key"] not in own]
    return tags


def _architecture(definition: Definition) -> str | None:
    platform: Wire = definition.wire.get("runtimePlatform") or {}
    architecture: str | None = platform.get("cpuArchitecture")
    return architecture


def _interface(network: Wire) -> Wire:
    return {
        "id": "00000000-0000-0000-0000-000000000000",
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [
            {"name": "subnetId", "value": network["subnets"][0]},
            {"name": "networkInterfaceId", "value": "eni-00000000000000000"},
            {"name": "privateIPv4Address", "value": "127.0.0.1"},
        ],
    }
