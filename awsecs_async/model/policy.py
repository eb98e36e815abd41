"""The least IAM policy with which a dispatcher can do what its settings ask for.

Derived from the calls that are made, not from memory: what the settings do not use is not allowed. Resources
are as narrow as the Service Authorization Reference lets them be; RegisterTaskDefinition and the Describe
calls of EC2 know no narrower one than ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awsecs_async.model.definition import FAMILY_PREFIX

if TYPE_CHECKING:
    from awsecs_async.model.settings import Settings, Target

_ROLE = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):role/")
_CLUSTER = re.compile(r"arn:[\w-]+:ecs:(?P<region>[\w-]+):(?P<account>\d{12}):cluster/")
FAMILIES = f"{FAMILY_PREFIX}*"
TASKS = "ecs-tasks.amazonaws.com"
ECS = "ecs.amazonaws.com"

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The parts of ARNs, ``*`` where the settings do not tell."""

    partition: str
    account: str
    region: str
    cluster: str

    def ecs(self, resource: str) -> str:
        return f"arn:{self.partition}:ecs:{self.region}:{self.account}:{resource}"


def least_policy(settings: Settings, *, doctor: bool = False) -> dict[str, Any]:
    """An IAM policy document; with ``doctor`` also what only ``doctor`` asks.

    Tasks that bring tags of their own, or secrets, need nothing more here: ecs:TagResource is in it, and
    secrets are the execution role's to read. A role or a task definition that a task names itself is not in
    it: add iam:PassRole on the one, ecs:RunTask on the other.
    """
    statements: list[Statement] = []
    for target in settings.targets:
        for statement in _for_target(target, doctor=doctor):
            _merge(statements, statement)
    return {"Version": "2012-10-17", "Statement": statements}


def _for_target(target: Target, *, doctor: bool) -> Iterable[Statement]:
    names = _names(target)
    cluster = {"ArnEquals": {"ecs:cluster": names.ecs(f"cluster/{names.cluster}")}}
    task = names.ecs(f"task/{names.cluster}/*")
    definition = names.ecs(f"task-definition/{FAMILIES}:*")
    yield _allow("LaunchTasks", ["ecs:RunTask"], [definition], cluster)
    yield _allow("FollowTasks", ["ecs:DescribeTasks", "ecs:StopTask"], [task], cluster)
    yield _allow("FindTasks", ["ecs:ListTasks"], ["*"], cluster)
    tagging = {"StringEquals": {"ecs:CreateAction": "RunTask"}}
    yield _allow("TagTasks", ["ecs:TagResource"], [task], tagging)
    yield _allow("KeepDefinitions", ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"], ["*"])
    yield _allow("SeeCluster", ["ecs:DescribeClusters"], [names.ecs(f"cluster/{names.cluster}")])
    yield _allow("SeeProviders", ["ecs:DescribeCapacityProviders"], [names.ecs("capacity-provider/*")])
    machines = names.ecs(f"container-instance/{names.cluster}/*")
    yield _allow("SeeMachines", ["ecs:DescribeContainerInstances"], [machines])
    yield from _roles(target, doctor=doctor)
    group = f"arn:{names.partition}:logs:{names.region}:{names.account}:log-group:{target.logs_group}:*"
    yield _allow("ReadLogs", ["logs:FilterLogEvents"], [group])
    if target.check_at_start or doctor:
        seen = ["ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"]
        yield _allow("SeeNetwork", seen, ["*"])
        yield _allow("SeeQuotas", ["servicequotas:ListServiceQuotas"], ["*"])
    if doctor:
        yield _allow("SeeLogGroups", ["logs:DescribeLogGroups"], ["*"])
    if target.work_bucket:
        bucket, _, prefix = target.work_bucket.removeprefix("s3://").partition("/")
        where = f"arn:{names.partition}:s3:::{bucket}"
        yield _allow("KeepLongCommands", ["s3:PutObject"], ["/".join(filter(None, (where, prefix, "*")))])
        if doctor:
            yield _allow("SeeWorkBucket", ["s3:ListBucket"], [where])


def _roles(target: Target, *, doctor: bool) -> Iterable[Statement]:
    passed = [role for role in (target.execution_role, target.task_role) if role]
    if passed:
        to_tasks = {"StringEquals": {"iam:PassedToService": TASKS}}
        yield _allow("HandRolesToTasks", ["iam:PassRole"], passed, to_tasks)
    if target.infrastructure_role:
        to_ecs = {"StringEquals": {"iam:PassedToService": ECS}}
        yield _allow("HandVolumesToEcs", ["iam:PassRole"], [target.infrastructure_role], to_ecs)
        passed = [*passed, target.infrastructure_role]
    if doctor and passed:
        yield _allow("SeeRoles", ["iam:GetRole"], passed)


def _names(target: Target) -> _Names:
    known = _CLUSTER.match(target.cluster) or _ROLE.match(target.execution_role or "")
    told = known.groupdict() if known else {}
    return _Names(
        partition=target.partition,
        account=told.get("account", "*"),
        region=target.region or told.get("region", "*"),
        cluster=target.cluster.rsplit("/", 1)[-1],
    )


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None
) -> Statement:
    found: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(dict.fromkeys(resources)),
    }
    return found | {"Condition": condition} if condition else found


def _merge(statements: list[Statement], new: Statement) -> None:
    """Add it: to the statement of that name where only the resources differ, else as one of its own."""
    for number, there in enumerate(statements):
        if there["Sid"].rstrip("0123456789") != new["Sid"]:
            continue
        if there.get("Condition") == new.get("Condition"):
            more = [r for r in new["Resource"] if r not in there["Resource"]]
            statements[number] = there | {"Resource": [*there["Resource"], *more]}
            return
    taken = sum(there["Sid"].rstrip("0123456789") == new["Sid"] for there in statements)
    statements.append(new | {"Sid": f"{new['Sid']}{taken + 1}" if taken else new["Sid"]})
