"""From a task to what its containers are to do: definition and overrides put together."""

from __future__ import annotations

from typing import Any

from awsecs_async.local.ecs.boxes import box_of
from awsecs_async.local.ecs.tasks import Container, Task
from awsecs_async.local.runtimes.port import ContainerRun, Dependency, HealthCheck, Mount, TaskPlan
from awsecs_async.local.wire import Wire
from awsecs_async.model.container import NO_IMAGE
from awsecs_async.model.quotas import STOP_TIMEOUT_DEFAULT_SECONDS

RUNTIME_LABEL = "awsecs.runtime"  # a docker label of any container: which runtime its task wants


def container_run(task: Task, container: Container) -> ContainerRun:
    """One container's run, with its overrides applied."""
    definition = container.definition
    override = task.launch.container_overrides.get(container.name, {})
    environment = {item["name"]: item.get("value", "") for item in definition["environment"]}
    for item in override.get("environment") or ():
        environment[item["name"]] = item.get("value", "")
    if container.gpu_ids:
        environment["NVIDIA_VISIBLE_DEVICES"] = ",".join(container.gpu_ids)
    command = override.get("command")
    group, stream = log_place(task, container)
    return ContainerRun(
        task_arn=task.arn,
        task_id=task.id,
        name=container.name,
        image=None if definition["image"] == NO_IMAGE else definition["image"],
        entry_point=tuple(definition.get("entryPoint") or ()),
        command=tuple(definition.get("command") or () if command is None else command),
        environment=environment,
        working_directory=definition.get("workingDirectory"),
        user=definition.get("user"),
        cpu_units=_first(override.get("cpu"), definition.get("cpu")) or None,
        memory_mib=_first(override.get("memory"), definition.get("memory")),
        essential=container.essential,
        stop_timeout_seconds=_first(definition.get("stopTimeout"), STOP_TIMEOUT_DEFAULT_SECONDS),
        start_timeout_seconds=definition.get("startTimeout"),
        health_check=_health_check(definition.get("healthCheck")),
        depends_on=tuple(
            Dependency(container=item["containerName"], condition=item["condition"])
            for item in definition.get("dependsOn") or ()
        ),
        mounts=_mounts(task, definition) if definition["mountPoints"] else (),
        init_process=bool((definition.get("linuxParameters") or {}).get("initProcessEnabled")),
        box=box_of(definition, task.launch.definition.wire),
        environment_files=_environment_files(definition, override),
        log_group=group,
        log_stream=stream,
    )


def task_plan(task: Task, runs: tuple[ContainerRun, ...], zone: str) -> TaskPlan:
    """The whole task, for a supervisor of real containers."""
    return TaskPlan(
        task_arn=task.arn,
        task_id=task.id,
        cluster_arn=task.cluster.arn,
        family=task.launch.definition.family,
        revision=task.launch.definition.revision,
        containers=runs,
        cpu_units=task.launch.need.cpu_units or None,
        memory_mib=task.launch.need.memory_mib or None,
        launch_type=task.launch_type,
        availability_zone=zone,
        runtime=_wanted_runtime(task.containers),
    )


def log_place(task: Task, container: Container) -> tuple[str | None, str | None]:
    """The log group and stream a container writes to; AWS: using_awslogs, stream names."""
    logging = container.definition.get("logConfiguration")
    if not logging or logging.get("logDriver") != "awslogs":
        return None, None
    options = logging["options"]
    prefix = options.get("awslogs-stream-prefix")
    stream = f"{prefix}/{container.name}/{task.id}" if prefix else f"{task.id}-{container.name}"
    return options["awslogs-group"], stream


def creates_group(container: Container) -> bool:
    """Whether the awslogs driver is to make the group when it is missing."""
    options = container.definition["logConfiguration"]["options"]
    return str(options.get("awslogs-create-group", "")).lower() == "true"


def command_line(definition_containers: list[Wire], overrides: dict[str, Wire]) -> str:
    """The commands of a launch as one line of text, to count launches by."""
    parts = []
    for container in definition_containers:
        command = overrides.get(container["name"], {}).get("command") or container.get("command") or ()
        parts.append(" ".join(command))
    return " | ".join(parts)


def _wanted_runtime(containers: list[Container]) -> str | None:
    for container in containers:
        wanted = (container.definition.get("dockerLabels") or {}).get(RUNTIME_LABEL)
        if wanted is not None:
            return str(wanted)
    return None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _environment_files(definition: Wire, override: Wire) -> tuple[str, ...]:
    """Those of the definition, or of the override where it names any."""
    files = override.get("environmentFiles") or definition.get("environmentFiles") or ()
    return tuple(file["value"] for file in files)


def _health_check(check: Wire | None) -> HealthCheck | None:
    if not check or check["command"][:1] == ["NONE"]:
        return None
    return HealthCheck(
        command=tuple(check["command"]),
        interval_seconds=check.get("interval") or 30,
        timeout_seconds=check.get("timeout") or 5,
        retries=check.get("retries") or 3,
        start_period_seconds=check.get("startPeriod") or 0,
    )


def _mounts(task: Task, definition: Wire) -> tuple[Mount, ...]:
    volumes = {volume["name"]: volume for volume in task.launch.definition.wire["volumes"]}
    return tuple(
        Mount(
            volume=mount["sourceVolume"],
            container_path=mount["containerPath"],
            host_path=(volumes[mount["sourceVolume"]].get("host") or {}).get("sourcePath"),
            read_only=bool(mount.get("readOnly")),
        )
        for mount in definition["mountPoints"]
    )
