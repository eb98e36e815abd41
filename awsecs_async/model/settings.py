"""The settings as frozen values. ``config`` loads them; nothing else reads files or the environment.

A ``Target`` is where tasks may run: account credentials, region and cluster. ``Settings`` is one
dispatcher's whole configuration. Names are those of ``aws.ecs.*`` in snake_case; the camelCase names
that users may write are ``config``'s concern.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from awsecs_async.errors import SettingsError
from awsecs_async.model import bounds
from awsecs_async.model.bounds import LogMode, MoveOn
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.network import NetworkMode
from awsecs_async.model.volumes import Volume

# The partitions beside ``aws``, by how their regions begin (botocore's partitions.json).
_PARTITIONS: Final = MappingProxyType(
    {
        "cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-isob-": "aws-iso-b", "us-isof-": "aws-iso-f",
        "us-iso-": "aws-iso", "eu-isoe-": "aws-iso-e", "eusc-": "aws-eusc",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where tasks may run, and what every task there has in common.

    Args:
        name: What tasks call it (``TaskSpec.target``).

        cluster: Name or ARN of the ECS cluster.

        region, profile, endpoint_url: As botocore has them; None lets botocore find out.

        execution_role: ARN of the role that pulls images and writes logs (needed on AWS).

        task_role: ARN of the role that the command itself has.

        infrastructure_role: ARN of the role with which ECS makes EBS volumes for tasks that ask for a disk.

        capacity_providers: In order of preference, of any kinds; ``EC2`` stands for the cluster's own
            instances, and ``FARGATE`` needs not be attached to it.
            Empty takes the cluster's default strategy, which must have Managed Instances.

        network_mode: ``awsvpc`` gives every task a network interface of its own (about 5 launches a
            second on Managed Instances and EC2), ``host`` shares the instance's. None: ``awsvpc`` on
            Fargate and wherever subnets are set, else ``host``.

        logs_group: The CloudWatch log group; it must exist, or the execution role may create it.

        volumes: Mounted in every container of every task that mounts nothing else there; see ``TaskSpec``.

        log_mode: ``non-blocking`` loses lines when its buffer is full; ``blocking`` stalls the
            container while CloudWatch does not answer.

        log_max_buffer: The awslogs driver's ``max-buffer-size`` in non-blocking mode.

        architecture: ``X86_64`` or ``ARM64``.

        platform_version: Fargate's; None takes the latest.

        tags: For every task, beside its own.

        ecs_managed_tags: Whether ECS adds its own tags (cluster name), for cost reports.

        work_bucket: ``s3://bucket/prefix`` for what RunTask cannot carry: long commands and environments.

        check_at_start: Whether subnets, groups and the account's own quotas are asked for when it opens.

        credentials: An access key id and its secret, instead of what botocore finds. For the local cloud,
            which takes any; on AWS leave it to botocore, whose credentials expire and rotate.

        runs_processes: Whether a task without a container is run, as a plain process: the local cloud can.
    """

    cluster: str
    name: str = "default"
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    execution_role: str | None = None
    task_role: str | None = None
    infrastructure_role: str | None = None
    capacity_providers: tuple[str, ...] = ()
    network_mode: NetworkMode | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    assign_public_ip: bool = True
    volumes: tuple[Volume, ...] = ()
    logs_group: str = "/aws/ecs/nextflow"
    logs_group_is_ours: bool = False
    log_stream_prefix: str = "awsecs"
    log_mode: LogMode = "non-blocking"
    log_max_buffer: str = "25m"
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    platform_version: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    ecs_managed_tags: bool = False
    work_bucket: str | None = None
    check_at_start: bool = True
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    runs_processes: bool = False

    def __post_init__(self) -> None:
        if not self.cluster:
            raise SettingsError(
                "no cluster is set: give --cluster NAME, or AWSECS_CLUSTER=NAME in the environment, "
                'or cluster = "NAME" under [aws.ecs] in awsecs.toml (or try --local, which needs none)'
            )
        bounds.hold(self, bounds.TARGET)
        if self.cluster.startswith("arn:") and self.region not in {None, self.cluster.split(":")[3]}:
            raise SettingsError(
                f"{self.region!r} is not the region of the cluster {self.cluster}", setting="region"
            )

    @property
    def partition(self) -> str:
        """Of AWS, as ARNs have it: told by an ARN of the settings, else by the region."""
        for arn in (self.cluster, self.execution_role or ""):
            if arn.startswith("arn:"):
                return arn.split(":")[1]
        region = self.region or ""
        return next((p for start, p in _PARTITIONS.items() if region.startswith(start)), "aws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The rates a dispatcher keeps to, per account and region. None takes AWS's documented default.

    Args:
        share: The part of every rate and burst that this dispatcher may use, over 0 to 1.

        poll_share: The part of the read bucket that polling may use, over 0 to 1.

        run_task: RunTask and StopTask together, (calls a second, burst).

        read: DescribeTasks and ListTasks together, (calls a second, burst).

        register: RegisterTaskDefinition, (calls a second, burst).

        definition_read: DescribeTaskDefinition, (calls a second, burst).

        fargate_calls: RunTask calls that ask for Fargate, (calls a second, burst).

        fargate_launches, fargate_spot_launches: Tasks, (a second, burst).

        network_interfaces: Launches of awsvpc tasks on EC2 and Managed Instances, (a second, burst);
            AWS documents CreateNetworkInterface at 5 a second, but whether that binds ECS is unverified,
            so None means no limit of ours.

        filter_logs: FilterLogEvents, (calls a second, burst).
    """

    share: float = 1.0
    poll_share: float = 0.5
    run_task: tuple[float, float] | None = None
    read: tuple[float, float] | None = None
    register: tuple[float, float] | None = None
    definition_read: tuple[float, float] | None = None
    fargate_calls: tuple[float, float] | None = None
    fargate_launches: tuple[float, float] | None = None
    fargate_spot_launches: tuple[float, float] | None = None
    network_interfaces: tuple[float, float] | None = None
    filter_logs: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        bounds.hold(self, bounds.QUOTAS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One dispatcher.

    Args:
        targets: At least one; the first is the default.

        dispatcher_id: RunTask's ``startedBy``; None has one made and kept in the journal.

        journal: Path of the SQLite journal; None keeps it in memory, so that tasks are not found again
            after the process ends.

        queue_limit: Tasks that may wait with us; ``submit`` waits while it is full.

        launches_in_flight: Launches under way at once in one lane. At 0.25 s a call, 32 are 128 a second,
            three times what RunTask's documented rate allows; more make the loop's turns longer.

        max_copies_per_launch: Copies merged into one RunTask call, 1 to 10.

        default_cpus, default_memory: For tasks that do not say: vCPUs and MiB.

        poll_floor, poll_ceiling: Seconds between two looks at a task: a tenth of its age, within these.

        missing_grace: Seconds for which ECS may not know a task that it has just launched.

        max_spot_attempts: How often a task that spot interrupted is launched again; 0 means never.

        max_host_attempts: How often a task whose on-demand instance was lost is launched again.

        move_on: When a task moves on to the next of its capacity providers: ``capacity`` (there was none, or
            it could not be bought), ``spot`` (interrupted more often than max_spot_attempts), ``start`` (not
            RUNNING within its start timeout). None of these counts as a failure of the task.

        start_timeout: Seconds from launch to RUNNING, after which a task is tried elsewhere or ends
            TIMED_OUT; None waits for ever, as a night's work on a small quota must.

        queue_timeout: Seconds that a task may wait for its launch, before it ends TIMED_OUT; None for ever.

        fusion: How Fusion tasks run.

        unknown_goes_round: Whether a task whose ending nobody can tell is run again.

        log_interval: Seconds between two reads of the followed logs.

        log_settle: Seconds after a task's stop in which CloudWatch may still bring lines.

        stop_grace: Seconds that leaving ``async with`` waits for the stops it asked for.

        finished_kept: Finished tasks that an in-memory journal remembers.

        finished_kept_seconds: How long a journal on disk remembers finished tasks.
    """

    targets: tuple[Target, ...]
    quotas: Quotas = field(default_factory=Quotas)
    dispatcher_id: str | None = None
    journal: Path | None = None
    queue_limit: int = 100_000
    launches_in_flight: int = 32
    max_copies_per_launch: int = 10
    default_cpus: float = 1.0
    default_memory: int = 2048
    poll_floor: float = 1.0
    poll_ceiling: float = 10.0
    missing_grace: float = 300.0
    max_spot_attempts: int = 5
    max_host_attempts: int = 0
    move_on: tuple[MoveOn, ...] = ("capacity", "spot", "start")
    start_timeout: float | None = None
    queue_timeout: float | None = None
    fusion: Fusion = field(default_factory=Fusion)
    unknown_goes_round: bool = False
    log_interval: float = 1.0
    log_settle: float = 15.0
    log_buffer_lines: int = 10_000
    stop_grace: float = 60.0
    finished_kept: int = 10_000
    finished_kept_seconds: float = 30 * 86_400.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", bounds.several(self.targets, Target, setting="targets"))
        if not self.targets:
            raise SettingsError("no target is set: name a cluster, or try --local")
        if len({t.name for t in self.targets}) < len(self.targets):
            raise SettingsError("two targets have the same name")
        bounds.several((self.quotas,), Quotas, setting="quotas")
        bounds.several((self.fusion,), Fusion, setting="fusion")
        bounds.hold(self, bounds.SETTINGS)
        if self.poll_ceiling < self.poll_floor:
            raise SettingsError(
                f"{self.poll_ceiling:g} is less than poll_floor, {self.poll_floor:g}; both are seconds "
                "between two looks at a task",
                setting="poll_ceiling",
            )

    def target(self, name: str | None) -> Target:
        """The target of that name; the first one for None.

        Raises:
            SettingsError: if there is none of that name.
        """
        if name is None:
            return self.targets[0]
        for target in self.targets:
            if target.name == name:
                return target
        known = ", ".join(t.name for t in self.targets)
        raise SettingsError(f"there is no target {name!r}; the settings name {known}")
