"""The documentation hangs together: README.md leads to every page, and every link to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([\w-]+))?\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def text_of(page: Path) -> str:
    """What it says, without examples."""
    return FENCED.sub("", page.read_text())


def links(page: Path) -> list[tuple[Path, str]]:
    """Where it leads: the file and the heading, if one is named."""
    found = LINK.findall(re.sub(r"`[^`]*`", "", text_of(page)))
    return [((page.parent / path).resolve() if path else page, heading) for path, heading in found]


def headings(page: Path) -> set[str]:
    """As links name them: small letters, hyphens for blanks, nothing else."""
    titles = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """A reader who follows it finds the page, and the heading on it."""
    for target, heading in links(page):
        assert target.exists(), f"{target.relative_to(ROOT)} is not there"
        assert not heading or heading in headings(target), f"{target.name} has no heading {heading!r}"


def test_the_readme_leads_to_every_page() -> None:
    """At most by way of one other, as decisions are by their list."""
    near = {target for target, _ in links(ROOT / "README.md")}
    reached = near | {target for page in near if page.suffix == ".md" for target, _ in links(page)}
    assert not set(PAGES[1:]) - reached
