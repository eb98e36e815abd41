"""Why a loop on virtual time cannot go on, in words that show where to look.

A test that waits for what never comes would hang on an ordinary loop. The virtual one knows that nothing
can happen any more; what its author then wants is the line at which each task waits, not the line in the
loop that noticed.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

SHOWN_TASKS: Final = 12  # a message is read by a person


class Stalled(AssertionError):
    """The test can never end: nothing that it waits for can still happen.

    An AssertionError, since the assertion that something would happen has failed.
    """

    def __init__(self, cause: str, waiting: list[str]) -> None:
        self.cause = cause
        self.waiting = waiting
        super().__init__("\n  ".join([f"the loop is stalled: {cause}; waiting are:", *waiting]))


def waiting_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """One line for each unfinished task: its name and the innermost line at which it waits."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    lines = [f"{task.get_name()} at {_innermost(task.get_coro())}" for task in tasks[:SHOWN_TASKS]]
    rest = len(tasks) - len(lines)
    return [*lines, f"... and {rest} more"] if rest else lines


def _innermost(awaitable: Any) -> str:  # noqa: ANN401 -- coroutines, generators and futures have no type in common
    place = "a place that cannot be told"
    while (frame := getattr(awaitable, "cr_frame", None) or getattr(awaitable, "gi_frame", None)) is not None:
        place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        awaitable = getattr(awaitable, "cr_await", None) or getattr(awaitable, "gi_yieldfrom", None)
    return place
