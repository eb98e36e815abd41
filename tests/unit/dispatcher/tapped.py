"""A local cloud that keeps what it was asked, word for word and with the time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call. ``at`` is the loop's time in seconds."""

    operation: str
    at: float
    params: dict[str, Any] = field(repr=False)


class TappedCloud(Cloud):
    """A cloud whose every container plays one script."""

    def __init__(self, *, duration_seconds: float = 1.0, **members: Any) -> None:  # noqa: ANN401
        super().__init__(scripts=every_container(Script(duration_seconds=duration_seconds)), **members)
        self.asked: list[Asked] = []

    async def call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """As any cloud."""
        now = asyncio.get_running_loop().time()
        self.asked.append(Asked(operation=operation, at=now, params=params))
        return await super().call(service, operation, params)

    def of(self, operation: str) -> list[Asked]:
        """The calls of that operation."""
        return [each for each in self.asked if each.operation == operation]

    def commands(self) -> list[list[str]]:
        """What RunTask was asked to run, in order."""
        return [a.params["overrides"]["containerOverrides"][0]["command"] for a in self.of("RunTask")]
