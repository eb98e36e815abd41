"""What AWS refuses of a task's own: the task fails, and its target is not blocked for all the others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from awsecs_async.local.wire import WireError
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause
from awsecs_async.model.settings import Target
from awsecs_async.testing.rehearsal import rehearsal
from tests.unit.dispatcher.tapped import TappedCloud

ROLE = "arn:aws:iam::000000000000:role/not-ours"
DENIED = f"User: me is not authorized to perform: iam:PassRole on resource: {ROLE}"
GONE = "The subnet ID 'subnet-0bad' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
MANY = 100  # more than may launch at once


class StrictCloud(TappedCloud):
    """Denies one role, and does not know one subnet."""

    def perform(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """As the cloud does, or refused."""
        if operation == "RunTask":
            network = params.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
            if params["overrides"].get("taskRoleArn") == ROLE:
                raise WireError("AccessDeniedException", DENIED)
            if "subnet-0bad" in network.get("subnets", ()):
                raise WireError("InvalidParameterException", GONE)
        return super().perform(service, operation, params)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"task_role": ROLE}, f"{ROLE} is named by the task itself"),
        ({"network": {"subnets": ["subnet-0bad"]}}, "subnet-0bad is named by the task itself"),
    ],
)
async def test_a_task_is_to_blame_for_what_it_alone_names(own: dict[str, Any], said: str) -> None:
    """An array with a wrong role or subnet ends, and tells why; whoever comes after it runs."""
    async with StrictCloud() as cloud, rehearsal(cloud=cloud) as (dispatcher, _):
        wrong = [await dispatcher.submit(command=["a", str(number)], **own) for number in range(MANY)]
        right = await dispatcher.submit(command=["b"])
        async with asyncio.timeout(60):
            assert await right.result()
            for task in wrong:
                result = await task.result()
                assert (result.state, result.cause) == (State.FAILED, Cause.REFUSED)
                assert said in result.reason
        assert not dispatcher.blocked


@pytest.mark.parametrize(
    "settings", [{"task_role": ROLE}, {"subnets": ("subnet-0bad",), "check_at_start": False}]
)
async def test_what_the_settings_name_blocks_the_target(settings: dict[str, Any]) -> None:
    """A mistake in the settings is everybody's: nothing fails for it."""
    target = Target(cluster="local", runs_processes=True, **settings)
    async with StrictCloud() as cloud, rehearsal(cloud=cloud, targets=(target,)) as (dispatcher, _):
        task = await dispatcher.submit(command=["a"])
        await asyncio.sleep(60)
        assert task.state is State.QUEUED
        assert dispatcher.blocked
