"""Any settings that can be written to a file are loaded back as they were."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awsecs_async import config
from awsecs_async.config.names import camel
from awsecs_async.model.bounds import RATES
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.settings import Quotas, Settings, Target
from awsecs_async.model.volumes import Volume

names = st.text("abcXYZ09_-", min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8)
tagged = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "Zs"), include_characters="_.:/=+-@"),
    min_size=1,
    max_size=8,
)
roles = names.map(lambda name: f"arn:aws:iam::123456789012:role/{name}")
seconds = st.floats(0.5, 1e6)
counts = st.integers(1, 10**6)
parts = st.floats(0, 1, exclude_min=True)
rates = st.none() | st.tuples(st.floats(0.1, 1e3), st.floats(1, 1e4))


def lists(of: st.SearchStrategy[str], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    """Different ones, in order."""
    return st.lists(of, unique=True, max_size=most).map(tuple)


targets: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"cluster": names, "execution_role": roles},
    optional={
        "region": st.sampled_from(["eu-central-1", "us-east-1"]),
        "profile": texts,
        "endpoint_url": st.just("http://127.0.0.1:4566"),
        "task_role": roles,
        "infrastructure_role": roles,
        "capacity_providers": lists(names, 4),
        "network_mode": st.sampled_from(["awsvpc", "host", "bridge"]),
        "subnets": lists(names.map(lambda name: f"subnet-{name}"), 16),
        "security_groups": lists(names.map(lambda name: f"sg-{name}"), 5),
        "assign_public_ip": st.booleans(),
        "volumes": lists(names.map(lambda name: f"/var/{name}:/{name}:ro"), 3).map(Volume.several),
        "logs_group": names,
        "logs_group_is_ours": st.booleans(),
        "log_stream_prefix": names,
        "log_mode": st.sampled_from(["non-blocking", "blocking"]),
        "log_max_buffer": st.sampled_from(["25m", "1g", "4096"]),
        "architecture": st.sampled_from(["X86_64", "ARM64"]),
        "platform_version": st.just("1.4.0"),
        "tags": st.dictionaries(names, tagged, max_size=3).map(lambda tags: tuple(tags.items())),
        "ecs_managed_tags": st.booleans(),
        "work_bucket": st.just("s3://bucket/prefix"),
        "check_at_start": st.booleans(),
    },
)
quotas = st.builds(Quotas, share=parts, poll_share=parts, **dict.fromkeys(RATES, rates))
fusions = st.builds(
    Fusion,
    enabled=st.booleans(),
    privileged=st.booleans(),
    license=st.none() | st.just("arn:aws:ssm:eu-west-1:123456789012:parameter/licence"),
    tags=texts,
    cache_size=st.none() | texts,
    server_side_encryption=st.none() | st.just("aws:kms"),
)


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    """With one to three targets, the first of which is the top's own or has a name like the others."""
    named = draw(st.lists(names.filter(lambda name: name != "default"), unique=True, max_size=2))
    first = ["default"] if draw(st.booleans()) or not named else []
    floor = draw(seconds)
    return Settings(
        targets=tuple(Target(name=name, **draw(targets)) for name in [*first, *named]),
        quotas=draw(quotas),
        fusion=draw(fusions),
        dispatcher_id=draw(st.none() | names),
        journal=draw(st.none() | names.map(Path)),
        queue_limit=draw(counts),
        launches_in_flight=draw(counts),
        max_copies_per_launch=draw(st.integers(1, 10)),
        default_cpus=draw(st.sampled_from([0.25, 1.0, 96.0])),
        default_memory=draw(counts),
        poll_floor=floor,
        poll_ceiling=floor + draw(seconds),
        missing_grace=draw(seconds),
        max_spot_attempts=draw(st.integers(0, 9)),
        max_host_attempts=draw(st.integers(0, 9)),
        move_on=draw(lists(st.sampled_from(["capacity", "spot", "start"]), 3)),  # type: ignore[arg-type]
        start_timeout=draw(st.none() | seconds),
        queue_timeout=draw(st.none() | seconds),
        unknown_goes_round=draw(st.booleans()),
        log_interval=draw(seconds),
        log_settle=draw(st.just(0.0) | seconds),
        log_buffer_lines=draw(counts),
        stop_grace=draw(seconds),
        finished_kept=draw(counts),
        finished_kept_seconds=draw(seconds),
    )


def toml(value: object) -> str:
    """A value as TOML has it, which for these is JSON's form; paths and volumes are texts."""
    return json.dumps(value, ensure_ascii=False, default=str)


def lines(value: Target | Quotas | Fusion | Settings) -> list[str]:
    """The fields that a file may hold, of what is set; tags are written as one table inline."""
    found = []
    for field in fields(value):
        said = getattr(value, field.name)
        if said is None or field.name in {
            "name",
            "targets",
            "quotas",
            "fusion",
            "credentials",
            "runs_processes",
        }:
            continue
        if field.name == "tags" and isinstance(said, tuple):
            pairs = ", ".join(f"{toml(key)} = {toml(text)}" for key, text in said)
            found.append(f"tags = {{ {pairs} }}")
        else:
            found.append(f"{camel(field.name)} = {toml(said)}")
    return found


def written(value: Settings) -> str:
    """The file that says these settings."""
    tops = [target for target in value.targets if target.name == "default"]
    blocks = [["[aws.ecs]", *lines(value), *(line for top in tops for line in lines(top))]]
    blocks += [["[aws.ecs.quotas]", *lines(value.quotas)], ["[aws.ecs.fusion]", *lines(value.fusion)]]
    blocks += [[f"[aws.ecs.targets.{t.name}]", *lines(t)] for t in value.targets if t not in tops]
    return "\n".join(line for block in blocks for line in block)


def inherited(value: Settings) -> Settings:
    """As it is loaded: where a named target says nothing, what the default target says holds."""
    top = value.targets[0]
    if top.name != "default":
        return value
    own = [
        {field.name: getattr(t, field.name) for field in fields(t) if getattr(t, field.name) is not None}
        for t in value.targets
    ]
    return replace(value, targets=tuple(replace(top, **said) for said in own))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(any_settings())
def test_what_is_written_is_loaded_back(value: Settings) -> None:
    """Nothing is lost, changed or mixed up between a file and the values."""
    Path("awsecs.toml").write_text(written(value), encoding="utf-8")
    assert config.load() == inherited(value)
