"""The page that says what is covered: every number is on it, and what it points at is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from awsecs_async.model.settings import Settings, Target

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "coverage.md"
REQUIREMENTS = [f"FR-{n:03}" for n in range(1, 29)]
CRITERIA = [f"SC-{n:03}" for n in range(1, 8)]
EDGES = [f"Edge {n}" for n in range(1, 7)]
STORIES = [f"US{n}.{m}" for n, most in enumerate((3, 2, 2, 2, 2), 1) for m in range(1, most + 1)]
FEATURES = [str(n) for n in range(1, 38)]
NOT_DONE = re.compile(r"\*\*(stands in|not yet|the engine's own)\*\*", re.IGNORECASE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
MODULE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*)`")


def rows() -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


ROWS = [row for row in rows() if row[0]]


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of its functions."""
    nodes = ast.parse(path.read_text()).body
    return frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_number_has_its_row() -> None:
    """In their order, and nothing else beside them."""
    assert [row[0] for row in ROWS] == [*REQUIREMENTS, *CRITERIA, *EDGES, *STORIES, *FEATURES]


def test_the_tests_that_it_names_are_there() -> None:
    """Whoever looks for the proof finds it."""
    named = TEST.findall(PAGE.read_text())
    assert len(named) > len(ROWS)
    for path, name in named:
        place = path.replace("scenarios/", "scenarios/", 1) if path.startswith("scenarios/") else path
        assert name in functions_of(ROOT / "tests" / place), f"{path}::{name}"


def test_the_modules_that_it_names_are_there() -> None:
    """In the cells that say where."""
    places = chain.from_iterable(MODULE.findall(row[-2]) for row in ROWS if not row[0].startswith("US"))
    for place in places:
        module = ROOT / "awsecs_async" / place
        assert module.with_suffix(".py").is_file() or (module / "__init__.py").is_file(), place


def test_nothing_is_marked_done_by_wording() -> None:
    """A row has a test that shows it, or it says that it is not done here."""
    for row in ROWS:
        assert TEST.search(row[-1]) or NOT_DONE.search(" ".join(row)), row[0]
        if not row[-1]:
            assert NOT_DONE.match(row[2]), row[0]


@pytest.mark.parametrize("number", ["FR-001", "FR-012"])
def test_what_nextflows_plugin_is_to_do_is_not_called_done(number: str) -> None:
    """It is not there yet: their rows say what stands in."""
    (row,) = (row for row in ROWS if row[0] == number)
    assert "**Stands in**" in row[2]


def test_the_defaults_are_those_of_the_specification() -> None:
    """FR-026, FR-027 and FR-028."""
    target = Target(cluster="c")
    assert target.logs_group == "/aws/ecs/nextflow"
    assert target.assign_public_ip is True
    assert Settings(targets=(target,)).max_spot_attempts == 5
