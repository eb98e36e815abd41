"""Task specs for properties: of every shape, small."""

from __future__ import annotations

from hypothesis import strategies as st

from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.task import TaskSpec

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
names = st.text("abcXYZ_0", min_size=1, max_size=6)
commands = st.lists(words, max_size=3)
variables = st.dictionaries(names, words, max_size=3)
images = st.none() | st.sampled_from(["ubuntu:24.04", "busybox", "a.b/c/d@sha256:0"])
health_checks = st.builds(HealthCheck, command=st.just(["CMD", "true"]), retries=st.integers(1, 10))


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
            user=draw(st.none() | names),
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
    "tags": st.dictionaries(names, words, max_size=2),
    "timeout": st.none() | st.integers(1, 10_000),
    "group": names,
    "priority": st.integers(-1000, 1000),
}
flat = st.builds(
    TaskSpec,
    command=commands,
    container=images,
    entry_point=st.none() | commands,
    environment=variables,
    working_directory=st.none() | names,
    user=st.none() | names,
    stop_timeout=st.none() | st.integers(0, 86400),
    **common,
)
several = st.builds(TaskSpec, containers=containers(), **common)
specs = flat | several
"""Any TaskSpec that this version can launch."""
