"""One container as the arguments of `podman create` or `docker create`: pure, and the same for both.

Values of environment variables are not among the arguments, where every user of the machine could read
them: a variable is named, and the command takes its value from its own environment. A few names
would change the command itself (PATH, HOME, DOCKER_HOST); only those are given with their values.

CPU units are shares, as the ECS agent gives them to Docker: they count when the machine is busy.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from awsecs_async.local.runtimes.port import Box, ContainerRun

LABEL = "awsecs.cloud"  # on every container and volume of ours; its value says whose it is
FLAGS_VARIABLE = "AWSECS_LOCAL_CONTAINER_FLAGS"
# The host's network, so that containers reach the local cloud's loopback address; labels off, so that volumes
# of the user's can be read on SELinux machines without being relabelled.
DEFAULT_FLAGS = ("--network=host", "--security-opt=label=disable")
# Where the engine may not raise limits (it runs in a container itself), a container may have lower ones.
LOW_LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")
CHANGES_THE_COMMAND = re.compile(
    r"(PATH|HOME|USER|TMPDIR|NOTIFY_SOCKET|(HTTPS?|NO|ALL)_PROXY"
    r"|(LD|DYLD|XDG|DOCKER|PODMAN|CONTAINERS?|BUILDAH|STORAGE|REGISTRY|LISTEN|SSL|SSH|GO)(_.*|DEBUG)?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What this machine's engine needs besides the container's own arguments."""

    place: tuple[str, ...] = DEFAULT_FLAGS
    adjustable: bool = True  # False: the user has set them and they are left alone
    limits: bool = True  # False: no cgroups here, so memory and cpu are not limited

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Flags:
        """The user's flags, if AWSECS_LOCAL_CONTAINER_FLAGS is set (shell words), else the default ones."""
        wanted = environment.get(FLAGS_VARIABLE)
        return cls() if wanted is None else cls(place=tuple(shlex.split(wanted)), adjustable=False)

    def eased(self, complaint: str) -> Flags | None:
        """The flags to try after this complaint of the engine's; None if no flag would help."""
        if not self.adjustable:
            return None
        if "rlimit" in complaint and LOW_LIMITS[0] not in self.place:
            return Flags(place=(*self.place, *LOW_LIMITS), limits=self.limits)
        if "cgroup" in complaint.lower() and self.limits:
            return Flags(place=self.place, limits=False)
        return None


def create_arguments(
    run: ContainerRun, image: str, identity: tuple[str, ...], flags: Flags
) -> tuple[str, ...]:
    """Everything after `create`. `identity` is the container's name, labels and the like."""
    arguments = [*identity, "--pull=never", *flags.place]
    arguments += [each for name in run.environment for each in ("--env", _variable(name, run.environment))]
    for mount in run.mounts:
        source = mount.host_path or volume_name(run.task_id, mount.volume)
        arguments.append(f"--volume={source}:{mount.container_path}{':ro' if mount.read_only else ''}")
    if run.working_directory is not None:
        arguments.append(f"--workdir={run.working_directory}")
    if run.user is not None:
        arguments.append(f"--user={run.user}")
    if run.init_process:
        arguments.append("--init")
    arguments += _boxed(run.box, run.memory_mib if flags.limits else None)
    if flags.limits and run.cpu_units:
        arguments.append(f"--cpu-shares={run.cpu_units}")
    if flags.limits and run.memory_mib:
        arguments.append(f"--memory={run.memory_mib}m")
    if run.entry_point:
        arguments.append(f"--entrypoint={run.entry_point[0]}")
    return (*arguments, image, *run.entry_point[1:], *run.command)


def _boxed(box: Box, memory_mib: int | None) -> list[str]:
    """The arguments that shut a container in, or let it out."""
    arguments = [f"--cap-add={name}" for name in box.capabilities_added]
    arguments += [f"--cap-drop={name}" for name in box.capabilities_dropped]
    arguments += [f"--device={device}" for device in box.devices]
    arguments += [f"--tmpfs={mount}" for mount in box.tmpfs]
    arguments += [f"--ulimit={limit}" for limit in box.ulimits]
    if box.shared_memory_mib is not None:
        arguments.append(f"--shm-size={box.shared_memory_mib}m")
    if box.swap_mib is not None and memory_mib:
        arguments.append(f"--memory-swap={memory_mib + box.swap_mib}m")
    wanted = {
        "--privileged": box.privileged,
        "--read-only": box.read_only_root,
        "--pid=host": box.pid_of_host,
        "--ipc=host": box.ipc_of_host,
    }
    return [*arguments, *(flag for flag, is_wanted in wanted.items() if is_wanted)]


def create_environment(run: ContainerRun) -> dict[str, str]:
    """What the command's own environment must have, so that named variables have their values."""
    return {name: value for name, value in run.environment.items() if not CHANGES_THE_COMMAND.match(name)}


def container_name(run: ContainerRun) -> str:
    """What `podman ps` shows: awsecs-<task>-<container>."""
    return f"awsecs-{run.task_id}-{run.name}"


def volume_name(task_id: str, volume: str) -> str:
    """A task's own volume: awsecs-<task>-volume-<name>."""
    return f"awsecs-{task_id}-volume-{volume}"


def _variable(name: str, environment: Mapping[str, str]) -> str:
    return f"{name}={environment[name]}" if CHANGES_THE_COMMAND.match(name) else name
