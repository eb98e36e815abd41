"""Placement constraints and GPUs: what a task may ask of its instance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.runtimes.port import ContainerRun
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import WireError
from tests.unit.local.estate import (
    SUBNETS,
    attribute,
    launched,
    machine,
    provider,
    remaining,
    run,
    sized,
    tasks,
)

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]


def member_of(text: str) -> list[Params]:
    """One memberOf constraint."""
    return [{"type": "memberOf", "expression": text}]


def gpus(value: str) -> Params:
    """Overrides that ask for GPUs."""
    requirement = {"type": "GPU", "value": value}
    return {"overrides": {"containerOverrides": [{"name": "main", "resourceRequirements": [requirement]}]}}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("attribute:ecs.instance-type == m5.xlarge", "m5.xlarge"),
        ("attribute:ecs.instance-type =~ r5[.].*", "r5.large"),
        ("attribute:ecs.instance-type in [c5.4xlarge, c5.2xlarge]", "c5.2xlarge"),
        ("attribute:ecs.cpu-architecture == arm64 and attribute:ecs.instance-type =~ m7g.*", "m7g.large"),
    ],
)
async def test_a_constraint_chooses_the_machine(cloud: Cloud, registered: str, text: str, kind: str) -> None:
    """The cheapest type that satisfies the expression is bought, and no other will do."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["*"]})
    arns = [*await run(cloud, "mi"), *await run(cloud, "mi", placementConstraints=member_of(text))]
    await asyncio.sleep(0.5)
    _, task = await tasks(cloud, *arns)
    assert attribute(await machine(cloud, task), "ecs.instance-type") == kind


async def test_a_constraint_chooses_the_subnet(cloud: Cloud, registered: str) -> None:
    """Instances are bought in the provider's subnets by turns, unless a task wants one of them."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["m5.large"]})
    wanted = member_of(f"attribute:ecs.subnet-id == {SUBNETS[1]}")
    arns = await run(cloud, "mi", count=4, placementConstraints=wanted, **sized("2048", "1024"))
    await asyncio.sleep(0.5)
    found = {attribute(await machine(cloud, task), "ecs.subnet-id") for task in await tasks(cloud, *arns)}
    assert found == {SUBNETS[1]}


async def test_distinct_instances(cloud: Cloud, registered: str) -> None:
    """Tasks of a group do not share an instance, though there is room."""
    arns = await run(
        cloud, count=3, placementConstraints=[{"type": "distinctInstance"}], **sized("128", "128")
    )
    await asyncio.sleep(0.5)
    assert len({task["containerInstanceArn"] for task in await tasks(cloud, *arns)}) == 3


async def test_an_expression_that_nothing_satisfies(cloud: Cloud, registered: str, job: Params) -> None:
    """Managed Instances fail the task later; on EC2 the call says it at once."""
    nothing = member_of("attribute:ecs.instance-type == z9.huge")
    (arn,) = await run(cloud, placementConstraints=nothing)
    await asyncio.sleep(1)
    (task,) = await tasks(cloud, arn)
    assert "UnfulfillableCapacity" in task["stoppedReason"]
    await cloud.call(
        "ecs", "RegisterTaskDefinition", {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
    )
    answer = await launched(cloud, launchType="EC2", placementConstraints=nothing)
    assert answer["failures"][0]["reason"] == "MemberOf placement constraint unsatisfied"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"placementConstraints": member_of("attribute:stack == x")}, "attribute:stack, only for"),
        ({"placementConstraints": member_of("ec2InstanceId == i-1")}, "ec2InstanceId, only for"),
        (
            {"placementConstraints": member_of("attribute:ecs.instance-type ==")},
            "Invalid constraint expression",
        ),
        ({"placementConstraints": member_of("x" * 2001)}, "1 to 2000"),
        ({"placementConstraints": member_of("")}, "1 to 2000"),
        ({"placementConstraints": [{"type": "near"}]}, "type 'near'"),
        ({"placementConstraints": [{"type": "distinctInstance", "expression": "x"}]}, "no expression"),
        ({"placementConstraints": [{"type": "distinctInstance"}] * 11}, "At most 10"),
        ({"placementStrategy": [{"type": "random"}]}, "not supported on Managed Instances"),
        (gpus("0"), "whole number"),
        (gpus("1.5"), "whole number"),
        (gpus("some"), "whole number"),
        (
            {
                "overrides": {
                    "containerOverrides": [
                        {"name": "main", "resourceRequirements": [{"type": "TPU", "value": "1"}]}
                    ]
                }
            },
            "TPU",
        ),
    ],
)
async def test_what_is_refused(ask: Ask, registered: str, params: Params, message: str) -> None:
    """Each rule refuses alone, by InvalidParameterException, and says which it is."""
    with pytest.raises(WireError, match=message) as refusal:
        await ask("RunTask", **params)
    assert refusal.value.code == "InvalidParameterException"


async def test_gpus_are_handed_out_one_by_one(job: Params) -> None:
    """Containers get their own, know them, and give them back; the instance shows what is left."""
    async with Cloud(scripts=every_container(Script(duration_seconds=60))) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        await provider(cloud, "mi", {"allowedInstanceTypes": ["g4dn.12xlarge"]})
        arns = [*await run(cloud, "mi", **gpus("1")), *await run(cloud, "mi", **gpus("2"))]
        await asyncio.sleep(0.5)
        one, two = await tasks(cloud, *arns)
        held = [one["containers"][0]["gpuIds"], two["containers"][0]["gpuIds"]]
        assert [len(ids) for ids in held] == [1, 2]
        instance = await machine(cloud, one)
        left = remaining(instance, "GPU")
        assert isinstance(left, list)
        assert len({*held[0], *held[1], *left}) == 4
        await asyncio.sleep(70)
        assert len(remaining(await machine(cloud, one), "GPU")) == 4  # type: ignore[arg-type]


async def test_a_container_is_told_its_gpus(job: Params) -> None:
    """As the NVIDIA runtime reads it from the environment; one without GPUs is told of none."""
    told: dict[str, str | None] = {}

    def listen(run: ContainerRun) -> Script:
        told[run.name] = run.environment.get("NVIDIA_VISIBLE_DEVICES")
        return Script()

    job["containerDefinitions"].append({"name": "side", "image": "busybox", "essential": False})
    async with Cloud(scripts=listen) as cloud:
        await cloud.call("ecs", "RegisterTaskDefinition", job)
        await provider(cloud, "mi", {"allowedInstanceTypes": ["g4dn.12xlarge"]})
        (arn,) = await run(cloud, "mi", **gpus("2"))
        await asyncio.sleep(1)
        (task,) = await tasks(cloud, arn)
        held = next(item["gpuIds"] for item in task["containers"] if item["name"] == "main")
        assert told == {"main": ",".join(held), "side": None}


async def test_all_the_gpus(cloud: Cloud, registered: str) -> None:
    """ALL takes the instance's, however many, and the next task gets an instance of its own."""
    await provider(cloud, "mi", {"allowedInstanceTypes": ["g4dn.12xlarge"]})
    arns = [*await run(cloud, "mi", **gpus("ALL")), *await run(cloud, "mi", **gpus("ALL"))]
    await asyncio.sleep(0.5)
    one, two = await tasks(cloud, *arns)
    assert len(one["containers"][0]["gpuIds"]) == 4
    assert one["containerInstanceArn"] != two["containerInstanceArn"]


async def test_parts_of_a_gpu_are_had_where_types_have_parts(cloud: Cloud, registered: str) -> None:
    """Half a GPU is bought as a type that has half of one, and never as a whole one."""
    await provider(cloud, "whole", {"allowedInstanceTypes": ["g5.*"]})
    await provider(cloud, "parts", {"allowedInstanceTypes": ["g5.*", "g6f.*"]})
    arns = [*await run(cloud, "whole", **gpus("0.5")), *await run(cloud, "parts", **gpus("0.5"))]
    await asyncio.sleep(0.5)
    none, half = await tasks(cloud, *arns)
    assert "UnfulfillableCapacity" in none["stoppedReason"]
    assert attribute(await machine(cloud, half), "ecs.instance-type") == "g6f.4xlarge"
    assert len(half["containers"][0]["gpuIds"]) == 1


async def test_a_provider_without_accelerators_has_no_gpu(cloud: Cloud, registered: str) -> None:
    """A provider that says nothing of accelerators never launches one."""
    await provider(cloud, "plain", {"vCpuCount": {"min": 2}})
    await provider(cloud, "t4", {"acceleratorNames": ["t4"], "acceleratorCount": {"min": 1, "max": 1}})
    arns = [*await run(cloud, "plain", **gpus("1")), *await run(cloud, "t4", **gpus("1"))]
    await asyncio.sleep(0.5)
    none, one = await tasks(cloud, *arns)
    assert "UnfulfillableCapacity" in none["stoppedReason"]
    assert attribute(await machine(cloud, one), "ecs.instance-type") == "g4dn.xlarge"


async def test_gpus_of_instances_that_stand_there(job: Params) -> None:
    """Launch type EC2 answers RESOURCE:GPU once they are taken."""
    async with Cloud(CloudSettings(ec2_instances=("g4dn.xlarge",))) as cloud:
        definition = {**job, "requiresCompatibilities": ["EC2"], "memory": "512"}
        await cloud.call("ecs", "RegisterTaskDefinition", definition)
        answer = await launched(cloud, launchType="EC2", count=2, **gpus("1"))
        assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:GPU"]


async def test_fargate_has_no_gpus(ask: Ask) -> None:
    """Neither by the definition nor by an override."""
    container: Params = {"name": "main", "image": "x"}
    definition: Params = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
    }
    await ask("RegisterTaskDefinition", **definition, containerDefinitions=[container])
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    with pytest.raises(WireError, match="do not support GPU"):
        await ask(
            "RunTask", taskDefinition="f", launchType="FARGATE", networkConfiguration=network, **gpus("1")
        )
    container["resourceRequirements"] = [{"type": "GPU", "value": "1"}]
    with pytest.raises(WireError, match="do not support GPU"):
        await ask("RegisterTaskDefinition", **definition, containerDefinitions=[container])
