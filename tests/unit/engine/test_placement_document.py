"""docs/placement.md says what the tables do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from awsecs_async.model.accelerators import CHIPS
from awsecs_async.model.disk import RULES
from tests.unit.engine.placing import FARGATE, managed, refusal, station_of

PAGE = (Path(__file__).parents[3] / "docs" / "placement.md").read_text()
ROWS = dict(re.findall(r"^\| `([\w-]+)` \| (.*) \|$", PAGE, re.MULTILINE))


def test_the_page_lists_every_gpu_with_its_families() -> None:
    """Those that ECS has a resource for; parts of one are said beside it."""
    for chip in CHIPS.values():
        if chip.resource == "GPU":
            whole, _, parts = ROWS[chip.name].partition("; ")
            assert tuple(whole.split(", ")) == chip.families
            assert parts.endswith(", ".join(chip.parts))


def test_the_page_gives_each_volume_types_ranges() -> None:
    """Sizes, iops and throughput, as they are checked."""
    for name, rules in RULES.items():
        size, iops, throughput = (cell.strip() for cell in ROWS[name].split("|"))
        assert size == f"{rules.least_gib} GB to 16 TB"
        assert iops.startswith("{:,} to {:,}; up to".format(*rules.iops) if rules.iops else "")
        assert f"up to {rules.iops_per_gib:,} a GB" in iops or not rules.iops
        assert iops.endswith("needed") == rules.needs_iops
        assert throughput.startswith("{:,} to {:,}".format(*rules.throughput) if rules.throughput else "")


def test_the_refusal_on_the_page_is_a_real_one() -> None:
    """To the letter."""
    there = (managed("mi-spot", allowed=("c6i.*",)), FARGATE)
    station = station_of(*there, capacity_providers=("mi-spot", "FARGATE"))
    station.cluster = replace(station.cluster, name="science")
    assert f"```text\n{refusal(station, cpus=2, memory='300 GB')}\n```" in PAGE
