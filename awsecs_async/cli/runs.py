"""One small record on disk for each run that has no journal, so that a killed one is found.

A run that is killed leaves its tasks on ECS, and nobody who knows of them. Its record names the cluster and
the ``startedBy`` by which ECS lists them. The record is locked as long as the run lives: the lock goes with
the process, however it ends, and cannot be mistaken for another process of the same id. A clean end removes
the record.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What is needed to find a run's tasks. ``began_at`` is epoch seconds; paths and ids as they are."""

    started_by: str
    cluster: str
    region: str | None
    profile: str | None
    pid: int
    began_at: float

    @property
    def find_command(self) -> str:
        """The command that lists its tasks."""
        return f"aws ecs list-tasks --started-by {self.started_by} {self.arguments}"

    @property
    def arguments(self) -> str:
        """What every command of the AWS CLI about it needs."""
        named = {"cluster": self.cluster, "region": self.region, "profile": self.profile}
        return " ".join(f"--{name} {value}" for name, value in named.items() if value)


def directory() -> Path:
    """Where the records are."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "awsecs" / "runs"


@contextmanager
def recorded(record: RunRecord, *, in_doubt: Callable[[], bool], where: Path | None = None) -> Iterator[None]:
    """Keep the record; it goes with this block, unless tasks may still run then.

    Raises:
        OSError: if it cannot be written.
    """
    place = where or directory()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / f"{record.started_by}.json"
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # a reader holds it for a moment at most
        json.dump(asdict(record), file)
        file.flush()
        try:
            yield
        finally:
            if not in_doubt():
                path.unlink(missing_ok=True)


def left_behind(where: Path | None = None) -> list[tuple[Path, RunRecord]]:
    """The records of runs that ended without removing theirs, oldest first."""
    found = []
    try:
        paths = list((where or directory()).glob("*.json"))
    except OSError:
        return []
    for path in paths:
        try:
            with path.open() as file:
                if _is_free(file):
                    found.append((path, RunRecord(**json.load(file))))
        except (OSError, ValueError, TypeError):  # just removed, not ours to read, or not a record
            continue
    return sorted(found, key=lambda pair: pair[1].began_at)


def warning(path: Path, record: RunRecord) -> str:
    """What the user should know of such a record."""
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.began_at))
    return (
        f"an earlier run (process {record.pid}, begun {began}) did not end in order, and its tasks may still "
        f"run. They are listed by:\n    {record.find_command}\n"
        f"When they are stopped:\n    rm {shlex.quote(str(path))}"
    )


def _is_free(file: IO[Any]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
