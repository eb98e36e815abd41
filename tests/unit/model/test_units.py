"""Quantities: read as people write them, said back so that reading again gives the same."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsecs_async.errors import InvalidTask
from awsecs_async.model import units


@pytest.mark.parametrize(
    ("written", "vcpus"),
    [(2, 2.0), (0.25, 0.25), ("2", 2.0), ("0.5 vCPU", 0.5), (".5", 0.5), ("512 units", 0.5), ("4 CPUs", 4.0)],
)
def test_cpus_as_people_write_them(written: float | str, vcpus: float) -> None:
    """Numbers, vCPUs and ECS's own units mean what they say."""
    assert units.parse_cpus(written) == vcpus


@pytest.mark.parametrize("wrong", [0, -1, "", "two", "2 GB", math.nan, math.inf, True, 0.0001, "-1"])
def test_cpus_that_are_none(wrong: float | str) -> None:
    """What is no number of vCPUs, or less than ECS's smallest unit, is refused by its field."""
    with pytest.raises(InvalidTask) as caught:
        units.parse_cpus(wrong)
    assert caught.value.field == "cpus"


@given(st.integers(min_value=1, max_value=192 * 1024))
def test_cpu_units_round_trip(cpu_units: int) -> None:
    """Every number of ECS units is a number of vCPUs that comes to the same units."""
    assert units.cpu_units(units.parse_cpus(cpu_units / 1024)) == cpu_units
    assert units.cpu_units(units.parse_cpus(f"{cpu_units} units")) == cpu_units


@given(st.floats(min_value=1 / 1024, max_value=192))
def test_cpu_units_never_give_less_than_asked(vcpus: float) -> None:
    """Rounding to whole units is upwards, by less than one."""
    assert -1e-5 <= units.cpu_units(vcpus) - vcpus * 1024 < 1


@pytest.mark.parametrize(
    ("written", "mebibytes"),
    [
        (512, 512), ("512", 512), ("4 GB", 4096), ("4GiB", 4096), ("4 g", 4096), ("1.5 GB", 1536),
        ("512m", 512), ("1 TB", 1024**2), ("1 b", 1), ("1025 KB", 2), (0.5, 1),
        ("16.GB", 16384), ("1.5.GB", 1536),
    ],
)  # fmt: skip
def test_memory_as_people_write_it(written: float | str, mebibytes: int) -> None:
    """Binary units with or without the i, and a bare number is MiB; always rounded up."""
    assert units.parse_memory(written) == mebibytes


@pytest.mark.parametrize("wrong", [0, -5, "", "GB", "4 XB", "4.", "4..GB", math.nan, math.inf, False])
def test_memory_that_is_none(wrong: float | str) -> None:
    """What is no amount is refused, in words that show how to write one."""
    with pytest.raises(InvalidTask, match=r"memory: .*(GB|TB)"):
        units.parse_memory(wrong)


@given(st.integers(min_value=1, max_value=1023))
def test_memory_round_trip(mebibytes: int) -> None:
    """What is said to people can be given back: exact to four figures, in MB and in GB."""
    assert units.parse_memory(units.format_memory(mebibytes)) == mebibytes
    assert units.parse_memory(units.format_memory(mebibytes * 1024)) == mebibytes * 1024


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1h 30m", 5400), ("90s", 90), ("2 days", 172800), (1.5, 1.5), ("10", 10), ("250ms", 0.25),
        ("1d12h", 129600), ("2.h", 7200),
    ],
)  # fmt: skip
def test_durations_as_people_write_them(written: float | str, seconds: float) -> None:
    """Sums of parts, Nextflow's words, and bare seconds."""
    assert units.parse_duration(written) == seconds


@pytest.mark.parametrize("wrong", [0, -1, "", "h", "1 fortnight", "1h 30", "1 2", math.inf, True])
def test_durations_that_are_none(wrong: float | str) -> None:
    """A duration that could be read in two ways, or in none, is refused."""
    with pytest.raises(InvalidTask, match=r"timeout: .*'1h 30m'"):
        units.parse_duration(wrong)


@given(st.integers(min_value=10, max_value=30 * 86400))
def test_durations_round_trip_to_two_parts(seconds: int) -> None:
    """What is said to people can be given back, and is off by less than its smaller part."""
    said = units.format_duration(seconds)
    assert 0 <= seconds - units.parse_duration(said) < (3600 if "d" in said else 60 if "h" in said else 1)


def test_short_durations_are_said_in_tenths() -> None:
    """Below ten seconds a tenth is shown; nothing is ever negative."""
    assert [units.format_duration(s) for s in (0.84, -3, 9.99, 10)] == ["0.8s", "0.0s", "10.0s", "10s"]


@pytest.mark.parametrize(
    ("text", "mebibytes"),
    [
        ("4 gigabytes", 4096),
        ("4 Gigabyte", 4096),
        ("1048577 bytes", 2),
        ("1 PB", 1024**3),
        ("2 gibibytes", 2048),
    ],
)
def test_units_of_memory_may_be_words(text: str, mebibytes: int) -> None:
    """As people write them; bytes are rounded up to whole MiB."""
    assert units.parse_memory(text) == mebibytes


@pytest.mark.parametrize("text", ["4 gigabits", "4 parsecs", "4 i", "4 nibbles"])
def test_what_is_no_unit_of_memory_is_refused(text: str) -> None:
    """A unit that nobody knows is not taken for one that is near."""
    with pytest.raises(InvalidTask, match="has the unit"):
        units.parse_memory(text)
