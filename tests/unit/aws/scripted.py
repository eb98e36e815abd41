"""A transport that answers from a function, and lets nothing pass that botocore's models would not take."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

Wire = dict[str, Any]


@functools.cache
def _shape_of(service: str, operation: str) -> Any:  # noqa: ANN401 -- botocore has no types
    model = botocore.session.Session().get_service_model(service)
    return model.operation_model(operation).input_shape


def check(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Fail if botocore's model of the operation does not take these parameters."""
    report = ParamValidator().validate(dict(params), _shape_of(service, operation))
    assert not report.has_errors(), report.generate_report()


class Scripted:
    """``ports.Transport``. Its state is what it was asked."""

    region = "us-east-1"

    def __init__(self, answer: Callable[[str, Wire], Wire]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, Wire]] = []

    async def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Wire:
        """What the function says."""
        return await self.ask(service, operation, params)

    async def send(self, service: str, operation: str, body: str) -> Wire:
        """Nothing here is replayed."""
        raise AssertionError(operation)

    async def ask(self, service: str, operation: str, params: Mapping[str, Any]) -> Wire:
        """What the function says."""
        check(service, operation, params)
        self.asked.append((service, operation, dict(params)))
        return self.answer(operation, dict(params))
