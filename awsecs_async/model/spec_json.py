"""A TaskSpec as JSON and back, for the journal: only what differs from the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from awsecs_async.model import reading
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
    """The spec that ``spec_to_json`` wrote; a field that it does not have is at its default.

    Raises:
        InvalidTask: if it is not acceptable.
    """
    return reading.made(TaskSpec, "task", found)  # every kind reads its own parts


def _jsonable(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return spec_to_json(value)
    return [_jsonable(v) for v in value] if isinstance(value, tuple) else value
