"""Where a task will run, once that is decided: the values between ``engine/placement`` and a launch.

``Kind`` is the kind of capacity, because ECS's rules differ by it: Managed Instances are asked for
through a capacity provider strategy and never by launch type; Fargate has a table of sizes and a
launch rate; EC2 takes either.

A task has a ``Route``: the placements that it may have, first choice first. It is tried on the first; where
there is no capacity it moves on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from awsecs_async.model.instances import Architecture
from awsecs_async.model.network import Awsvpc, NetworkMode
from awsecs_async.model.resources import FileSystem, VolumeType

EBS_VOLUME: Final = "disk"
"""The volume of a task definition that RunTask configures: the name by which both requests know it."""


class Kind(Enum):
    """The kinds of capacity, by ECS's ``requiresCompatibilities`` names."""

    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    FARGATE = "FARGATE"
    EC2 = "EC2"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRequirements:
    """What a Managed Instances provider may launch (AWS: API_InstanceRequirementsRequest of ECS).

    Ranges are (least, most); a most of None has no end. Empty tuples restrict nothing. Instance types may
    have wildcards (``c6i.*``).
    """

    vcpus: tuple[int, int | None] = (0, None)
    memory_mib: tuple[int, int | None] = (0, None)
    allowed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    accelerator_names: tuple[str, ...] = ()
    accelerator_types: tuple[str, ...] = ()
    accelerator_count: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A capacity provider of a cluster, or a bare launch type where ``name`` is None.

    Args:
        requirements: What it may launch; None where that is not known, or nothing is said of it.

        storage_gib: Of each Managed Instance, shared by the images and tasks on it; None where not known.

        uses_local_storage: Whether that storage is the instance's own disks, however large they are.

        subnets, security_groups: The Managed Instances' own.
    """

    name: str | None
    kind: Kind
    is_spot: bool = False
    status: str = "ACTIVE"
    requirements: InstanceRequirements | None = None
    storage_gib: int | None = None
    uses_local_storage: bool = False
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """What to call it to people: its name, else its launch type."""
        return self.name or self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Ebs:
    """An EBS volume made for the task and deleted with it (AWS: API_TaskManagedEBSVolumeConfiguration)."""

    role: str
    size_gib: int
    type: VolumeType
    mount_path: str
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    filesystem: FileSystem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One place that a task may have; its lane (target, provider, kind of machine) is where it queues.

    Args:
        cpu_units: Task size in 1/1024 vCPU, already a size the provider accepts.

        memory_mib: Task size in MiB, already a size the provider accepts.

        network: Set in awsvpc mode only.

        gpus: As RunTask's resourceRequirements have it: ``"1"``, ``"0.5"``, ``"ALL"``; empty for none.

        machine: The word for the kind of machine asked for (a GPU's name, a machine type); empty for any.
            Tasks that want different machines do not wait for each other's.

        constraint: A placement expression (memberOf), empty for none.

        ephemeral_gib: Fargate's ephemeral storage; None takes the 20 GiB that come free.

        remarks: What was raised or rounded, for the person who asked.
    """

    target: str
    cluster: str
    provider: Provider
    network_mode: NetworkMode
    cpu_units: int
    memory_mib: int
    architecture: Architecture = "X86_64"
    network: Awsvpc | None = None
    gpus: str = ""
    machine: str = ""
    constraint: str = ""
    ebs: Ebs | None = None
    ephemeral_gib: int | None = None
    remarks: tuple[str, ...] = ()

    @property
    def lane(self) -> tuple[str, str]:
        """What shares capacity and limits: (target name, provider and kind of machine)."""
        return self.lane_at(self.provider.word)

    def lane_at(self, provider: str) -> tuple[str, str]:
        """The lane of the same task at another provider (by its word) of the same target."""
        return self.target, f"{provider} {self.machine}" if self.machine else provider


Route: TypeAlias = tuple[Placement, ...]
