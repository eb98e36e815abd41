"""Accelerators: the names people write find the families AWS sells, or the nearest name there is."""

from __future__ import annotations

import pytest

from awsecs_async.errors import InvalidTask
from awsecs_async.model.accelerators import CHIPS, chip, families
from awsecs_async.model.instances import CATALOGUE


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("nvidia-tesla-t4", ("g4dn",)),
        ("NVIDIA Tesla T4", ("g4dn",)),
        ("t4g", ("g5g",)),
        ("NVIDIA A10G Tensor Core GPU", ("g5",)),
        ("nvidia-l4", ("g6", "gr6")),
        ("L40S", ("g6e",)),
        ("nvidia-tesla-v100", ("p3", "p3dn")),
        ("nvidia-tesla-a100", ("p4d", "p4de")),
        ("nvidia-a100-80gb", ("p4de",)),
        ("nvidia_h100_80gb", ("p5",)),
        ("h200", ("p5e", "p5en")),
        ("b200", ("p6-b200",)),
        ("AWS Inferentia2", ("inf2",)),
        ("trainium", ("trn1", "trn1n")),
        ("amd-radeon-pro-v520", ("g4ad",)),
    ],
)
def test_the_names_people_write(written: str, found: tuple[str, ...]) -> None:
    """Google's, NVIDIA's and AWS's spellings all lead to instance families."""
    assert chip(written).families == found


@pytest.mark.parametrize(
    ("written", "nearest"), [("nvidia-tesla-a10", "a10g"), ("tesla-t5", "t4"), ("l40", "l4")]
)
def test_an_unknown_accelerator_is_refused_with_the_nearest(written: str, nearest: str) -> None:
    """An A10 is not silently an A10G; whoever asked for it learns what there is."""
    with pytest.raises(InvalidTask, match=f"accelerator: .*{written!r}.*nearest is '{nearest}"):
        chip(written)


def test_what_resembles_nothing_is_refused_with_all_there_is() -> None:
    """So that nobody has to look for the table."""
    with pytest.raises(InvalidTask, match=r"'quantum'; there are t4, t4g, a10g"):
        chip("quantum")


def test_every_family_of_the_table_is_in_the_catalogue() -> None:
    """A name that leads to no known instance type would place nothing."""
    known = {kind.family for kind in CATALOGUE.values() if kind.gpus}
    assert {family for each in CHIPS.values() for family in each.families + each.parts} == known


def test_parts_of_a_gpu_are_the_l4s() -> None:
    """0.125, 0.25 and 0.5 lead to G6f; other parts, and parts of other GPUs, are refused."""
    assert families(0.5, None) == families(0.125, chip("l4")) == ("g6f", "gr6f")
    assert families(1, chip("l4")) == ("g6", "gr6")
    assert families(2, None) == ()
    with pytest.raises(InvalidTask, match=r"0\.3 of them; ECS gives whole ones"):
        families(0.3, None)
    with pytest.raises(InvalidTask, match=r"1\.5 of them"):
        families(1.5, chip("t4"))
    with pytest.raises(InvalidTask, match="only the L4"):
        families(0.5, chip("t4"))
