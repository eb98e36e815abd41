"""The machine as a whole: what holds whatever is asked, and whenever."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from awsecs_async.local.ecs.machine import Ecs
from awsecs_async.local.ecs.script import Script, every_container
from awsecs_async.local.faults import DENY_PURCHASE, FaultPlan, Faults, Rule
from awsecs_async.local.logs.service import Logs
from awsecs_async.local.settings import Capacity, CloudSettings, Delays

ORDER = [
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
]
NOW = 1_790_000_000.0

delays = st.sampled_from([0.0, 0.5, 3.0])
machines = st.builds(
    lambda delay, wait, length, deaf, spot: Ecs(
        made := CloudSettings(
            delays=Delays(
                buying=2 * delay,
                provisioning=delay,
                pulling=delay,
                activating=delay,
                stopping=delay,
                deprovisioning=delay,
            ),
            capacity=Capacity(cpu_units=3 * 1024, memory_mib=8192, wait=wait),
            seed=1,
        ),
        Logs(made),
        every_container(Script(duration_seconds=length, stop_seconds=deaf)),
        FaultPlan(
            Faults(
                spot_after_seconds=spot,
                spot_providers=("*",),
                rules=(Rule(kind=DENY_PURCHASE, probability=0.3),),
            )
        ),
    ),
    delays,
    st.booleans(),
    st.sampled_from([0.0, 1.0, 20.0]),
    st.sampled_from([0.0, 2.0, 50.0]),
    st.sampled_from([None, 0.0, 4.0]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(1, 4)),
        st.tuples(st.just("stop"), st.integers(0, 20)),
        st.tuples(st.just("lose"), st.integers(0, 20)),
        st.tuples(st.just("storm"), st.sampled_from([0.3, 1.0])),
        st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 1.0, 7.0])),
    ),
    max_size=25,
)


class Watch:
    """Looks at every task after every step, and remembers what it saw."""

    def __init__(self, machine: Ecs) -> None:
        self.machine = machine
        self.cluster = machine.clusters.clusters["local"]
        self.seen: dict[str, tuple[int, int]] = {}

    def look(self) -> None:
        """Statuses only go forward, versions too; the books of the cluster agree with its tasks."""
        tasks = self.machine.tasks()
        for task in tasks:
            now = (ORDER.index(task.last_status), task.version)
            before = self.seen.get(task.arn, (0, 1))
            assert now[0] >= before[0]
            assert (now[1] > before[1]) == (now != before)
            self.seen[task.arn] = now
            assert (task.desired_status == "STOPPED") == (task.stop_code is not None)
        assert sum(self.cluster.counts.values()) == len(tasks)
        assert {task.arn for task in tasks} == {*self.cluster.running, *self.cluster.stopped}
        assert 0 <= self.cluster.room.cpu_units <= 3 * 1024
        for instance in self.cluster.instances.values():
            taken = sum(task.launch.need.cpu_units for task in instance.tasks.values())
            assert taken + instance.free_cpu_units == instance.kind.vcpus * 1024
            assert min(instance.free_cpu_units, instance.free_memory_mib) >= 0


def perform(machine: Ecs, step: tuple[str, Any], now: float) -> None:
    """One step of a random walk."""
    kind, argument = step
    if kind == "run":
        machine.operations["RunTask"]({"cluster": "local", "taskDefinition": "job", "count": argument}, now)
    elif kind == "stop" and machine.tasks():
        task = machine.tasks()[argument % len(machine.tasks())]
        machine.operations["StopTask"]({"cluster": "local", "task": task.arn}, now)
    elif kind == "lose" and machine.clusters.clusters["local"].instances:
        instances = list(machine.clusters.clusters["local"].instances)
        machine.losses.lose_host(instances[argument % len(instances)], now)
    elif kind == "storm":
        machine.losses.interrupt_spot(now, argument, ["*"])


@settings(max_examples=60, deadline=None)
@given(machine=machines, walk=steps)
def test_every_walk_ends_well(machine: Ecs, walk: list[tuple[str, Any]]) -> None:
    """Tasks move forward only, nothing is lost, and in the end all have stopped and all room is free."""
    definition: dict[str, Any] = {"family": "job", "requiresCompatibilities": ["MANAGED_INSTANCES"]}
    definition |= {"networkMode": "host", "cpu": "1024", "memory": "512"}
    machine.operations["RegisterTaskDefinition"](
        {**definition, "containerDefinitions": [{"name": "main", "image": "x"}]}, NOW
    )
    now, watch = NOW, Watch(machine)
    for step in walk:
        now += step[1] if step[0] == "wait" else 0
        machine.advance(now)
        watch.look()
        perform(machine, step, now)
        watch.look()
    while (wake := machine.next_wake) is not None:
        now = max(now, wake)
        machine.advance(now)
        watch.look()
    assert {task.last_status for task in machine.tasks()} <= {"STOPPED"}
    assert (watch.cluster.room.cpu_units, list(watch.cluster.room.waiting)) == (0, [])
    assert not any(instance.fleet.buys for instance in watch.cluster.instances.values())
    assert not machine.hosts.somebody_waits
