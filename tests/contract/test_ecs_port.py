"""What the engine's two ports promise, over each way to the local cloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from awsecs_async.aws.ports import LogGroup
from awsecs_async.errors import DefinitionGone, LogStreamsMissing, TargetBlocked, TokenConflict
from awsecs_async.local.faults import NO_CAPACITY, Faults, Rule
from awsecs_async.model.definition import Definition, Fingerprint
from awsecs_async.model.placement import Kind, Provider
from awsecs_async.model.sighting import Arn

if TYPE_CHECKING:
    from awsecs_async.aws.ecs import EcsDoor
    from awsecs_async.aws.logs import LogsDoor
    from awsecs_async.aws.ports import Transport
    from awsecs_async.local.cloud import Cloud

LOGGING = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"},
}


def definition(**container: object) -> Definition:
    """A definition of one container."""
    return Definition(
        fingerprint=Fingerprint("0" * 64),
        family="awsecs-x",
        request={
            "family": "awsecs-x",
            "networkMode": "host",
            "requiresCompatibilities": ["MANAGED_INSTANCES"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"name": "main", "image": "busybox", **container}],
        },
    )


DEFINITION = definition()
NEVER = Arn("arn:aws:ecs:us-east-1:000000000000:task/local/" + "0" * 32)


def request(arn: str, *, token: str = "t", count: int = 2) -> str:
    """A RunTask request's text."""
    return json.dumps(
        {
            "cluster": "local",
            "taskDefinition": arn,
            "count": count,
            "clientToken": token,
            "startedBy": "me",
            "group": "launch-1",
        }
    )


async def test_launch_look_and_stop(ecs: EcsDoor) -> None:
    """A task is launched, seen, passed over while nothing is new, stopped, and seen again."""
    arn = await ecs.register(DEFINITION)
    answer = await ecs.run(request(arn, count=1))
    assert not answer.failures
    (task,) = answer.tasks
    assert (task.started_by, task.ecs_group) == ("me", "launch-1")

    look = await ecs.describe("local", [task.arn, NEVER])
    (seen,) = look.sightings
    assert seen.version >= task.version
    assert seen.container("main") is not None
    assert list(look.missing) == [NEVER]
    assert not (await ecs.describe("local", [task.arn], {task.arn: seen.version})).sightings

    await ecs.stop("local", task.arn, "enough")
    (stopped,) = (await ecs.describe("local", [task.arn], {task.arn: seen.version})).sightings
    assert stopped.version > seen.version
    assert (stopped.desired_status, stopped.stop_code) == ("STOPPED", "UserInitiated")
    assert stopped.stopped_reason == "enough"
    await ecs.stop("local", NEVER, "enough")


async def test_ours_finds_running_and_stopped(ecs: EcsDoor) -> None:
    """After a restart every task that was launched is found, whatever became of it, and nobody else's."""
    arn = await ecs.register(DEFINITION)
    tasks = [(await ecs.run(request(arn, token=str(i), count=10))).tasks for i in range(12)]
    arns = {task.arn for launch in tasks for task in launch}
    await ecs.stop("local", tasks[0][0].arn, "enough")
    found = [page async for page in ecs.ours("local", "me")]
    assert {a for page in found for a in page} == arns
    assert len(found) == 3  # 100 and 19 running, 1 stopped
    assert [page async for page in ecs.ours("local", "somebody else")] == []


async def test_definitions_are_found_until_deregistered(ecs: EcsDoor, transport: Transport) -> None:
    """A restarted dispatcher finds its own definition, and one that is gone is told apart."""
    assert await ecs.find_definition(DEFINITION.family) is None
    arn = await ecs.register(DEFINITION)
    found = await ecs.find_definition(DEFINITION.family)
    assert found is not None
    assert found.arn == arn
    await transport.call("ecs", "DeregisterTaskDefinition", {"taskDefinition": arn})
    assert await ecs.find_definition(DEFINITION.family) is None
    with pytest.raises(DefinitionGone):
        await ecs.run(request(arn))
    with pytest.raises(DefinitionGone):
        await ecs.run(request("never-registered:1"))


async def test_conflict_and_capacity(ecs: EcsDoor, cloud: Cloud) -> None:
    """A used token leads to its tasks; no capacity is an answer, not an error."""
    arn = await ecs.register(DEFINITION)
    launched = await ecs.run(request(arn))
    with pytest.raises(TokenConflict) as caught:
        await ecs.run(request(arn, count=1))
    assert set(caught.value.arns) == {task.arn for task in launched.tasks}
    cloud.set_faults(Faults(rules=(Rule(kind=NO_CAPACITY, message="RESOURCE:CPU"),)))
    short = await ecs.run(request(arn, token="other", count=1))
    assert not short.tasks
    assert [(f.reason, f.is_capacity) for f in short.failures] == [("RESOURCE:CPU", True)]


async def test_cluster(ecs: EcsDoor) -> None:
    """A cluster tells its providers and its own choice among them; without one the target is blocked."""
    cluster = await ecs.cluster("local")
    assert cluster.name == "local"
    assert cluster.default == ("local-managed-instances",)
    providers = {provider.name: provider for provider in cluster.providers}
    assert providers["local-managed-instances"].kind is Kind.MANAGED_INSTANCES
    assert providers["local-managed-instances"].status == "ACTIVE"
    assert providers["FARGATE_SPOT"] == Provider(name="FARGATE_SPOT", kind=Kind.FARGATE, is_spot=True)
    with pytest.raises(TargetBlocked, match="nowhere"):
        await ecs.cluster("nowhere")
    with pytest.raises(TargetBlocked):
        await ecs.describe("nowhere", [NEVER])


async def test_logs(ecs: EcsDoor, logs: LogsDoor, transport: Transport) -> None:
    """Lines of a container are found in its stream; a stream that does not exist is told apart."""
    await transport.call("logs", "CreateLogGroup", {"logGroupName": "g"})
    arn = await ecs.register(definition(logConfiguration=LOGGING))
    (task,) = (await ecs.run(request(arn, count=1))).tasks
    stream = f"p/main/{task.arn.rsplit('/', 1)[-1]}"
    page = await logs.filter("g", streams=[stream], since=0)
    assert [(e.stream, e.message) for e in page.events] == [(stream, "a line")]
    assert page.next_token is None
    assert [e.id for e in (await logs.filter("g", streams=None, since=0)).events] == [
        e.id for e in page.events
    ]
    with pytest.raises(LogStreamsMissing):
        await logs.filter("no such group", streams=None, since=0)


async def test_machines(ecs: EcsDoor, cloud: Cloud) -> None:
    """A task that has a place leads to its machine: type, zone and provider; unknown ones are left out."""
    arn = await ecs.register(DEFINITION)
    (task,) = (await ecs.run(request(arn, count=1))).tasks
    (seen,) = (await ecs.describe("local", [task.arn])).sightings
    assert seen.instance_arn is not None
    gone = Arn("arn:aws:ecs:us-east-1:000000000000:container-instance/local/" + "0" * 32)
    (machine,) = await ecs.machines("local", [Arn(seen.instance_arn), gone])
    assert machine.arn == seen.instance_arn
    assert machine.provider == "local-managed-instances"
    assert machine.zone == seen.zone
    assert machine.type is not None
    assert machine.ec2_id is not None
    assert machine.ec2_id.startswith("i-")
    assert not machine.is_draining


async def test_log_group(logs: LogsDoor, transport: Transport) -> None:
    """A log group is told from those whose names begin with its own, with its retention."""
    await transport.call("logs", "CreateLogGroup", {"logGroupName": "/ecs/a"})
    await transport.call("logs", "CreateLogGroup", {"logGroupName": "/ecs/ab"})
    await transport.call("logs", "PutRetentionPolicy", {"logGroupName": "/ecs/ab", "retentionInDays": 30})
    assert await logs.group("/ecs/a") == LogGroup(name="/ecs/a")
    assert await logs.group("/ecs/ab") == LogGroup(name="/ecs/ab", retention_days=30)
    assert await logs.group("/ecs") is None
