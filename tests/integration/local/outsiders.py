"""What a user brings along who knows AWS and not this project: the AWS CLI, a shell, an image of their own.

The AWS CLI is installed once per checkout, from pinned versions, into pytest's cache directory, which
`make clean` removes. The cloud is the one of `python -m awsecs_async local`, and nothing is known of it but
what it prints.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from awsecs_async.local.child import variables

PINS = Path(__file__).parent / "awscli.txt"
IMAGE = "localhost/awsecs-test-outsiders:latest"
BUSYBOX = Path("/bin/busybox")
PROGRAMS = ("sh", "cat", "echo", "sleep", "wget")

INSTALL_SECONDS = 120
READY_SECONDS = 30
COMMAND_SECONDS = 60
END_SECONDS = 15


class Unavailable(Exception):
    """What a test needs cannot be had on this machine, and why."""


def installed_cli(cache: Path) -> Path:
    """The `aws` program, installed if it is not there yet; test runs side by side wait for each other.

    Raises:
        Unavailable: it cannot be installed.
    """
    home = cache / f"awscli-{sys.version_info.major}.{sys.version_info.minor}"
    stamp = home / "installed.txt"
    with (cache / "awscli.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != PINS.read_text():
            _install(home)
            stamp.write_text(PINS.read_text())
    return home / "bin" / "aws"


def _install(home: Path) -> None:
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    patience = ["--retries", "1", "--timeout", "15"]
    try:
        venv.create(home, clear=True, with_pip=True)
        subprocess.run(
            [*pip, "install", *patience, "--requirement", str(PINS)],
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or str(error)
        raise Unavailable(f"the AWS CLI cannot be installed: {str(said).strip().splitlines()[-1]}") from error


def imported_image() -> str:
    """An image with busybox and a file of its own, given to Podman.

    Raises:
        Unavailable: Podman does not take it.
    """
    if shutil.which("podman") is None or not BUSYBOX.exists():
        raise Unavailable(f"Podman or {BUSYBOX} is not installed (Debian: podman, busybox-static)")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(BUSYBOX, "bin/busybox")
        for program in PROGRAMS:
            link = tarfile.TarInfo(f"bin/{program}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        words = b"a file of the image\n"
        note = tarfile.TarInfo("note.txt")
        note.size = len(words)
        tar.addfile(note, io.BytesIO(words))
    command = ["podman", "import", "-", IMAGE]
    done = subprocess.run(
        command, input=archive.getvalue(), capture_output=True, check=False, timeout=COMMAND_SECONDS
    )
    if done.returncode != 0:
        raise Unavailable(f"Podman does not answer: {done.stderr.decode().strip()}")
    return IMAGE


@contextmanager
def foreground_cloud(home: Path, *options: str) -> Iterator[dict[str, str]]:
    """`python -m awsecs_async local`, ended by Ctrl-C; gives the environment that it asks for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "XDG"))}
    command = [sys.executable, "-m", "awsecs_async", "local", *options]
    with (home / "cloud.txt").open("w") as said:
        cloud = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=kept, cwd=home)
    late = threading.Timer(READY_SECONDS, cloud.kill)  # the pipe ends then, and so does reading it
    late.start()
    try:
        printed = _printed(cloud)
        late.cancel()
        yield kept | {"HOME": str(home)} | printed
    finally:
        late.cancel()
        cloud.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            cloud.wait(END_SECONDS)
        cloud.kill()
        cloud.communicate(timeout=END_SECONDS)
    assert cloud.returncode == 0, (home / "cloud.txt").read_text()


def _printed(cloud: subprocess.Popen[str]) -> dict[str, str]:
    assert cloud.stdout is not None
    found: dict[str, str] = {}
    while len(found) < len(variables("", "")):
        line = cloud.stdout.readline()
        assert line, "the cloud ended, or was not ready in time"
        word, _, assignment = line.partition(" ")
        assert word == "export"
        name, _, value = shlex.split(assignment)[0].partition("=")
        found[name] = value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """The AWS CLI in one environment; a call answers its JSON, or what `--query` made of it."""

    program: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> Any:  # noqa: ANN401 (as the CLI answers)
        """Run it; a refusal fails the test with the CLI's own words."""
        done = subprocess.run(
            [str(self.program), *arguments, "--output", "json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=dict(self.environment),
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None
