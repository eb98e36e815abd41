"""A client that outlives the dispatchers it talks to, and a fuse that ends them in the middle of things.

The client knows what it was told and nothing else: which submits returned, which cancels, which results.
After every crash it comes back and holds the next dispatcher to all of it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from awsecs_async import Dispatcher, Result, State, Task
from awsecs_async.model.task import TaskId, TaskSpec
from tests.fault.disk import CrashingJournal, Disk
from tests.fault.scene import (
    FOREVER,
    Scene,
    assert_at_rest,
    assert_nothing_twice,
    assert_right,
    command_of,
    number_in,
)

COPIES = 6  # the number of a task that is submitted in copies


@dataclass(kw_only=True)
class Fuse:
    """Ends a dispatcher's process at one of the points that it passes.

    Args:
        blows: Says by its name and its number, from 1, whether it is at this point.
    """

    blows: Callable[[str, int], bool]
    passed: int = 0
    blown: bool = False
    _journal: CrashingJournal | None = None
    _process: asyncio.Task[None] | None = None

    def arm(self, journal: CrashingJournal, process: asyncio.Task[None]) -> None:
        """Watch this process."""
        self._journal, self._process = journal, process

    def point(self, name: str) -> None:
        """The process passes a point."""
        self.passed += 1
        if not self.blown and self.blows(name, self.passed):
            self.blow()

    def blow(self) -> None:
        """kill -9."""
        if self._journal is not None and self._process is not None and not self._process.done():
            self.blown = True
            self._journal.crash()
            self._process.cancel()


@dataclass(kw_only=True)
class Client:
    """What one client wants, and what it was told.

    Args:
        keyed: Numbers of tasks that it submits with a key, and so again until it is told.

        once: Numbers of tasks that it submits without a key, and so never twice.

        copies: How many copies, of task COPIES, it submits at once.

        stopped: Numbers of tasks that would run for ever, and that it cancels.
    """

    keyed: range = range(6)
    once: range = range(100, 104)
    copies: int = 12
    stopped: range = range(FOREVER, FOREVER + 3)
    told: dict[TaskId, int] = field(default_factory=dict)
    tried: set[int] = field(default_factory=set)
    wished: set[int] = field(default_factory=set)
    results: dict[TaskId, Result] = field(default_factory=dict)

    async def work(self, dispatcher: Dispatcher) -> None:
        """Go on from where the last dispatcher died."""
        for task_id, number in self.told.items():
            known = await dispatcher.get(task_id)
            assert known is not None, f"task {number} was promised and is lost"
            assert known.spec == TaskSpec(command=command_of(number))
        async with asyncio.TaskGroup() as group:
            for number in (*self.keyed, *self.stopped):
                group.create_task(self._keyed(dispatcher, number))
            group.create_task(self._unkeyed(dispatcher))
            for task_id in tuple(self.told):
                group.create_task(self._follow(dispatcher, task_id))
        await dispatcher.drain()

    async def _keyed(self, dispatcher: Dispatcher, number: int) -> None:
        task = await dispatcher.submit(command=command_of(number), key=f"key-{number}")
        assert self.told.setdefault(task.id, number) == number
        assert list(self.told.values()).count(number) == 1, "the same key, and another task"
        if number in self.stopped:
            while not task.state.is_ending and task.state is not State.RUNNING and number % 2:
                await asyncio.sleep(0.1)  # some are stopped when they run, some as soon as they are known
            await task.cancel()
            self.wished.add(number)
        await self._end(task)

    async def _unkeyed(self, dispatcher: Dispatcher) -> None:
        if self.copies and COPIES not in self.tried:
            self.tried.add(COPIES)
            spec = TaskSpec(command=command_of(COPIES))
            self.told |= {task.id: COPIES for task in await dispatcher.submit_copies(spec, self.copies)}
        for number in self.once:
            if number not in self.tried:
                self.tried.add(number)
                task = await dispatcher.submit(command=command_of(number))
                self.told[task.id] = number
        for task_id in tuple(self.told):
            await self._follow(dispatcher, task_id)

    async def _follow(self, dispatcher: Dispatcher, task_id: TaskId) -> None:
        task = await dispatcher.get(task_id)
        assert task is not None
        await self._end(task)

    async def _end(self, task: Task) -> None:
        result = await task.result()
        known = self.results.setdefault(task.id, result)
        assert known == result, "it ended, and then it ended otherwise"

    def check(self, s: Scene, disk: Disk, *, attempts: int = 1) -> None:
        """Every promise was kept, and nothing ran but what was asked for: each in so many attempts."""
        finished = {task_id: result for task_id, (_, result) in disk.model.finished.items()}
        for task_id, number in self.told.items():
            if number in self.stopped:
                assert finished[task_id].state is State.CANCELLED, finished[task_id]
            else:
                assert_right([number], [finished[task_id]])
        assert disk.model.live == {}
        assert disk.model.unsettled == {}
        assert_nothing_twice(s, finished.values())
        launches = s.launches()
        assert {n: launches[n] for n in self.keyed} == dict.fromkeys(self.keyed, attempts)
        assert all(launches[number] <= attempts for number in (*self.once, *self.stopped))
        copies = [
            admitted for admitted, _ in disk.model.finished.values() if number_in(admitted.spec) == COPIES
        ]
        assert launches[COPIES] == attempts * len(copies)
        for admitted, result in disk.model.finished.values():
            assert result.state in {State.CANCELLED, State.SUCCEEDED, State.FAILED}, (admitted, result)


async def live(s: Scene, disk: Disk, client: Client, fuse: Fuse) -> bool:
    """One dispatcher's process, to its end (True) or its death (False)."""
    journal = CrashingJournal(disk)

    async def process() -> None:
        async with s.open(journal) as dispatcher:
            await client.work(dispatcher)
            assert_at_rest(dispatcher)

    running = asyncio.create_task(process())
    fuse.arm(journal, running)
    s.passed = disk.passed = fuse.point
    await asyncio.wait([running])
    if fuse.blown:
        if not running.cancelled() and (error := running.exception()) is not None:
            raise error
        return False
    running.result()
    return True


def at_random(chance: random.Random, part: float) -> Fuse:
    """A fuse that blows at any point with this probability."""
    return Fuse(blows=lambda _name, _number: chance.random() < part)
