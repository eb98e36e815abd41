"""GPUs as containers ask for them: resourceRequirements, of the definition or overridden.

A value is a whole number, "ALL" the instance has, or on Managed Instances 0.125, 0.25 or 0.5 of
one, where the type has such parts (G6f, Gr6f). Source: AWS API_ResourceRequirement and
task_definition_parameters-managed-instances.
"""

from __future__ import annotations

import re
from typing import Final

from awsecs_async.local.wire import Wire, WireError, client_exception, invalid_parameter

PARTS: Final = (0.125, 0.25, 0.5)  # of a GPU; task_definition_parameters-managed-instances
GPU: Final = "GPU"
NEURON: Final = "NeuronDevice"
ALL: Final = "ALL"
_TYPES: Final = (GPU, "InferenceAccelerator", NEURON)
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,2}")


def check_requirements(container: Wire) -> None:
    """Raise ClientException for a resource requirement that is none."""
    name, seen = container.get("name"), set()
    for item in container.get("resourceRequirements") or ():
        kind, value = item.get("type"), str(item.get("value"))
        if kind not in _TYPES:
            raise client_exception(
                f"Invalid resource requirement type {kind!r} of container '{name}'. Use one of {_TYPES}."
            )
        if kind in seen:
            raise client_exception(
                f"Container '{name}' has more than one resource requirement of type {kind}."
            )
        seen.add(kind)
        if kind == GPU and not _is_amount(value):
            raise client_exception(
                f"Invalid GPU value {value!r} of container '{name}'. It is a whole number above 0, ALL, "
                f"or on Managed Instances one of {', '.join(map(str, PARTS))}."
            )
        if kind == NEURON and value != ALL:
            raise client_exception(f"Invalid NeuronDevice value {value!r} of container '{name}'. It is ALL.")


def _is_amount(value: str) -> bool:
    return value == ALL or _WHOLE.fullmatch(value) is not None or is_part(value)


def is_part(value: str) -> bool:
    """Whether it is a part of one GPU that can be had."""
    try:
        return float(value) in PARTS
    except ValueError:
        return False


def requirements(containers: list[Wire], overrides: dict[str, Wire], kind: str) -> dict[str, str]:
    """How much of one kind of resource each container asks for, overrides applied, by its name."""
    asked = {}
    for container in containers:
        given = overrides.get(container["name"], {}).get("resourceRequirements")
        for item in container.get("resourceRequirements") or () if given is None else given:
            if item["type"] == kind:
                asked[container["name"]] = str(item["value"])
    return asked


def check_run(overrides: dict[str, Wire], gpus: dict[str, str], launch_type: str) -> None:
    """Raise InvalidParameterException for GPUs that this compute cannot give."""
    for override in overrides.values():
        try:
            check_requirements(override)
        except WireError as refusal:
            raise invalid_parameter(refusal.message) from None
    if not gpus:
        return
    if launch_type == "FARGATE":
        raise invalid_parameter(
            "Tasks using the Fargate launch type do not support GPU resource requirements."
        )
    parts = [value for value in gpus.values() if is_part(value)]
    if parts and launch_type != "MANAGED_INSTANCES":
        raise invalid_parameter(f"A part of a GPU ({parts[0]}) is supported on Managed Instances only.")
    if parts and (len(parts) < len(gpus) or total(gpus) >= 1):
        raise invalid_parameter("Parts of a GPU must be of one GPU, and cannot be mixed with whole ones.")


def total(gpus: dict[str, str]) -> float:
    """GPUs of all containers together, "ALL" not counted."""
    return sum(float(value) for value in gpus.values() if value != ALL)
