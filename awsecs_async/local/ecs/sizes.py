"""Task sizes as ECS writes and checks them: "1 vCPU", "1024", "2 GB"."""

from __future__ import annotations

import re

from awsecs_async.local.wire import client_exception
from awsecs_async.model.quotas import FARGATE_SIZES

_CPU = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(vcpu)?\s*", re.IGNORECASE)
_MEMORY = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(gb|mb)?\s*", re.IGNORECASE)


def cpu_units(value: str | None) -> int | None:
    """CPU units (1024 are one vCPU) of a task's `cpu`. Raises ClientException."""
    if value is None:
        return None
    found = _CPU.fullmatch(value)
    if found is None:
        raise client_exception(
            f"Invalid 'cpu' setting for task: {value!r}. Write CPU units (1024) or vCPUs (1 vCPU)."
        )
    return round(float(found[1]) * (1024 if found[2] else 1))


def memory_mib(value: str | None) -> int | None:
    """MiB of a task's `memory`. Raises ClientException."""
    if value is None:
        return None
    found = _MEMORY.fullmatch(value)
    if found is None:
        raise client_exception(
            f"Invalid 'memory' setting for task: {value!r}. Write MiB (2048) or GB (2 GB)."
        )
    return round(float(found[1]) * (1024 if (found[2] or "").lower() == "gb" else 1))


def check_fargate(cpu: int | None, memory: int | None) -> None:
    """Raise ClientException unless Fargate sells this pair of CPU units and MiB."""
    if cpu is None or memory is None:
        raise client_exception("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    if memory not in FARGATE_SIZES.get(cpu, ()):
        raise client_exception(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
        )
