"""The machine that figures were measured on, in a few lines: without them a figure means nothing."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("awsecs-async", "aiobotocore", "botocore", "aiohttp", "anyio", "uvloop")


def machine() -> str:
    """Date, processor, load, Python, and the versions that matter."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return "\n".join(
        (
            f"date      {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"machine   {platform.platform()}, {os.cpu_count()} cores, {_processor()}; load {load}",
            f"Python    {sys.version}",
            f"packages  {', '.join(f'{name} {version(name)}' for name in PACKAGES)}",
        )
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()
