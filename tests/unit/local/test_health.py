"""What a container's probes come to."""

from __future__ import annotations

import pytest

from awsecs_async.local.health import Probed, arguments
from awsecs_async.local.runtimes.port import HealthCheck
from awsecs_async.local.supervision import Health

CHECK = HealthCheck(command=("CMD", "true"), retries=2, start_period_seconds=10)


def probed(*probes: tuple[int, float]) -> list[Health]:
    """The health after each probe, given as its exit code and its time."""
    state, seen = Probed(), []
    for exit_code, age in probes:
        state = state.after(exit_code, age, CHECK)
        seen.append(state.health)
    return seen


def test_retries_failures_in_a_row_make_unhealthy() -> None:
    """A success in between begins the count anew, and heals at once."""
    unknown, healthy, unhealthy = Health.UNKNOWN, Health.HEALTHY, Health.UNHEALTHY
    assert probed((1, 20), (1, 30)) == [unknown, unhealthy]
    assert probed((1, 20), (0, 30), (1, 40), (1, 50)) == [unknown, healthy, healthy, unhealthy]
    assert probed((1, 20), (1, 30), (0, 40)) == [unknown, unhealthy, healthy]


def test_the_start_period_forgives_until_the_first_success() -> None:
    """Failures while starting up do not count; once it was healthy they do, start period or not."""
    unknown, healthy, unhealthy = Health.UNKNOWN, Health.HEALTHY, Health.UNHEALTHY
    assert probed((1, 1), (1, 5), (1, 9), (1, 11)) == [unknown] * 4
    assert probed((0, 1), (1, 5), (1, 9)) == [healthy, healthy, unhealthy]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("CMD", "curl", "-f", "x"), ("curl", "-f", "x")),
        (("CMD-SHELL", "curl -f x || exit 1"), ("/bin/sh", "-c", "curl -f x || exit 1")),
        (("NONE",), ()),
        ((), ()),
        (("curl", "x"), ("curl", "x")),
    ],
)
def test_arguments(command: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """ECS's first word says how the rest is run."""
    assert arguments(HealthCheck(command=command)) == expected
