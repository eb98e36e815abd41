"""A container's health check: a command run now and then, and what its exit codes come to.

As Docker has it: the first probe comes one interval after the start; one success makes HEALTHY at
any time; `retries` failures in a row make UNHEALTHY; failures within the start period do not count
as long as there was no success yet. AWS: API_HealthCheck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from awsecs_async.local.runtimes.port import HealthCheck, Running
from awsecs_async.local.supervision import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What the probes so far come to."""

    health: Health = Health.UNKNOWN
    failures: int = 0  # in a row

    def after(self, exit_code: int, age_seconds: float, check: HealthCheck) -> Probed:
        """What one more probe makes of it, at that time after the container's start."""
        if exit_code == 0:
            return Probed(health=Health.HEALTHY)
        if self.health is Health.UNKNOWN and age_seconds < check.start_period_seconds:
            return self
        failures = self.failures + 1
        return Probed(
            health=Health.UNHEALTHY if failures >= check.retries else self.health,
            failures=failures,
        )


def arguments(check: HealthCheck) -> tuple[str, ...]:
    """The command to run; empty for NONE, which switches off a check that the image brings."""
    match check.command:
        case () | ("NONE", *_):
            return ()
        case ("CMD-SHELL", *rest):
            return ("/bin/sh", "-c", " ".join(rest))
        case ("CMD", *rest):
            return tuple(rest)
        case _:
            return check.command


async def watch(check: HealthCheck, running: Running, tell: Callable[[Health], None]) -> None:
    """Probe until cancelled, and tell every change."""
    command = arguments(check)
    loop = asyncio.get_running_loop()
    started = loop.time()
    probed = Probed()
    while command:
        await asyncio.sleep(check.interval_seconds)
        exit_code = await running.execute(command, check.timeout_seconds)
        before, probed = probed, probed.after(exit_code, loop.time() - started, check)
        if probed.health is not before.health:
            tell(probed.health)
