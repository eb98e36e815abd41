"""``version``: what is installed, for bug reports."""

from __future__ import annotations

import platform
import sys


def version() -> None:
    """Say which version this is, of Python too."""
    import awsecs_async

    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"awsecs-async {awsecs_async.__version__} ({python} on {sys.platform})")
