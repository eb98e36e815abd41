"""Environment files: .env objects in S3 that a container takes variables from, read before it starts.

One line is one VARIABLE=VALUE, as it stands; empty lines and those that begin with # are nothing. Of
several files the first that has a variable counts, and what the container's own environment says
counts before them all. Source: AmazonECS/latest/developerguide/use-environment-file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from awsecs_async.local.runtimes.port import ContainerRun, TaskPlan

Fetch = Callable[[str, str], Awaitable[bytes]]  # bucket and key; raises NoObject


class NoObject(Exception):
    """An object of S3 that cannot be had; the message says why."""


class NoEnvironment(Exception):
    """A container's environment files cannot be read; the message is ECS's reason."""


async def with_files(plan: TaskPlan, fetch: Fetch) -> TaskPlan:
    """The plan with its environment files read. Raises NoEnvironment."""
    if not any(run.environment_files for run in plan.containers):
        return plan
    return replace(plan, containers=tuple([await _read(run, fetch) for run in plan.containers]))


async def _read(run: ContainerRun, fetch: Fetch) -> ContainerRun:
    environment: dict[str, str] = {}
    for arn in reversed(run.environment_files):
        bucket, _, key = arn.partition(":::")[2].partition("/")
        try:
            text = (await fetch(bucket, key)).decode()
        except (NoObject, UnicodeDecodeError) as problem:
            reason = f"ResourceInitializationError: failed to download env files: {arn}: {problem}"
            raise NoEnvironment(reason) from problem
        environment.update(variables(text))
    return replace(run, environment={**environment, **run.environment})


def variables(text: str) -> dict[str, str]:
    """The variables of one file."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, sign, value in pairs if sign and name}


async def nothing(_bucket: str, _key: str) -> bytes:
    """For a cloud without S3."""
    raise NoObject("this cloud has no S3")
