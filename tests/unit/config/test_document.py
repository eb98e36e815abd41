"""docs/settings.md tells every setting, with the default that holds."""

import re
from pathlib import Path

import pytest

from awsecs_async import config
from awsecs_async.config import rows

PAGE = Path(__file__).resolve().parents[3] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\S+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
BY_BOTOCORE = {"region", "profile"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Every setting and its default, as ``config show --all`` says them."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS"):
        monkeypatch.delenv(name, raising=False)
    sheet = config.read()
    targets, _ = rows.of_targets(sheet)
    found = {row.name: row.text for row in [*targets["default"], *rows.of_others(sheet)]}
    return {name: text for name, text in found.items() if name != "credentials"}


def test_every_setting_is_told_once(told: dict[str, str]) -> None:
    """None is missing, none is there that is not a setting."""
    names = [name for name, _, _ in ROW.findall(PAGE.read_text())]
    assert sorted(names) == sorted(told)


def test_the_defaults_are_those_that_hold(told: dict[str, str]) -> None:
    """In the words of the command."""
    for name, default, _ in ROW.findall(PAGE.read_text()):
        if told[name] == "MISSING":
            assert default == ("botocore's" if name in BY_BOTOCORE else "required"), name
        elif name not in BY_BOTOCORE:
            plain = told[name].replace("|", "\\|")
            assert default == (plain[1:-1] if plain.startswith("(") else f"`{plain}`"), name
