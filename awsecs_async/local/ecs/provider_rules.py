"""What CreateCapacityProvider refuses, and why.

Source: AWS API_CreateCapacityProvider, API_InstanceRequirementsRequest and managed-instances-errors.
"""

from __future__ import annotations

import re
from typing import Final

from awsecs_async.local.ecs.launch_rules import check_tags
from awsecs_async.local.ecs.requirements import obtainable
from awsecs_async.local.wire import Wire, client_exception, invalid_parameter

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_RESERVED: Final = ("aws", "ecs", "fargate")
_TAGS_MAX: Final = 45  # API_CreateCapacityProvider, tags
_TYPES_MAX: Final = 400  # API_InstanceRequirementsRequest, allowedInstanceTypes
_STORAGE_GIB: Final = range(30, 16_385)  # ManagedInstances, storage
_SCALE_IN_SECONDS: Final = range(-1, 3_601)  # API_InfrastructureOptimization; -1 is never
_OPTIONS: Final = ("ON_DEMAND", "SPOT", "RESERVED")
_CHOICES: Final = ("included", "required", "excluded")


def check_provider(params: Wire) -> None:
    """Raise ClientException or InvalidParameterException for the first rule that `params` break."""
    name = params["name"]
    if not _NAME.fullmatch(name):
        raise client_exception(
            f"A capacity provider's name is 1 to 255 letters, numbers, hyphens and underscores, not {name!r}."
        )
    if name.lower().startswith(_RESERVED):
        raise client_exception(
            f"The capacity provider name '{name}' must not begin with aws, ecs or fargate."
        )
    tags = params.get("tags") or []
    if len(tags) > _TAGS_MAX:
        raise invalid_parameter(f"A capacity provider has at most {_TAGS_MAX} tags, not {len(tags)}.")
    check_tags(tags)
    managed, scaling = params.get("managedInstancesProvider"), params.get("autoScalingGroupProvider")
    if (managed is None) == (scaling is None):
        raise invalid_parameter("Give either managedInstancesProvider or autoScalingGroupProvider.")
    if scaling is not None:
        _need(scaling, "autoScalingGroupArn", "autoScalingGroupProvider")
    if managed is not None:
        if not params.get("cluster"):
            raise invalid_parameter("A Managed Instances capacity provider must be given its cluster.")
        _check_managed(managed)


def _check_managed(managed: Wire) -> None:
    _need(managed, "infrastructureRoleArn", "managedInstancesProvider")
    template = _need(managed, "instanceLaunchTemplate", "managedInstancesProvider")
    _need(template, "ec2InstanceProfileArn", "instanceLaunchTemplate")
    network = _need(template, "networkConfiguration", "instanceLaunchTemplate")
    _need(network, "subnets", "networkConfiguration")
    option = template.get("capacityOptionType", "ON_DEMAND")
    if option not in _OPTIONS:
        raise invalid_parameter(f"capacityOptionType is one of {', '.join(_OPTIONS)}, not {option!r}.")
    size = (template.get("storageConfiguration") or {}).get("storageSizeGiB")
    if size is not None and size not in _STORAGE_GIB:
        raise invalid_parameter(f"storageSizeGiB is 30 to 16384, not {size}.")
    after = (managed.get("infrastructureOptimization") or {}).get("scaleInAfter")
    if after is not None and after not in _SCALE_IN_SECONDS:
        raise invalid_parameter(f"scaleInAfter is -1 (never) or 0 to 3600 seconds, not {after}.")
    requirements = template.get("instanceRequirements")
    if requirements is not None:
        _check_requirements(requirements)


def _check_requirements(requirements: Wire) -> None:
    for name in ("vCpuCount", "memoryMiB"):
        bounds = _need(requirements, name, "instanceRequirements")
        if bounds.get("min") is None:
            raise invalid_parameter(f"{name} of instanceRequirements needs a min.")
    named = [name for name in ("allowedInstanceTypes", "excludedInstanceTypes") if requirements.get(name)]
    if len(named) > 1:
        raise invalid_parameter("Give either allowedInstanceTypes or excludedInstanceTypes.")
    if named and len(requirements[named[0]]) > _TYPES_MAX:
        raise invalid_parameter(f"{named[0]} has at most {_TYPES_MAX} items.")
    for name in ("bareMetal", "burstablePerformance", "localStorage"):
        if requirements.get(name, "included") not in _CHOICES:
            raise invalid_parameter(f"{name} is one of {', '.join(_CHOICES)}, not {requirements[name]!r}.")
    if not obtainable(requirements):
        raise client_exception(
            "No instance types satisfy the instance requirements specified in the Managed Instances "
            "capacity provider."
        )


def _need(holder: Wire, name: str, where: str) -> Wire:
    value: Wire = holder.get(name)  # type: ignore[assignment]  # some are strings or lists; only their presence counts
    if not value:
        raise invalid_parameter(f"{where} needs {name}.")
    return value
