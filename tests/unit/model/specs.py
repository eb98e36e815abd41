"""Task specs for properties: of every shape, small.

``specs`` are those that any cluster with Managed Instances can launch, by whatever settings; ``all_specs``
have every field, and may need another kind of capacity, a role or a machine that is not there.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.network import Network
from awsecs_async.model.options import ContainerOptions
from awsecs_async.model.resources import ALL, Accelerator, Disk
from awsecs_async.model.task import TaskSpec
from awsecs_async.model.volumes import Volume

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
names = st.text("abcXYZ_0", min_size=1, max_size=6)
commands = st.lists(words, max_size=3)
variables = st.dictionaries(names, words, max_size=3)
images = st.none() | st.sampled_from(["ubuntu:24.04", "busybox", "a.b/c/d@sha256:0"])
health_checks = st.builds(HealthCheck, command=st.just(["CMD", "true"]), retries=st.integers(1, 10))
users = st.none() | st.sampled_from(["me", "1000:1000"])
directories = st.none() | st.sampled_from(["/", "/data"])

secrets = st.dictionaries(names.map("S_{}".format), names.map(SECRET.__add__), max_size=2)
environment_files = st.lists(names.map("arn:aws:s3:::bucket/{}.env".format), max_size=2)
sources: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(dict, host_path=st.sampled_from(["/var/a", "/tmp/b"])),
    st.builds(dict, efs=st.just("fs-12345678"), efs_path=st.none() | st.just("/a"), iam=st.booleans()),
    st.builds(dict, efs=st.just("fs-12345678"), access_point=st.just("fsap-12345678")),
)


@st.composite
def volumes(draw: st.DrawFn, below: str = "/v") -> list[Volume]:
    """Up to three, each on a place of its own."""
    return [
        Volume(mount_path=f"{below}{number}", read_only=draw(st.booleans()), **draw(sources))
        for number in range(draw(st.integers(0, 3)))
    ]


# What Managed Instances have; Fargate has less, EC2 more.
_options: dict[str, Any] = {
    "privileged": st.booleans(),
    "init": st.booleans(),
    "read_only": st.booleans(),
    "ulimits": st.lists(st.sampled_from([("nofile", 1024, 2048), ("core", 0, -1)]), unique=True),
    "devices": st.lists(st.sampled_from(["/dev/fuse", "/dev/a:/dev/b:r"]), unique=True),
    "tmpfs": st.lists(st.sampled_from([("/t", 64, ("noexec",)), ("/u", 1, ())]), unique=True),
    "add_capabilities": st.lists(st.sampled_from(["SYS_PTRACE", "NET_ADMIN"]), unique=True),
    "drop_capabilities": st.lists(st.sampled_from(["ALL", "CHOWN"]), unique=True),
    "environment": variables,
    "volumes": volumes("/o"),
}
options = st.builds(ContainerOptions, **_options)
all_options = st.builds(
    ContainerOptions,
    shared_memory=st.none() | st.integers(1, 99),
    memory_swap=st.none() | st.integers(0, 99),
    swappiness=st.none() | st.integers(0, 100),
    user=users,
    working_directory=directories,
    **_options,
)


@st.composite
def containers(draw: st.DrawFn) -> tuple[ContainerSpec, ...]:
    """One to three, the first of which is essential and waits for the others."""
    others = [
        ContainerSpec(
            name=f"c{number}",
            container=draw(images),
            command=draw(commands),
            entry_point=draw(st.none() | commands),
            environment=draw(variables),
            essential=False,
            stop_timeout=draw(st.none() | st.integers(0, 86400)),
            health_check=draw(st.none() | health_checks),
            user=draw(users),
            container_options=draw(st.none() | options),
            volumes=draw(volumes()),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    after = [
        Dependency(container=c.name, condition=draw(st.sampled_from(["START", "SUCCESS"]))) for c in others
    ]
    return (ContainerSpec(command=draw(commands), depends_on=after), *others)


common = {
    "cpus": st.none() | st.sampled_from([0.25, 1, 4]),
    "memory": st.none() | st.integers(1, 10_000),
    "name": st.none() | names,
    "tags": st.dictionaries(names, names, max_size=2),
    "timeout": st.none() | st.integers(1, 10_000),
    "start_timeout": st.none() | st.integers(1, 10_000),
    "queue_timeout": st.none() | st.integers(1, 10_000),
    "max_spot_attempts": st.none() | st.integers(0, 9),
    "max_host_attempts": st.none() | st.integers(0, 9),
    "group": names,
    "priority": st.integers(-1000, 1000),
}
_one: dict[str, Any] = {
    "command": commands,
    "container": images,
    "entry_point": st.none() | commands,
    "environment": variables,
    "stop_timeout": st.none() | st.integers(0, 86400),
    "volumes": volumes(),
}
flat = st.builds(
    TaskSpec,
    working_directory=directories,
    user=users,
    container_options=st.none() | options,
    **_one,
    **common,
)
several = st.builds(TaskSpec, containers=containers(), **common)
specs = flat | several
"""Any TaskSpec that every cluster with Managed Instances can launch."""

# Secrets and environment files need an execution role.
_read_by_ecs: dict[str, Any] = {"secrets": secrets, "environment_files": environment_files}
_rare: dict[str, Any] = {
    "accelerator": st.none()
    | st.builds(
        Accelerator, count=st.sampled_from([0.25, 1, 8, ALL]), type=st.none() | st.sampled_from(["t4", "l4"])
    ),
    "disk": st.none()
    | st.builds(
        Disk,
        size=st.integers(1, 999),
        type=st.none() | st.sampled_from(["gp3", "io1", "st1"]),
        iops=st.none() | st.integers(3000, 9000),
        throughput=st.none() | st.integers(125, 500),
        mount_path=st.sampled_from(["/tmp", "/disk"]),
        encrypted=st.none() | st.booleans(),
        filesystem=st.none() | st.just("ext4"),
    ),
    "machine_type": st.none() | st.lists(st.sampled_from(["c6i.2xlarge", "c6i", "m5.*"]), min_size=1),
    "architecture": st.none() | st.sampled_from(["X86_64", "ARM64"]),
    "network": st.none()
    | st.builds(Network, mode=st.sampled_from([None, "host", "bridge", "awsvpc"]))
    | st.builds(
        Network,
        subnets=st.just(["subnet-1"]),
        security_groups=st.lists(st.just("sg-1"), max_size=1),
        assign_public_ip=st.none() | st.booleans(),
    ),
    "task_role": st.none() | st.just("arn:aws:iam::123456789012:role/command"),
    "execute_command": st.booleans(),
    "fusion": st.none() | st.just(value=True),
    "work_dir": st.none() | st.just("s3://bucket/work"),
    "capacity_providers": st.lists(names, max_size=2, unique=True),
    "target": st.none() | names,
}
all_flat = st.builds(
    TaskSpec, container_options=st.none() | all_options, **_one, **_read_by_ecs, **common, **_rare
)
all_several = st.builds(
    TaskSpec,
    containers=st.tuples(
        st.builds(ContainerSpec, container=images, container_options=all_options, **_read_by_ecs)
    )
    | containers(),
    **common,
    **_rare,
)
all_specs = all_flat | all_several
"""Any TaskSpec that this version can launch somewhere."""
