"""Works for tests of what RunTask is told: a usual place, and every kind of place for properties."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from awsecs_async.model.fusion import Fusion
from awsecs_async.model.launch import LaunchId, render_launch
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.overrides import Work
from awsecs_async.model.placement import Ebs, Kind, Placement, Provider
from awsecs_async.model.settings import Target
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec

ROLE = "arn:aws:iam::123456789012:role/r"
TARGET = Target(cluster="c", task_role=ROLE, execution_role=ROLE)
PLACE = Placement(
    target="default", cluster="c", provider=Provider(name="mi", kind=Kind.MANAGED_INSTANCES),
    network_mode="host", cpu_units=1024, memory_mib=2048,
)  # fmt: skip
FARGATE = replace(PLACE, provider=Provider(name="FARGATE", kind=Kind.FARGATE), network_mode="awsvpc")


def work(spec: TaskSpec, placement: Placement = PLACE, target: Target = TARGET, **more: Any) -> Work:  # noqa: ANN401
    """That spec at the usual place."""
    return Work(spec=spec, placement=placement, target=target, **more)


def request(of: Work, count: int = 1) -> dict[str, Any]:
    """The request that is rendered for it."""
    launch = render_launch(
        LaunchId("l1"), {TaskId(f"t{n}"): 1 for n in range(count)}, of,
        definition_arn=Arn("arn:d:1"), started_by="me", made_at=5.0,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(launch.request)
    return found


networks = st.builds(
    Awsvpc,
    subnets=st.just(("subnet-1",)),
    security_groups=st.sampled_from([(), ("sg-1",)]),
    assign_public_ip=st.none() | st.booleans(),
)
volumes = st.builds(
    Ebs,
    role=st.just(ROLE), size_gib=st.integers(30, 16_384), type=st.sampled_from(["gp2", "gp3", "io1", "st1"]),
    mount_path=st.just("/scratch"), iops=st.none() | st.integers(3_000, 16_000),
    throughput=st.none() | st.integers(125, 1_000), encrypted=st.none() | st.booleans(),
    filesystem=st.none() | st.sampled_from(["ext4", "xfs"]),
)  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> Placement:
    """A place of any kind, with what that kind may have."""
    kind = draw(st.sampled_from(Kind))
    fargate = kind is Kind.FARGATE
    name = draw(st.sampled_from(["p1", None])) if kind is Kind.EC2 else "p1"
    mode: Any = "awsvpc" if fargate else draw(st.sampled_from(["awsvpc", "host"]))
    return replace(
        PLACE,
        provider=Provider(name=name, kind=kind),
        network_mode=mode,
        network=draw(networks) if mode == "awsvpc" else None,
        gpus="" if fargate else draw(st.sampled_from(["", "1", "0.5", "ALL"])),
        constraint="" if fargate else draw(st.sampled_from(["", "attribute:ecs.instance-type =~ c6i.*"])),
        ebs=draw(st.none() | volumes),
        ephemeral_gib=draw(st.none() | st.integers(21, 200)) if fargate else None,
    )


targets = st.builds(
    Target,
    cluster=st.just("c"),
    task_role=st.none() | st.just(ROLE),
    execution_role=st.just(ROLE),
    platform_version=st.none() | st.just("1.4.0"),
    tags=st.sampled_from([(), (("project", "p"),)]),
    ecs_managed_tags=st.booleans(),
    work_bucket=st.just("s3://work/spilled"),
)
fusions = st.builds(
    Fusion,
    log_level=st.none() | st.just("debug"),
    cache_size=st.none() | st.just("10 GB"),
    s3_endpoint=st.none() | st.just("https://s3.example.com"),
    kms_key=st.none() | st.just("key"),
)


def at_any_place(specs: st.SearchStrategy[TaskSpec]) -> st.SearchStrategy[Work]:
    """These specs, each as some attempt at some place of some target."""
    return st.builds(
        Work, spec=specs, placement=places(), target=targets, fusion=fusions, attempt=st.integers(1, 3)
    )
