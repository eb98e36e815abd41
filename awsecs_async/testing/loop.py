"""An event loop whose time is a number.

Production code takes durations from the loop (`loop.time`, `asyncio.sleep`, `asyncio.timeout`) and
nothing else, so a test owns all of time by owning the loop. Whenever nothing is ready to run,
`VirtualTimeLoop` sets its clock to the next timer instead of sleeping: an hour of polling takes
milliseconds, and `loop.time() == 1.23` is an exact assertion.

Real work still counts. Sockets, pipes and `call_soon_threadsafe` are served as on any loop, and while
another thread works for us the clock stands still: jobs given to `run_in_executor` and
`asyncio.to_thread` are counted by the loop itself, any other thread is announced with `hold()` and taken
back with `release()` (production code does so through `awsecs_async.kit.outside`, which does nothing on
an ordinary loop). A peer behind a socket cannot be counted: whoever waits for one in another thread or
process holds the loop too, or uses an ordinary loop.

A test that can never end fails instead of hanging: `Stalled` names what every task waits for.

The system is asked for input only while sockets are registered, and else once in `TURNS_BETWEEN_LOOKS`
turns (for signals): simulating ten thousand tasks makes next to no system calls.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar, TypeVarTuple

from awsecs_async.testing.stall import Stalled, waiting_tasks

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Executor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Events = list[tuple[selectors.SelectorKey, int]]

WALL_START: Final = 1_767_225_600.0  # seconds since 1970 at virtual time 0: 2026-01-01T00:00:00Z
PATIENCE_SECONDS: Final = 30.0  # real ones without a sign from thread or socket before we give up
HORIZON_SECONDS: Final = 30 * 86_400.0  # virtual; beyond it only eternal loops can be turning
TURNS_BETWEEN_LOOKS: Final = 64  # turns of a busy loop from look to look at what signals write to
INTERNAL_FILES: Final = 1  # every asyncio loop watches one file of its own, the self-pipe


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop on virtual time, which starts at 0.0 seconds.

    Raises:
        Stalled: out of `run_until_complete` (so out of `asyncio.Runner.run`), when nothing can ever happen
            again, when what holds the loop gave no sign for `patience_seconds` of real time, or when virtual
            time would pass `horizon_seconds`.
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _clock_resolution: float

    def __init__(
        self,
        *,
        wall_start: float = WALL_START,
        patience_seconds: float = PATIENCE_SECONDS,
        horizon_seconds: float = HORIZON_SECONDS,
    ) -> None:
        self.patience_seconds = patience_seconds
        self.horizon_seconds = horizon_seconds
        self._wall_start = wall_start
        self._now = 0.0
        self._holds = 0
        self._holds_lock = threading.Lock()
        super().__init__(selector=_TimeSelector(self))
        self._clock_resolution = math.ulp(0.0)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def wall_time(self) -> float:
        """Virtual seconds since 1970; `awsecs_async.kit.wall.wall_time` asks the running loop for this."""
        return self._wall_start + self._now

    @property
    def holds(self) -> int:
        """How many pieces of work outside the loop make its clock stand still."""
        return self._holds

    def hold(self) -> None:
        """Let time stand still until `release`: another thread works for this loop. From any thread."""
        with self._holds_lock:
            self._holds += 1

    def release(self) -> None:
        """Take one `hold` back. From any thread, after it gave its answer by `call_soon_threadsafe`."""
        with self._holds_lock:
            if self._holds == 0:
                raise RuntimeError("release() without a hold(): each hold of the loop is released once")
            self._holds -= 1
        if not self.is_closed():
            self.call_soon_threadsafe(_wake)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As on any loop, and time stands still until the job is done."""
        job: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self.hold()
        job.add_done_callback(lambda _: self.release())
        return job

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 -- the signature is asyncio's
    ) -> None:
        """As on any loop; the thread that joins the executor's threads holds the loop."""
        self.hold()
        try:
            await super().shutdown_default_executor(*(() if timeout is None else (timeout,)))
        finally:
            self.release()

    def nothing_ready(self, look: Callable[[float], Events], *, sockets: bool) -> Events:
        """When every task waits: wait for the world, jump to the next timer, or give up."""
        held = self._holds > 0  # read first: a thread answers before it releases
        if self._ready:  # a thread was quicker
            return []
        if not held and self._scheduled:
            self._jump(self._scheduled[0].when())
            return []
        if held or sockets:
            return self._look_patiently(look)
        raise Stalled(
            "nothing is ready, no timer is set, nothing is awaited from outside", waiting_tasks(self)
        )

    def _jump(self, when: float) -> None:
        if when > self.horizon_seconds:
            cause = f"virtual time would pass its horizon of {self.horizon_seconds:g} s"
            raise Stalled(cause, waiting_tasks(self))
        self._now = max(self._now, when)
        # asyncio runs timers that are due before now + resolution: with one ulp, exactly those due by now.
        self._clock_resolution = math.ulp(self._now)

    def _look_patiently(self, look: Callable[[float], Events]) -> Events:
        began = time.monotonic()
        events = look(self.patience_seconds)
        if not events and not self._ready and time.monotonic() - began >= self.patience_seconds:
            cause = f"{self._holds} holds, and no sign from outside in {self.patience_seconds:g} real seconds"
            raise Stalled(cause, waiting_tasks(self))
        return events

    def __repr__(self) -> str:
        state = "closed" if self.is_closed() else "running" if self.is_running() else "idle"
        timers = len(self._scheduled)
        return f"<VirtualTimeLoop {state} at {self._now:g} s, {timers} timers, {self._holds} holds>"


class _TimeSelector(selectors.DefaultSelector):
    """The system's selector, asked only when there may be something to hear; waiting is the loop's affair."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None = None) -> Events:
        self._turns += 1
        sockets = len(self.get_map()) > INTERNAL_FILES
        if sockets or self._turns % TURNS_BETWEEN_LOOKS == 0:
            events = super().select(0)
            if events:
                return events
        if timeout is not None and timeout <= 0:
            return []
        return self._loop.nothing_ready(super().select, sockets=sockets)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a fresh virtual-time loop and return its result, like `asyncio.run`."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def _wake() -> None:
    """Nothing to do: the loop wakes up to look at its holds again."""
