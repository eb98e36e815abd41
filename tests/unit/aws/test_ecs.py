"""ECS's answers in the engine's words: what is read, what is left out, what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from awsecs_async.aws.ecs import EcsDoor, sighting_of
from awsecs_async.aws.ports import LaunchFailure, Machine
from awsecs_async.errors import RequestRefused, TargetBlocked
from awsecs_async.local.wire import WireError
from awsecs_async.model.placement import Kind, Provider
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting
from awsecs_async.testing.transport import InProcessTransport
from tests.unit.aws.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "arn:aws:ecs:us-east-1:000000000000:task/local/"
SHORT = "arn:aws:ecs:us-east-1:000000000000:task/"
Wire = dict[str, Any]


class Canned:
    """A cloud that answers from a function and remembers what it was asked."""

    def __init__(self, answer: Callable[[str, Wire], Wire]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Wire]] = []

    async def call(self, service: str, operation: str, params: Wire) -> Wire:
        """The canned answer."""
        self.asked.append((operation, params))
        return self.answer(operation, params)


def door_to(answer: Callable[[str, Wire], Wire]) -> tuple[EcsDoor, Canned]:
    """A door to a canned cloud."""
    cloud = Canned(answer)
    return EcsDoor(InProcessTransport(cloud)), cloud


def task(name: str, version: int = 1, **more: object) -> Wire:
    """A task on the wire."""
    return {"taskArn": LONG + name, "version": version, "lastStatus": "RUNNING", **more}


def test_sighting_has_all_that_was_said() -> None:
    """Every field that the dispatcher decides by comes through unchanged."""
    seen = sighting_of(
        task(
            "a",
            7,
            desiredStatus="STOPPED",
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
            containers=[
                {"name": "main", "lastStatus": "STOPPED", "exitCode": 0, "reason": "r"},
                {"name": "log"},
            ],
            createdAt=1.5,
            startedAt=2.5,
            stoppedAt=3.5,
            capacityProviderName="p",
            launchType="FARGATE",
            containerInstanceArn="i",
            availabilityZone="us-east-1a",
            group="g",
            startedBy="me",
            overrides={"not": "read"},
        )
    )
    assert seen == Sighting(
        arn=Arn(LONG + "a"),
        version=7,
        last_status="RUNNING",
        desired_status="STOPPED",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        containers=(
            ContainerSighting(name="main", last_status="STOPPED", exit_code=0, reason="r"),
            ContainerSighting(name="log"),
        ),
        created_at=1.5,
        started_at=2.5,
        stopped_at=3.5,
        capacity_provider="p",
        launch_type="FARGATE",
        instance_arn="i",
        zone="us-east-1a",
        ecs_group="g",
        started_by="me",
    )


def test_sighting_makes_nothing_up() -> None:
    """An exit code that ECS does not give stays unknown, even in a replay that has only the status."""
    seen = sighting_of({"taskArn": LONG + "a", "lastStatus": "STOPPED", "desiredStatus": "STOPPED"})
    assert seen.is_stopped
    assert seen.containers == ()
    assert seen.stop_code is None
    assert sighting_of(task("a", containers=[{"name": "x"}])).containers[0].exit_code is None


async def test_describe_passes_over_what_is_known() -> None:
    """A look that sees nothing newer makes nothing, and a stale answer is never news."""
    door, _ = door_to(lambda *_: {"tasks": [task("same", 3), task("new", 4), task("old", 2), task("first")]})
    known = {Arn(LONG + "same"): 3, Arn(LONG + "new"): 3, Arn(LONG + "old"): 3}
    look = await door.describe("local", [Arn(LONG + n) for n in ("same", "new", "old", "first")], known)
    assert [s.arn for s in look.sightings] == [LONG + "new", LONG + "first"]
    assert list(look.missing) == []


async def test_describe_matches_short_arns() -> None:
    """A missing task is told by the ARN it was asked for, though AWS may name it in the old format."""
    door, cloud = door_to(
        lambda *_: {
            "tasks": [task("b")],
            "failures": [{"arn": SHORT + "a", "reason": "MISSING"}, {"arn": LONG + "c", "reason": "MISSING"}],
        }
    )
    look = await door.describe("local", [Arn(LONG + n) for n in "abc"])
    assert list(look.missing) == [LONG + "a", LONG + "c"]
    assert cloud.asked == [("DescribeTasks", {"cluster": "local", "tasks": [LONG + n for n in "abc"]})]


async def test_run_tells_tasks_and_failures() -> None:
    """A partial success is both: the tasks that were made and why the others were not."""
    door, cloud = door_to(
        lambda *_: {
            "tasks": [task("a")],
            "failures": [{"reason": "RESOURCE:CPU"}, {"reason": "ATTRIBUTE", "detail": "gpu"}],
        }
    )
    answer = await door.run('{"count":3}')
    assert [t.arn for t in answer.tasks] == [LONG + "a"]
    assert answer.failures == (
        LaunchFailure(reason="RESOURCE:CPU"),
        LaunchFailure(reason="ATTRIBUTE", detail="gpu", is_capacity=False),
    )
    assert cloud.asked == [("RunTask", {"count": 3})]


def refusing(code: str, message: str) -> Callable[[str, Wire], Wire]:
    """An answer that is an error."""

    def answer(*_: object) -> Wire:
        raise WireError(code, message)

    return answer


async def test_stop_of_a_forgotten_task_is_done() -> None:
    """Who stops a task that ECS has forgotten has what he wanted."""
    door, _ = door_to(refusing("InvalidParameterException", "The referenced task was not found."))
    await door.stop("local", Arn(LONG + "a"), "cancelled")


async def test_stop_tells_other_refusals() -> None:
    """A stop that did not happen is never taken for one that did."""
    door, _ = door_to(refusing("InvalidParameterException", "Identifier is malformed."))
    with pytest.raises(RequestRefused, match="malformed"):
        await door.stop("local", Arn("nonsense"), "cancelled")


async def test_stop_shortens_the_reason() -> None:
    """A long reason does not make a stop fail: ECS takes 1,024 characters."""
    door, cloud = door_to(lambda *_: {"task": {}})
    await door.stop("local", Arn(LONG + "a"), "x" * 5000)
    assert len(cloud.asked[0][1]["reason"]) == 1024


async def test_ours_reads_all_pages_of_both_states() -> None:
    """Adoption finds every task of ours, on whatever page, running or stopped."""

    def answer(_: str, params: Wire) -> Wire:
        if params["desiredStatus"] == "STOPPED":
            return {"taskArns": []}
        return (
            {"taskArns": ["c"]}
            if params.get("nextToken") == "2"
            else {"taskArns": ["a", "b"], "nextToken": "2"}
        )

    door, cloud = door_to(answer)
    assert [list(page) async for page in door.ours("local", "me")] == [["a", "b"], ["c"]]
    assert [(p["startedBy"], p["desiredStatus"], p.get("nextToken")) for _, p in cloud.asked] == [
        ("me", "RUNNING", None),
        ("me", "RUNNING", "2"),
        ("me", "STOPPED", None),
    ]


async def test_inactive_definitions_are_not_found() -> None:
    """A deregistered definition is registered again rather than run."""
    gone, _ = door_to(refusing("ClientException", "Unable to describe task definition."))
    assert await gone.find_definition("f") is None
    inactive, _ = door_to(lambda *_: {"taskDefinition": {"taskDefinitionArn": "a", "status": "INACTIVE"}})
    assert await inactive.find_definition("f") is None


CLUSTER = {
    "clusterArn": "arn:c",
    "clusterName": "c",
    "status": "ACTIVE",
    "capacityProviders": ["mi-spot", "FARGATE_SPOT", "asg", "mi", "gone"],
    "defaultCapacityProviderStrategy": [
        {"capacityProvider": "mi", "weight": 1},
        {"capacityProvider": "mi-spot", "weight": 4},
        {"capacityProvider": "asg", "weight": 1, "base": 2},
    ],
}
PROVIDERS = [
    {"name": "asg", "autoScalingGroupProvider": {"autoScalingGroupArn": "g"}},
    {"name": "mi", "type": "MANAGED_INSTANCES", "managedInstancesProvider": {}},
    {
        "name": "mi-spot",
        "managedInstancesProvider": {"instanceLaunchTemplate": {"capacityOptionType": "SPOT"}},
    },
]


async def test_cluster_knows_its_providers() -> None:
    """Kind and spot of every provider are read from what AWS says, page by page, in the cluster's order."""

    def answer(operation: str, params: Wire) -> Wire:
        if operation == "DescribeClusters":
            return {"clusters": [CLUSTER]}
        assert params["cluster"] == "c"
        assert params["capacityProviders"] == ["mi-spot", "asg", "mi", "gone"]
        if "nextToken" in params:
            return {"capacityProviders": PROVIDERS[1:]}
        return {"capacityProviders": PROVIDERS[:1], "nextToken": "2"}

    door, _ = door_to(answer)
    cluster = await door.cluster("c")
    assert cluster.providers == (
        Provider(name="mi-spot", kind=Kind.MANAGED_INSTANCES, is_spot=True),
        Provider(name="FARGATE_SPOT", kind=Kind.FARGATE, is_spot=True),
        Provider(name="asg", kind=Kind.EC2),
        Provider(name="mi", kind=Kind.MANAGED_INSTANCES),
    )
    assert cluster.default == ("asg", "mi-spot", "mi")


@pytest.mark.parametrize(
    "answer",
    [
        {"clusters": [], "failures": [{"arn": "c", "reason": "MISSING"}]},
        {"clusters": [{"clusterArn": "arn:c", "clusterName": "c", "status": "INACTIVE"}]},
    ],
)
async def test_no_cluster_blocks_the_target(answer: Wire) -> None:
    """A missing or deleted cluster halts launching and fails no task."""
    door, _ = door_to(lambda *_: answer)
    with pytest.raises(TargetBlocked, match="'c'") as caught:
        await door.cluster("c")
    assert caught.value.code == "ClusterNotFoundException"


async def test_machines() -> None:
    """An instance's type, zone and provider are read; what ECS does not know is left out."""
    instance = {
        "containerInstanceArn": "arn:i",
        "ec2InstanceId": "i-1",
        "status": "DRAINING",
        "capacityProviderName": "mi",
        "attributes": [
            {"name": "ecs.instance-type", "value": "m7g.large"},
            {"name": "ecs.availability-zone", "value": "us-east-1a"},
            {"name": "com.amazonaws.ecs.capability.docker-remote-api"},
        ],
    }
    answer = {"containerInstances": [instance], "failures": [{"arn": "arn:j", "reason": "MISSING"}]}
    transport = Scripted(lambda *_: answer)
    door = EcsDoor(transport)
    assert await door.machines("c", [Arn("arn:i"), Arn("arn:j")]) == [
        Machine(
            arn=Arn("arn:i"),
            ec2_id="i-1",
            type="m7g.large",
            zone="us-east-1a",
            provider="mi",
            is_draining=True,
        )
    ]
    assert await door.machines("c", []) == []
    assert len(transport.asked) == 1
    bare = EcsDoor(Scripted(lambda *_: {"containerInstances": [{"containerInstanceArn": "arn:i"}]}))
    assert await bare.machines("c", [Arn("arn:i")]) == [Machine(arn=Arn("arn:i"))]
