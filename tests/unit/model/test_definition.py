"""The fingerprint: the same fixed parts have the same one, any other fixed part has another, and what
RunTask can override never matters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.definition import fingerprint, render_definition
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.network import Awsvpc
from awsecs_async.model.placement import Ebs, Kind, Placement, Provider
from awsecs_async.model.settings import Target
from awsecs_async.model.task import TaskSpec
from tests.unit.model.specs import commands, flat, specs, variables

FUSION = Fusion()
TARGET = Target(cluster="c", region="eu-central-1", execution_role="arn:aws:iam::1:role/x")
MANAGED = Provider(name="mi", kind=Kind.MANAGED_INSTANCES)
PLACE = Placement(
    target="default", cluster="c", provider=MANAGED, network_mode="host", cpu_units=1024, memory_mib=2048
)
SPEC = TaskSpec(command=["a"], container="busybox")


def key(spec: TaskSpec = SPEC, place: Placement = PLACE, target: Target = TARGET) -> str:
    """The fingerprint of what is rendered."""
    return render_definition(spec, place, target, FUSION).fingerprint


@given(specs)
def test_the_same_spec_has_the_same_definition(spec: TaskSpec) -> None:
    """Rendering is a function of its arguments, and its key is the key of what is sent but the family."""
    first, second = (render_definition(spec, PLACE, TARGET, FUSION) for _ in range(2))
    assert first == second
    sent = {name: value for name, value in first.request.items() if name != "family"}
    assert fingerprint(sent) == first.fingerprint
    assert first.family == first.request["family"]
    assert first.fingerprint[:32] in first.family


@given(flat, commands, variables, st.sampled_from([None, 0.5, 2]), st.sampled_from([None, 64, 4096]))
def test_what_can_be_overridden_never_matters(
    spec: TaskSpec, command: list[str], environment: dict[str, str], cpus: float | None, memory: int | None
) -> None:
    """Ten thousand tasks with commands, environments, sizes and names of their own share a definition."""
    other = replace(
        spec, command=command, environment=environment, cpus=cpus, memory=memory, name="other",
        tags={"t": "v"}, timeout=5, group="g", priority=7,
    )  # fmt: skip
    bigger = replace(PLACE, cpu_units=4096, memory_mib=8192)
    assert key(spec) == key(other) == key(other, bigger)


def test_what_runtask_says_of_a_machine_never_matters() -> None:
    """GPUs, roles, files of variables, the network's subnets, the provider a disk's size are RunTask's."""
    spec = replace(
        SPEC, accelerator="2 t4", task_role="arn:aws:iam::123456789012:role/t", execute_command=True,
        machine_type="c6i", environment_files=["s3://bucket/a.env"], container_options="-e A=1",
        network="awsvpc", start_timeout=5, queue_timeout=5, capacity_providers=["a"], max_spot_attempts=1,
    )  # fmt: skip
    place = replace(
        PLACE, gpus="2", machine="t4", constraint="attribute:ecs.instance-type == c6i.large",
        ephemeral_gib=99, remarks=("raised",), network=Awsvpc(subnets=("subnet-1",)),
    )  # fmt: skip
    assert key(spec, place) == key()
    disks = [
        Ebs(role=role, size_gib=size, type="gp3", mount_path="/d") for role, size in (("r", 30), ("s", 99))
    ]
    assert len({key(place=replace(PLACE, ebs=disk)) for disk in disks}) == 1
    assert key(place=replace(PLACE, ebs=disks[0])) != key(place=PLACE)


SECRET = "arn:aws:ssm:eu-central-1:123456789012:parameter/a"
FIXED: dict[str, Any] = {
    "container_options": "--init",  # not --privileged, beside which Fusion needs nothing more
    "volumes": ("/var/a:/a",),
    "secrets": {"S": SECRET},
    "fusion": True,
    "container": "ubuntu",
    "entry_point": ("sh",),
    "working_directory": "/tmp",
    "user": "me",
    "stop_timeout": 5,
}


@given(st.sets(st.sampled_from(sorted(FIXED))), st.sets(st.sampled_from(sorted(FIXED))))
def test_any_fixed_part_matters(first: set[str], second: set[str]) -> None:
    """Two specs share a key exactly when their fixed parts are equal."""
    specs_of = [replace(SPEC, **{name: FIXED[name] for name in names}) for names in (first, second)]
    assert (key(specs_of[0]) == key(specs_of[1])) == (first == second)


CONTAINER = ContainerSpec(name="main", container="busybox")
OTHER_CONTAINERS = [
    CONTAINER,
    replace(CONTAINER, name="other"),
    replace(CONTAINER, container="ubuntu"),
    replace(CONTAINER, entry_point=()),
    replace(CONTAINER, stop_timeout=0),
    replace(CONTAINER, health_check=HealthCheck(command=["CMD", "true"])),
    replace(CONTAINER, health_check=HealthCheck(command=["CMD", "true"], retries=4)),
]


def test_any_fixed_part_of_a_container_matters() -> None:
    """Names, images, entry points (an empty one too), stop timeouts and health checks are fixed."""
    assert len({key(TaskSpec(containers=[c])) for c in OTHER_CONTAINERS}) == len(OTHER_CONTAINERS)


def test_dependencies_and_essentials_matter() -> None:
    """How containers hang together lives in the definition."""
    side = ContainerSpec(name="side", container="busybox", essential=False)
    variants = [
        (CONTAINER, side),
        (replace(CONTAINER, depends_on=[Dependency(container="side")]), side),
        (replace(CONTAINER, depends_on=[Dependency(container="side", condition="SUCCESS")]), side),
        (CONTAINER, replace(side, essential=True)),
    ]
    assert len({key(TaskSpec(containers=c, result_from="main")) for c in variants}) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"execution_role": "arn:aws:iam::1:role/y"},
        {"logs_group": "/other"},
        {"log_stream_prefix": "p"},
        {"log_mode": "blocking"},
        {"log_max_buffer": "1m"},
        {"region": "us-west-2"},
    ],
)
def test_the_settings_in_a_definition_matter(change: dict[str, Any]) -> None:
    """A definition made under other settings is not taken for ours."""
    assert key() != key(target=replace(TARGET, **change))


def test_the_settings_outside_it_do_not_matter() -> None:
    """The task role and the network are RunTask's to say."""
    other = replace(
        TARGET, task_role="arn:aws:iam::1:role/t", subnets=("subnet-1",), security_groups=("sg-1",), name="x"
    )
    assert key() == key(target=other)


def test_the_place_matters_by_its_kind_network_and_architecture() -> None:
    """Compatibilities and network mode are fixed; which provider of a kind it is, is not."""
    kinds = [replace(PLACE, provider=replace(MANAGED, kind=kind)) for kind in Kind]
    others = [replace(PLACE, network_mode="awsvpc"), replace(PLACE, architecture="ARM64")]
    keys = {key(place=p) for p in [*kinds, *others]}
    assert len(keys) == len(Kind) + 2
    assert key() == key(place=replace(PLACE, provider=replace(MANAGED, name="other", is_spot=True)))


def test_log_options_are_always_set() -> None:
    """Whether lines can be lost or a container stalled is said in every definition, not left to AWS."""
    definition = render_definition(SPEC, PLACE, TARGET, FUSION)
    options = definition.request["containerDefinitions"][0]["logConfiguration"]["options"]
    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", "25m")
    blocking = render_definition(SPEC, PLACE, replace(TARGET, log_mode="blocking"), FUSION)
    assert "max-buffer-size" not in str(blocking.request)


@given(specs)
def test_a_family_is_a_name_that_ecs_takes(spec: TaskSpec) -> None:
    """AWS: up to 255 letters, digits, underscores and hyphens, whatever the image is called."""
    family = render_definition(spec, PLACE, TARGET, FUSION).family
    assert len(family) <= 255
    assert family.replace("-", "").replace("_", "").isalnum()
    assert family.isascii()
