"""The command, ready to be run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.submitting import Submit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and no settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "XDG"))}
    return kept | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def submit(environment: dict[str, str], tmp_path: Path) -> Iterator[Submit]:
    """The command."""
    found = Submit(environment, tmp_path)
    yield found
    found.close()
