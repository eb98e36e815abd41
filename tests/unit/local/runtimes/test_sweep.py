"""The dead are told from the living before anything is removed."""

from __future__ import annotations

import os
import subprocess
import sys

from awsecs_async.local.runtimes.sweep import dead, new_owner, removal


def test_only_dead_clouds_of_this_machine_are_swept() -> None:
    """A living cloud, another machine's, and a label that is not ours are left alone."""
    ours = new_owner()
    host, _, _ = ours.rsplit(".", 2)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = f"{host}.{gone.pid}.00"
    assert dead([ours, left, f"elsewhere.{gone.pid}.00", "", "no", f"{host}.x.00", f"{host}.1.0"]) == {left}


def test_an_owner_names_its_process() -> None:
    """What the sweep relies on is in the label, and no two clouds share one."""
    assert new_owner().split(".")[-2] == str(os.getpid())
    assert new_owner() != new_owner()


def test_podman_is_told_not_to_wait() -> None:
    """Podman's removal by force would wait ten seconds for each container; Docker knows no such option."""
    assert "podman rm -f -t 0" in removal("podman", "me")[-1]
    assert "docker rm -f $c" in removal("docker", "me")[-1]
