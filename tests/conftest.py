"""Which event loop an asynchronous test runs on.

Tests in `tests/unit` and `tests/scenarios` run on virtual time, all others on an ordinary loop. The markers
`virtual_time` and `real_time` decide otherwise for one test, class or module.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from awsecs_async.testing import VirtualTimeLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

VIRTUAL = {Path(__file__).parent / name for name in ("unit", "scenarios")}


def pytest_configure(config: pytest.Config) -> None:
    """Make the two markers known."""
    config.addinivalue_line("markers", "virtual_time: run this asynchronous test on virtual time")
    config.addinivalue_line("markers", "real_time: run this asynchronous test on an ordinary event loop")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give pytest-asyncio the loop for this test."""
    by_place = "virtual_time" if VIRTUAL & set(item.path.parents) else "real_time"
    marks = [mark.name for mark in item.iter_markers() if mark.name in {"virtual_time", "real_time"}]
    virtual = (marks or [by_place])[0] == "virtual_time"
    return {"virtual": VirtualTimeLoop} if virtual else {"real": asyncio.new_event_loop}
