"""botocore's own model of ECS's API: what a request may say, name by name and type by type."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator


@cache
def ecs() -> ServiceModel:
    """ECS as botocore knows it."""
    return ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")


def problems(operation: str, params: dict[str, Any]) -> str:
    """What botocore would complain of, and the names and enumerated words that it does not know."""
    shape = ecs().operation_model(operation).input_shape
    report: str = ParamValidator().validate(params, shape).generate_report()
    unknown = sorted(_unknown(params, shape))
    return report + (f" unknown: {unknown}" if unknown else "")


def _unknown(value: Any, shape: Any) -> Iterator[str]:  # noqa: ANN401 (JSON, and botocore has no types)
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from _unknown(member, shape.members[name])
            else:
                yield f"{shape.name}.{name}"
    elif shape.type_name == "list":
        for member in value:
            yield from _unknown(member, shape.member)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{shape.name} {value!r}"
