"""The one place where wall-clock time enters.

Durations come from `loop.time()`. A moment that people or other machines will read (a time stamp in a
record, the age of a file, the seconds since the last run) comes from here, so that a loop with a time of
its own, like the virtual one in `awsecs_async.testing`, also has a wall clock of its own: one with a
`wall_time()` method is asked, else the system is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


def wall_time() -> float:
    """Seconds since 1970-01-01T00:00:00Z, by the running loop's own wall clock if it has one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # no loop runs in this thread: there is no other clock than the system's
        return time.time()
    own: Callable[[], float] | None = getattr(loop, "wall_time", None)  # 14 us less than asking a Protocol
    return time.time() if own is None else own()
