"""Where tests place tasks: stations in clusters with these providers, and what is said of a task there."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from typing import Any

import pytest

from awsecs_async.aws.ports import Cluster
from awsecs_async.engine.placement import Places
from awsecs_async.engine.targets import Station
from awsecs_async.errors import InvalidTask, Refused
from awsecs_async.model.placement import InstanceRequirements, Kind, Placement, Provider, Route
from awsecs_async.model.settings import Settings, Target
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskSpec

ROLE = "arn:aws:iam::123456789012:role/ecsInfrastructure"
MANAGED = Provider(name="mi", kind=Kind.MANAGED_INSTANCES)
FARGATE = Provider(name="FARGATE", kind=Kind.FARGATE)
EC2 = Provider(name="asg", kind=Kind.EC2)

# Placing never awaits, and so asks nobody: a station's doors and buckets may be anything.
DOORS: dict[str, Any] = {
    each.name: None for each in fields(Station) if each.default is MISSING and each.default_factory is MISSING
}


def managed(name: str = "mi", **requirements: Any) -> Provider:  # noqa: ANN401
    """A Managed Instances provider that may launch what these requirements let through."""
    asked = InstanceRequirements(**requirements)
    return Provider(name=name, kind=Kind.MANAGED_INSTANCES, requirements=asked)


def station_of(*providers: Provider, default: tuple[str, ...] = (), **target: Any) -> Station:  # noqa: ANN401
    """A station in a cluster with these providers."""
    members: dict[str, Any] = {"cluster": "c", "runs_processes": True, "subnets": ("subnet-1",)} | target
    cluster = Cluster(arn=Arn("c"), name="c", providers=providers, default=default)
    return Station(**DOORS | {"target": Target(**members), "cluster": cluster})


def places(station: Station, **settings: Any) -> Places:  # noqa: ANN401
    """Places on this station alone."""
    return Places([station], Settings(targets=(station.target,), **settings))


def route(station: Station, **task: Any) -> Route:  # noqa: ANN401
    """Where a task with these fields may run."""
    return places(station).place(TaskSpec(**task))


def place(station: Station, **task: Any) -> Placement:  # noqa: ANN401
    """Where a task with these fields runs first."""
    return route(station, **task)[0]


def says(text: str, *pieces: str) -> bool:
    """Whether a text has all of these pieces in this order, the first of them at its beginning."""
    return re.match(".*?".join(re.escape(piece) for piece in pieces), text, re.DOTALL) is not None


def refusal(station: Station, **task: Any) -> str:  # noqa: ANN401
    """Why a task with these fields runs nowhere."""
    spec = TaskSpec(**task)
    with pytest.raises((Refused, InvalidTask)) as refused:
        places(station).place(spec)
    return str(refused.value)
