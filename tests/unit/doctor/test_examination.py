"""A good account, and many that are not, each told with what mends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from awsecs_async.doctor import Check, Verdict, examine
from awsecs_async.local.cloud import Cloud
from awsecs_async.local.faults import Faults
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.settings import Settings, Target
from awsecs_async.testing.neighbours import Neighbours
from awsecs_async.testing.transport import InProcessTransport

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"


@dataclass(kw_only=True)
class Scene:
    """An account in which all is well, to be spoiled."""

    cloud: Cloud = field(default_factory=Cloud)
    neighbours: Neighbours = field(default_factory=Neighbours)
    target: Target = field(
        default_factory=lambda: Target(
            cluster="local",
            region="us-east-1",
            execution_role=ROLE + "execution",
            task_role=ROLE + "task",
            infrastructure_role=ROLE + "infrastructure",
            work_bucket="s3://work/tasks",
        )
    )
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.neighbours.add_role("execution", trusts=("ecs-tasks.amazonaws.com",))
        self.neighbours.add_role("task", trusts=("ecs-tasks.amazonaws.com",))
        self.neighbours.add_role("infrastructure", trusts=("ecs.amazonaws.com",))
        self.neighbours.buckets.add("work")
        self.neighbours.quotas["ecs"] = {"L-3B4FAC68": 200.0, "L-C3AEE9D2": 80.0}
        self.neighbours.quotas["fargate"] = {"L-3032A538": 500.0}

    def change(self, **fields: Any) -> None:  # noqa: ANN401
        """Other settings of the target."""
        self.target = replace(self.target, **fields)

    async def ask(self) -> list[Check]:
        """All checks."""

        @asynccontextmanager
        async def to_cloud(_: Target) -> AsyncIterator[InProcessTransport]:
            transport = InProcessTransport(self.cloud, region="us-east-1", neighbours=self.neighbours)
            await transport.call("logs", "CreateLogGroup", {"logGroupName": "/kept"})
            kept = {"logGroupName": "/kept", "retentionInDays": 30}
            await transport.call("logs", "PutRetentionPolicy", kept)
            yield transport

        return await examine(Settings(targets=(self.target,), **self.settings), to_cloud)


def failed(checks: list[Check]) -> dict[str, Check]:
    """The checks that failed, by name."""
    return {check.name: check for check in checks if check.verdict is Verdict.FAILS}


def warned(checks: list[Check]) -> dict[str, Check]:
    """The checks that warn, by name."""
    return {check.name: check for check in checks if check.verdict is Verdict.WARNS}


async def test_a_good_account_passes_every_check() -> None:
    """Where nothing is wrong nothing is said to be, and nothing has to be mended."""
    scene = Scene()
    scene.change(logs_group="/kept", capacity_providers=("local-managed-instances", "FARGATE"))
    checks = await scene.ask()
    assert {check.verdict for check in checks} == {Verdict.HOLDS}
    assert {check.mend for check in checks} == {""}
    assert "80 a second, 200 at once" in next(c.found for c in checks if c.name == "quotas")


def _no_cluster(scene: Scene) -> None:
    scene.change(cluster="nowhere")


def _only_fargate(scene: Scene) -> None:
    scene.cloud.ecs.clusters.clusters["local"].providers[:] = ["FARGATE", "FARGATE_SPOT"]


def _no_such_provider(scene: Scene) -> None:
    scene.change(capacity_providers=("mi-spot",))


def _no_execution_role(scene: Scene) -> None:
    del scene.neighbours.roles["execution"]


def _untrusting_role(scene: Scene) -> None:
    scene.neighbours.add_role("execution", trusts=("ec2.amazonaws.com",))


def _foreign_role(scene: Scene) -> None:
    scene.change(task_role="arn:aws:iam::999999999999:role/task")


def _infrastructure_for_tasks(scene: Scene) -> None:
    scene.neighbours.add_role("infrastructure", trusts=("ecs-tasks.amazonaws.com",))


def _no_default_vpc(scene: Scene) -> None:
    scene.neighbours.vpcs.clear()
    scene.change(capacity_providers=("FARGATE",))


def _unknown_subnet(scene: Scene) -> None:
    scene.change(subnets=("subnet-0bad",))


def _several_vpcs(scene: Scene) -> None:
    (other,) = scene.neighbours.vpcs.add("vpc-own", zones=("us-east-1a",))
    (ours, *_) = scene.neighbours.vpcs.subnets
    scene.change(subnets=(ours, other.id))


def _no_bucket(scene: Scene) -> None:
    scene.change(work_bucket="s3://elsewhere/tasks")


def _fusion_on_fargate(scene: Scene) -> None:
    scene.change(capacity_providers=("FARGATE",))
    scene.settings["fusion"] = Fusion(enabled=True)


def _expired(scene: Scene) -> None:
    scene.cloud.set_faults(
        Faults.from_json({"rules": [{"kind": "expired-credentials", "operation": "Describe*"}]})
    )


def _no_journal(scene: Scene) -> None:
    scene.settings["journal"] = Path("/nowhere/at/all/journal.sqlite")


BAD = [
    (_no_cluster, "cluster", "nowhere", "set cluster"),
    (_only_fargate, "capacity providers", "no Managed Instances", "capacityProviders = "),
    (_no_such_provider, "capacity providers", "'mi-spot'", ""),
    (_no_execution_role, "execution role", "no role", "create it"),
    (_untrusting_role, "execution role", "does not let ecs-tasks.amazonaws.com", "trust policy"),
    (_foreign_role, "task role", "999999999999", "role of the account"),
    (_infrastructure_for_tasks, "infrastructure role", "does not let ecs.amazonaws.com", "trust policy"),
    (_no_default_vpc, "network", "no default VPC", ""),
    (_unknown_subnet, "network", "subnet-0bad", ""),
    (_several_vpcs, "network", "several VPCs", ""),
    (_no_bucket, "work bucket", "elsewhere", "aws s3 mb"),
    (_fusion_on_fargate, "fusion", "/dev/fuse", "capacityProviders"),
    (_expired, "cluster", "expired", "renew the credentials"),
    (_no_journal, "journal", "/nowhere/at/all", "mkdir"),
]


@pytest.mark.parametrize(("spoil", "name", "found", "mend"), BAD, ids=[case[0].__name__ for case in BAD])
async def test_what_is_wrong_fails_and_says_what_mends_it(
    spoil: Callable[[Scene], None], name: str, found: str, mend: str
) -> None:
    """Of a bad account exactly the check that is about it fails, and its words lead to the cure."""
    scene = Scene()
    spoil(scene)
    wrong = failed(await scene.ask())
    assert list(wrong) == [name]
    assert found in wrong[name].found
    assert mend in f"{wrong[name].found} {wrong[name].mend}"
    assert wrong[name].mend


@pytest.mark.parametrize("service", ["iam", "ec2", "s3", "sts", "service-quotas"])
@pytest.mark.parametrize("how", ["denied", "absent"])
async def test_what_may_not_be_asked_warns_and_does_not_fail(service: str, how: str) -> None:
    """A right that is missing, or an endpoint without that service, is no reason to fail."""
    scene = Scene()
    scene.change(subnets=("subnet-0d0",), security_groups=("sg-0d",), logs_group="/kept")
    if how == "denied":
        scene.neighbours.deny(service)
    else:
        scene.neighbours.turn_off(service)
    checks = await scene.ask()
    assert failed(checks) == {}
    assert warned(checks)
    assert all(check.mend for check in warned(checks).values())


async def test_a_missing_log_group_is_a_warning() -> None:
    """ECS makes the group where the execution role may, so its absence alone stops nobody."""
    scene = Scene()
    scene.change(logs_group="/aws/ecs/none")
    assert "create-log-group" in warned(await scene.ask())["log group"].mend
