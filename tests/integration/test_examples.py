"""What the documentation shows is run.

Every fenced block of README.md and docs/ that is marked `python` or `sh` is a program of its own: it runs in
an empty directory, without AWS settings from outside, and must end well. A block that cannot (it needs an
account, or sets up this very environment) says `not-run` after its language, which the page does not show.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60
BLOCK = re.compile(r"^```(python|sh)[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> list[object]:
    """Every runnable block as (language, program), named by its page and line."""
    found: list[object] = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(pytest.param(*match.groups(), id=f"{page.relative_to(ROOT).as_posix()}:{line}"))
    return found


def environment(home: Path) -> dict[str, str]:
    """This environment without AWS's part, with `python` and `awsecs-async` being the tested ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize(("language", "program"), examples())
def test_the_example_runs(language: str, program: str, tmp_path: Path) -> None:
    """A reader who pastes the example sees it work."""
    interpreter = [sys.executable] if language == "python" else ["bash", "-euo", "pipefail"]
    ended = subprocess.run(
        [*interpreter, "-c", program],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
