"""Whose containers are these: labels that name their cloud, and the removal of what dead clouds left.

A cloud's label says on which machine and in which process it lives, so the next one to start can tell
the dead from the living. Normally there is nothing to find: the reaper removes a dead cloud's containers
within a second. After a power cut there is.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable

from awsecs_async.local.runtimes.cli import call
from awsecs_async.local.runtimes.flags import LABEL


def new_owner() -> str:
    """The label's value for a cloud in this process: host, process id and a random part."""
    return f"{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}"


def removal(engine: str, owner: str) -> tuple[str, ...]:
    """The command that removes everything of one owner, running or not; it needs nothing but a shell."""
    mine = f"--filter label={LABEL}={owner}"
    now = " -t 0" if engine == "podman" else ""  # Podman asks politely for ten seconds first, Docker kills
    containers = f'c=$({engine} ps -aq {mine}); [ -z "$c" ] || {engine} rm -f{now} $c'
    volumes = f'v=$({engine} volume ls -q {mine}); [ -z "$v" ] || {engine} volume rm -f $v'
    return ("/bin/sh", "-c", f"{containers}; {volumes}")


async def remove_dead(engine: str) -> None:
    """Remove what clouds of this machine left whose process is gone."""
    for owner in dead(await _owners(engine)):
        await call(*removal(engine, owner))


def dead(owners: Iterable[str]) -> set[str]:
    """The owners on this machine whose process is gone. Others' machines are not ours to judge."""
    ours = socket.gethostname()
    found = set()
    for owner in owners:
        host, _, rest = owner.strip().rpartition(".")
        host, _, pid = host.rpartition(".")
        if rest and host == ours and pid.isdigit() and not _alive(int(pid)):
            found.add(owner.strip())
    return found


async def _owners(engine: str) -> list[str]:
    format_ = f'--format={{{{index .Config.Labels "{LABEL}"}}}}'
    listed = await call(engine, "ps", "--all", "--quiet", "--filter", f"label={LABEL}")
    names = listed.output.split()
    return (await call(engine, "inspect", format_, *names)).output.splitlines() if names else []


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
