"""Where tasks keep their files on this machine: one directory a task, gone with it.

Each container has a home in it, each volume without a host path a directory that the task's containers
share. Names are quoted and prefixed, so no name in a task definition can lead out of it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from awsecs_async.local.runtimes.port import ContainerRun, Mount


class Scratch:
    """The scratch directories of one cloud. `root` is made at once and removed by `close`."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="awsecs-"))

    def __repr__(self) -> str:
        return f"<Scratch {self.root}>"

    def home(self, run: ContainerRun) -> Path:
        """The container's own directory."""
        return self._made(run.task_id, f"container-{run.name}")

    def volume(self, run: ContainerRun, mount: Mount) -> Path:
        """The directory behind a mount."""
        if mount.host_path is not None:
            return Path(mount.host_path)
        return self._made(run.task_id, f"volume-{mount.volume}")

    def working_directory(self, run: ContainerRun) -> Path:
        """Where the container's process starts.

        Its home if none was named; inside a mount, the volume's directory; else the machine's own
        directory of that name or, as Docker makes a missing one in the container, a new one of that
        name in its home.
        """
        if run.working_directory is None:
            return self.home(run)
        wanted = PurePosixPath("/") / run.working_directory
        for mount in run.mounts:
            if wanted.is_relative_to(mount.container_path):
                inside = self.volume(run, mount) / wanted.relative_to(mount.container_path)
                inside.mkdir(parents=True, exist_ok=True)
                return inside
        if Path(wanted).is_dir():
            return Path(wanted)
        return self._made(run.task_id, f"container-{run.name}", *wanted.parts[1:])

    def remove(self, task_id: str) -> None:
        """Remove all that one task left."""
        shutil.rmtree(self.root / quote(task_id, safe=""), ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _made(self, task_id: str, *names: str) -> Path:
        path = self.root.joinpath(quote(task_id, safe=""), *(quote(name, safe="") for name in names))
        path.mkdir(parents=True, exist_ok=True)
        return path
