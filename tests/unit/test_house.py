"""The house rules that no linter knows.

Ruff, mypy and import-linter hold the rest; here stand the rules about the repository itself: what it promises
in README.md exists, nothing in it depends on the machine it was written on, files and functions stay small.
The last is a ratchet: what is larger than the law is listed with its exact size, and cannot grow unseen.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import awsecs_async

ROOT = Path(__file__).resolve().parents[2]
WRITTEN_BY_US = ("awsecs_async", "tests", "docs", "deploy", ".ci")
BINARY = frozenset({".gz", ".ico", ".png", ".zip"})
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60

# Larger than the law, by path or path::function, with the exact number of lines and a reason beside it.
LARGER: dict[str, int] = {
    "tests/unit/kit/test_bucket.py": 439,  # examples and properties of one noun, read side by side
    "tests/unit/local/test_supervisor.py": 320,  # one story for each rule of the agent
}

# A package registry's host, which only pip's configuration may name, and paths of a developer's machine.
# One letter of each is in brackets so that this file does not name them.
FOREIGN = re.compile(
    r"[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.org|[c]rates\.io|proxy\.[g]olang\.org"
    r"|/[w]ork/(?:main|shared)|/[r]oot/|/[h]ome/(?!user\b)\w|/[U]sers/"
)
NO_NOUNS = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)($|_)")


def ours() -> Iterator[Path]:
    """Every text file of the repository, without what running and building leaves behind."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".coverage"))
    for folder in WRITTEN_BY_US:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix not in BINARY:
                yield path


def modules() -> list[Path]:
    """Every Python file of the package and its tests."""
    return [path for path in ours() if path.suffix == ".py"]


def name_of(path: Path) -> str:
    """The path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()


def sizes() -> Iterator[tuple[str, int, int]]:
    """Name, lines and permitted lines of every module and every function."""
    for path in modules():
        text = path.read_text()
        yield name_of(path), len(text.splitlines()), MAX_FILE_LINES
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{name_of(path)}::{node.name}", lines, MAX_FUNCTION_LINES


def test_public_names_are_sorted_and_exist() -> None:
    """The public door is a list in order, and everything on it can be had and is shown by dir()."""
    assert list(awsecs_async.__all__) == sorted(awsecs_async.__all__)
    assert [name for name in awsecs_async.__all__ if not hasattr(awsecs_async, name)] == []
    assert set(awsecs_async.__all__) <= set(dir(awsecs_async))


def test_the_make_commands_of_the_docs_exist() -> None:
    """Whoever types a `make` command from README.md or the docs finds it in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    told = set(re.findall(r"(?:^|`)make ([a-z]+)\b", text, re.MULTILINE))
    assert {"hello", "test"} <= told
    assert told - targets == set()


def test_nothing_names_a_registry_or_this_machine() -> None:
    """The repository works from any mirror and any directory."""
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in ours()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == []


def test_every_file_is_a_noun_of_the_card() -> None:
    """No file is named for being a place where things are put."""
    assert [name_of(path) for path in modules() if NO_NOUNS.search(path.stem)] == []


def test_files_and_functions_stay_small() -> None:
    """A file or function that outgrows the law, or an exception that changed its size, is seen."""
    larger = {name: lines for name, lines, permitted in sizes() if lines > permitted}
    assert larger == LARGER, "split what has grown (a noun is missing), or correct its size in LARGER"
