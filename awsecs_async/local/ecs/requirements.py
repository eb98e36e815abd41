"""Which instance types a capacity provider may launch: its instanceRequirements, read.

Without requirements a Managed Instances provider takes what needs no accelerator. Instances of one
vCPU, nano and micro are never taken. Requirements that the catalogue of types cannot answer (prices,
network bandwidth, interfaces, hibernation) are let pass. Source: AWS API_InstanceRequirementsRequest
and ManagedInstances, instance types.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from awsecs_async.local.ecs.needs import is_neuron
from awsecs_async.local.wire import Wire
from awsecs_async.model.instances import CATALOGUE, InstanceType

Test = Callable[[InstanceType], bool]

_TOO_SMALL: Final = (".nano", ".micro")


def obtainable(requirements: Wire | None) -> tuple[InstanceType, ...]:
    """The types that satisfy these instanceRequirements, the smallest first."""
    tests = _tests(requirements) if requirements is not None else [_has_no_accelerator]
    fitting = (kind for kind in CATALOGUE.values() if _managed(kind) and all(test(kind) for test in tests))
    return smallest_first(fitting)


def of_names(patterns: Iterable[str]) -> tuple[InstanceType, ...]:
    """The types of the catalogue whose names match any of these patterns, the smallest first."""
    wanted = tuple(patterns)
    return smallest_first(kind for kind in CATALOGUE.values() if _named(kind, wanted))


def smallest_first(kinds: Iterable[InstanceType]) -> tuple[InstanceType, ...]:
    """In the order in which they are bought: what has least comes first, since it costs least."""
    return tuple(
        sorted(kinds, key=lambda kind: (kind.gpus, kind.vcpus, kind.memory_mib, _disk(kind), kind.name))
    )


def _disk(kind: InstanceType) -> float:
    return kind.local_storage_gb


def _managed(kind: InstanceType) -> bool:
    return kind.vcpus > 1 and not kind.name.endswith(_TOO_SMALL)


def _has_no_accelerator(kind: InstanceType) -> bool:
    return not kind.gpus and kind.accelerator is None


def _named(kind: InstanceType, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(kind.name, pattern) for pattern in patterns)


def _tests(requirements: Wire) -> list[Test]:
    tests: list[Test] = [_within(requirements, "vCpuCount", lambda kind: kind.vcpus)]
    tests += [_within(requirements, "memoryMiB", lambda kind: kind.memory_mib)]
    tests += [_within(requirements, "memoryGiBPerVCpu", lambda kind: kind.memory_mib / 1024 / kind.vcpus)]
    tests += [_within(requirements, "totalLocalStorageGB", _disk)]
    tests += _of_names(requirements)
    tests += _of_choices(requirements)
    tests += _of_accelerators(requirements)
    return tests


def _of_names(requirements: Wire) -> list[Test]:
    tests: list[Test] = []
    if allowed := tuple(requirements.get("allowedInstanceTypes") or ()):
        tests.append(partial(_named, patterns=allowed))
    if excluded := tuple(requirements.get("excludedInstanceTypes") or ()):
        tests.append(lambda kind: not _named(kind, excluded))
    return tests


def _of_choices(requirements: Wire) -> list[Test]:
    """Members that say included, required or excluded; bare metal and burstable are excluded unless said."""
    named = bool(requirements.get("allowedInstanceTypes"))
    default = "included" if named else "excluded"
    return [
        _chosen(requirements.get("bareMetal", default), lambda kind: kind.is_bare_metal),
        _chosen(requirements.get("burstablePerformance", default), lambda kind: kind.is_burstable),
        _chosen(requirements.get("localStorage", "included"), lambda kind: _disk(kind) > 0),
    ]


def _of_accelerators(requirements: Wire) -> list[Test]:
    wanted = [
        bool(requirements.get(name))
        for name in ("acceleratorNames", "acceleratorTypes", "acceleratorManufacturers")
    ]
    count = requirements.get("acceleratorCount") or {}
    # A part of a GPU counts as one: who allows g6f and wants a GPU means to have g6f.
    tests: list[Test] = [_within(requirements, "acceleratorCount", lambda kind: math.ceil(kind.gpus))]
    if names := tuple(requirements.get("acceleratorNames") or ()):
        tests.append(lambda kind: kind.accelerator in names)
    if any(wanted) or count.get("min"):
        tests.append(lambda kind: kind.accelerator is not None)
    elif not requirements.get("allowedInstanceTypes"):
        tests.append(_has_no_accelerator)  # who wants accelerators says so, or names the types
    if types := requirements.get("acceleratorTypes"):
        tests.append(lambda kind: ("inference" if is_neuron(kind) else "gpu") in types)
    if makers := requirements.get("acceleratorManufacturers"):
        tests.append(lambda kind: _maker(kind) in makers)
    return tests


def _maker(kind: InstanceType) -> str:
    if is_neuron(kind):
        return "amazon-web-services"
    return {"radeon-pro-v520": "amd", "gaudi-hl-205": "habana"}.get(kind.accelerator or "", "nvidia")


def _within(requirements: Wire, name: str, amount: Callable[[InstanceType], float]) -> Test:
    bounds = requirements.get(name) or {}
    least, most = bounds.get("min") or 0, bounds.get("max")
    return lambda kind: least <= amount(kind) and (most is None or amount(kind) <= most)


def _chosen(choice: str, has: Test) -> Test:
    return {"required": has, "excluded": lambda kind: not has(kind)}.get(choice, lambda _kind: True)
