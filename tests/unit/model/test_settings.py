"""Settings as values: what cannot be right is refused in words that name the setting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from awsecs_async.errors import SettingsError
from awsecs_async.model.settings import Quotas, Settings, Target

ONE, TWO = Target(cluster="a"), Target(cluster="b", name="second")


@pytest.mark.parametrize(
    ("says", "make"),
    [
        ("--cluster", lambda: Target(cluster="")),
        ("share", lambda: Quotas(share=0)),
        ("poll_share", lambda: Quotas(poll_share=1.1)),
        ("no target", lambda: Settings(targets=())),
        ("same name", lambda: Settings(targets=(ONE, ONE))),
        ("max_copies_per_launch", lambda: Settings(targets=(ONE,), max_copies_per_launch=11)),
    ],
)
def test_settings_that_cannot_be(says: str, make: Callable[[], object]) -> None:
    """Found when they are made, not when the first task meets them."""
    with pytest.raises(SettingsError, match=says):
        make()


def test_targets_by_name() -> None:
    """None is the first; an unknown name is answered with those there are."""
    settings = Settings(targets=(ONE, TWO))
    assert (settings.target(None), settings.target("second")) == (ONE, TWO)
    with pytest.raises(SettingsError, match="default, second"):
        settings.target("third")


def test_credentials_are_not_shown() -> None:
    """A repr in a log has no secret in it."""
    assert "hush" not in repr(Target(cluster="a", credentials=("me", "hush")))
