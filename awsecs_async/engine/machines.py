"""Which EC2 instance a task runs on: its id and type, for the record of its attempts.

DescribeTasks tells the container instance; DescribeContainerInstances tells what that is, a hundred a call.
Many tasks share an instance, and an instance is asked about once. This is for the record only, so it goes
behind everything else that draws on the read bucket, it delays no ending, and where it may not be asked
nothing is said but once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Final

import anyio

from awsecs_async.aws.faults import could_not_ask
from awsecs_async.aws.ports import Machine
from awsecs_async.errors import AwsFault, RequestRefused, Throttled, Unanswered
from awsecs_async.kit.speech import get_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.engine.record import Record
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.sighting import Arn

AT_ONCE: Final = 100  # AWS: API_DescribeContainerInstances, containerInstances
REMEMBERED: Final = 10_000  # instances of one target
GATHER_SECONDS: Final = 1.0  # in which further instances may join a call
AGAIN_SECONDS: Final = 30.0  # after a lost answer, or while the target is blocked

log = get_logger()


class Machines:
    """Finds out about the instances under live tasks, target by target."""

    def __init__(self, ledger: Ledger, stations: Sequence[Station]) -> None:
        self._inquiries = {station.target.name: Inquiry(ledger, station) for station in stations}
        ledger.heed(self._heed)

    def __repr__(self) -> str:
        return f"<Machines {', '.join(map(repr, self._inquiries.values()))}>"

    async def run(self) -> None:
        """Find out for ever."""
        async with anyio.create_task_group() as group:
            for each in self._inquiries.values():
                group.start_soon(each.run)

    def _heed(self, record: Record, _old: State | None) -> None:
        live = record.live
        if live is None or live.arn is None or live.instance_arn is None or live.machine is not None:
            return
        if record.state.is_on_ecs:
            self._inquiries[record.placement.target].want(live.instance_arn, live.arn)


class Inquiry:
    """One target's instances. Its state is those that are known, and those that tasks still ask about."""

    def __init__(self, ledger: Ledger, station: Station) -> None:
        self._ledger = ledger
        self._station = station
        self._known: OrderedDict[str, Machine] = OrderedDict()
        self._wanted: dict[str, list[Arn]] = {}
        self._more = asyncio.Event()
        self._is_denied = False

    def __repr__(self) -> str:
        return f"<Inquiry {self._station.target.name}: {len(self._known)} known, {len(self._wanted)} wanted>"

    def want(self, instance: str, task: Arn) -> None:
        """That task runs on that instance."""
        machine = self._known.get(instance)
        if machine is not None:
            self._known.move_to_end(instance)
            self._ledger.machine(task, machine)
        elif not self._is_denied:
            self._wanted.setdefault(instance, []).append(task)
            self._more.set()

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await self._more.wait()
            await asyncio.sleep(GATHER_SECONDS)
            while not self._station.buckets.read.try_acquire():  # noqa: ASYNC110 (whoever else reads goes first)
                await asyncio.sleep(GATHER_SECONDS)
            await self._ask(list(islice(self._wanted, AT_ONCE)))
            if not self._wanted:
                self._more.clear()

    async def _ask(self, instances: list[str]) -> None:
        station = self._station
        try:
            found = await station.ecs.machines(station.target.cluster, instances)  # type: ignore[arg-type]
        except Throttled:
            station.buckets.read.throttled()
        except AwsFault as fault:
            await self._without_answer(instances, fault)
        else:
            self._learn(instances, {machine.arn: machine for machine in found})

    async def _without_answer(self, instances: list[str], fault: AwsFault) -> None:
        if could_not_ask(fault) and not isinstance(fault, Unanswered):
            self._is_denied = True
            self._wanted.clear()
            log.warning(
                "instances stay unknown", target=self._station.target.name, said=str(fault),
                cure="allow ecs:DescribeContainerInstances, or do without instance types in the records",
            )  # fmt: skip
        elif isinstance(fault, RequestRefused):
            self._learn(instances, {})
        else:
            await asyncio.sleep(AGAIN_SECONDS)

    def _learn(self, instances: list[str], found: dict[Arn, Machine]) -> None:
        for machine in found.values():
            self._known[machine.arn] = machine
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        for instance in instances:
            for task in self._wanted.pop(instance, ()):
                if (machine := found.get(instance)) is not None:  # type: ignore[call-overload]
                    self._ledger.machine(task, machine)
