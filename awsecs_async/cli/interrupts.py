"""Ctrl-C and its kin: the first asks to stop in order, the second leaves at once.

SIGTERM and SIGHUP count as Ctrl-C does, and so does an output that nobody reads any more. A signal that
was ignored when we came (``nohup``, a shell's ``&``) stays ignored.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from awsecs_async.cli.endings import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

SIGNALS: Final = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """What ended the run early, and the exit status for that."""

    name: str
    status: Status


class Interrupted(Exception):
    """The run was interrupted while it waited for something that was then given up."""


class Interrupts:
    """Listens while it is entered. Its state is the first interruption, once there was one.

    Args:
        again: Is called at the second signal, with its name; it is not expected to return.
    """

    def __init__(self, again: Callable[[str], object]) -> None:
        self._again = again
        self._happened = asyncio.Event()
        self._heard: list[signal.Signals] = []
        self.first: Interruption | None = None

    def __repr__(self) -> str:
        return f"<Interrupts {self.first.name if self.first else 'none'}>"

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._signalled, number)
                self._heard.append(number)
        return self

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in self._heard:
            loop.remove_signal_handler(number)

    def happen(self, interruption: Interruption) -> None:
        """Interrupt; only the first counts."""
        if self.first is None:
            self.first = interruption
            self._happened.set()

    async def unless(self, work: Coroutine[object, object, T]) -> T:
        """What ``work`` returns; if interrupted before, it is cancelled.

        Raises:
            Interrupted: if it was.
        """
        working = asyncio.ensure_future(work)
        await self.first_of(working)
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
            raise Interrupted
        return working.result()

    async def first_of(self, working: asyncio.Future[T]) -> None:
        """Return when ``working`` is done or it has happened, whichever comes first."""
        waiting = asyncio.create_task(self._happened.wait())
        both: list[asyncio.Future[Any]] = [working, waiting]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            working.cancel()
            raise
        finally:
            waiting.cancel()

    def _signalled(self, number: signal.Signals) -> None:
        if self.first is None:
            self.happen(Interruption(name=SIGNALS[number], status=Status.INTERRUPTED))
        else:
            self._again(SIGNALS[number])
