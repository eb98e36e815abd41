"""The exclusive hold on a journal: two dispatchers never share one.

A lock of the operating system (``flock``) on ``<path>.lock``, which also holds the process id of the
holder, for whoever is turned away. The system itself takes the lock back when the process ends,
however that ends, so there are no stale locks and nothing to clean up; the file stays, since deleting
it would let two processes lock two files of the same name.

SQLite's own locks stay what they are between transactions, so that ``sqlite3`` may look into a journal
in use. Neither works on a network file system, and a journal does not belong there.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from awsecs_async.errors import JournalLocked

PRIVATE_FILE = 0o600  # a journal holds commands and environments
PRIVATE_DIRECTORY = 0o700


class Hold:
    """A journal is ours from construction to ``release``.

    Raises:
        JournalLocked: if another process, or another journal in this one, holds it.

        OSError: if the lock file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".lock")
        make_private_directory(path.parent)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = os.pread(self._file, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise JournalLocked(
                f"{path} is held by process {holder}: stop that dispatcher, or name another file as the "
                f"journal of this one"
            ) from None
        except OSError:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Let go of it; may be called twice."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __repr__(self) -> str:
        return f"<Hold on {self.path}, {'held' if self._file >= 0 else 'released'}>"


def make_private_directory(directory: Path) -> None:
    """Make it and what is missing above it, for nobody but us; one that exists is left as it is."""
    if not directory.is_dir():
        make_private_directory(directory.parent)
        directory.mkdir(PRIVATE_DIRECTORY, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file for nobody but us, whose name survives a power cut; keep one that exists."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    except FileExistsError:
        return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
