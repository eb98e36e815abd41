"""A TaskSpec as JSON and back, for the journal: only what differs from the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.task import TaskSpec

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def spec_to_json(spec: DataclassInstance) -> dict[str, object]:
    """Only what differs from the defaults, for the journal and for comparing two specs."""
    found: dict[str, object] = {}
    for field in fields(spec):
        value = getattr(spec, field.name)
        if value is not None and value != field.default:
            found[field.name] = _jsonable(value)
    return found


def spec_from_json(found: Mapping[str, object]) -> TaskSpec:
    """The spec that ``spec_to_json`` wrote.

    Raises:
        InvalidTask: if it is not acceptable.
    """
    values = dict(found)
    values["containers"] = [_container_from_json(c) for c in _mappings(values.get("containers"))]
    return TaskSpec(**values)  # type: ignore[arg-type]  # __post_init__ checks what comes from outside


def _container_from_json(found: Mapping[str, object]) -> ContainerSpec:
    values = dict(found)
    values["depends_on"] = [Dependency(**d) for d in _mappings(values.get("depends_on"))]  # type: ignore[arg-type]
    if isinstance(check := values.get("health_check"), Mapping):
        values["health_check"] = HealthCheck(**check)
    return ContainerSpec(**values)  # type: ignore[arg-type]


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list | tuple) else []


def _jsonable(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return spec_to_json(value)
    return [_jsonable(v) for v in value] if isinstance(value, tuple) else value
