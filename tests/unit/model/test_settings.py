"""Settings as values: what cannot be right is refused in words that name the setting."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import botocore
import pytest

from awsecs_async.errors import SettingsError
from awsecs_async.model.fusion import Fusion
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


NEEDED: dict[type[Any], dict[str, Any]] = {Target: {"cluster": "c"}, Settings: {"targets": (ONE,)}}
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, float("nan"), float("inf"), "", "x", "\x00", "é" * 600, [], [None], [1],
    ("a",), {}, {"a": 1}, {"a": "b"}, {1: 2}, [("a", "b")], [("a",)],
    object(), b"x", [[]], 10**400, [1, 1], "1,2",
)  # fmt: skip


@pytest.mark.parametrize("kind", [Target, Quotas, Fusion, Settings])
def test_odd_values_are_taken_or_refused_by_name(kind: type[Any]) -> None:
    """A program may hand over anything: it hears which field is wrong, never a traceback from within."""
    silent = []
    for field in fields(kind):
        for value in ODD:
            try:
                kind(**(NEEDED.get(kind, {}) | {field.name: value}))
            except SettingsError as error:
                if field.name not in str(error):
                    silent.append((field.name, value, str(error)))
    assert {name for name, _, _ in silent} <= {"cluster", "targets"}  # which have messages of their own


@pytest.mark.parametrize("name", ["assign_public_ip", "check_at_start", "ecs_managed_tags"])
def test_a_word_is_not_taken_for_true(name: str) -> None:
    """``assign_public_ip="no"`` would have given every task a public address."""
    with pytest.raises(SettingsError, match=f"{name}: 'no' is not one of true and false"):
        Target(cluster="c", **{name: "no"})  # type: ignore[arg-type] # that is the point


def test_targets_by_name() -> None:
    """None is the first; an unknown name is answered with those there are."""
    settings = Settings(targets=(ONE, TWO))
    assert (settings.target(None), settings.target("second")) == (ONE, TWO)
    with pytest.raises(SettingsError, match="default, second"):
        settings.target("third")


def test_credentials_are_not_shown() -> None:
    """A repr in a log has no secret in it."""
    assert "hush" not in repr(Target(cluster="a", credentials=("me", "hush")))


def test_the_partition_is_told_by_an_arn_or_by_the_region() -> None:
    """As botocore's own list of partitions has it, for the first region of each."""
    assert Target(cluster="c").partition == "aws"
    assert Target(cluster="arn:aws-cn:ecs:cn-north-1:123456789012:cluster/c").partition == "aws-cn"
    role = "arn:aws-iso-b:iam::123456789012:role/r"
    assert Target(cluster="c", execution_role=role).partition == "aws-iso-b"
    path = Path(botocore.__file__).parent / "data" / "partitions.json"
    for known in json.loads(path.read_text())["partitions"]:
        for region in known["regions"]:
            found = Target(cluster="c", region=region).partition
            assert found == known["id"] or region.endswith("global"), region
