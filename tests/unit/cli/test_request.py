"""What is refused before anything is done."""

from pathlib import Path

import pytest

from awsecs_async.cli.request import (
    Request,
    UsageError,
    check,
    environment_of,
    refuse_later,
    tags_of,
    text_of,
)
from awsecs_async.model.task import TaskSpec

SPEC = TaskSpec(command=["true"])


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        (Request(spec=SPEC, array=2, copies=2), "--copies"),
        (Request(spec=SPEC, copies=2, key="k"), "--key"),
        (Request(spec=SPEC, runtime="process"), "--runtime"),
        (Request(spec=SPEC, local=True, key="k"), "--key"),
        (Request(spec=SPEC, local=True, config=Path("x")), "--config"),
        (Request(spec=SPEC, local=True, overrides={"region": "r"}), "--region"),
    ],
)
def test_options_that_contradict_each_other_are_refused(request_: Request, option: str) -> None:
    """Rather than one of them being ignored."""
    with pytest.raises(UsageError) as refused:
        check(request_)
    assert refused.value.option == option


def test_what_fits_together_passes() -> None:
    """Flags that were not given do not count."""
    check(Request(spec=SPEC, local=True, overrides={"region": None}, runtime="process", array=3))
    check(Request(spec=SPEC, array=3, key="k", config=Path("x"), overrides={"cluster": "c"}))
    refuse_later({"--disk": None})


def test_options_of_later_versions_are_refused() -> None:
    """Who asks for a GPU and gets none has paid for nothing."""
    with pytest.raises(UsageError, match="--disk"):
        refuse_later({"--accelerator": None, "--disk": "3 GB"})


def test_variables_are_given_or_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with ``docker run --env``; but one that is not there is a mistake."""
    monkeypatch.setenv("HERE", "value")
    monkeypatch.delenv("NOT_HERE", raising=False)
    assert environment_of(["A=1", "B=x=y", "C=", "HERE"]) == {"A": "1", "B": "x=y", "C": "", "HERE": "value"}
    with pytest.raises(UsageError, match="write NOT_HERE=VALUE"):
        environment_of(["NOT_HERE"])


def test_tags_need_a_value() -> None:
    """An empty one will do."""
    assert tags_of(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    with pytest.raises(UsageError, match="write team=VALUE"):
        tags_of(["team"])


def test_what_is_not_text_is_refused() -> None:
    """Bytes of another encoding arrive from the shell as surrogates, and cannot become JSON."""
    assert text_of("COMMAND", ["ünï", "漢字"]) == ("ünï", "漢字")
    with pytest.raises(UsageError, match="not UTF-8"):
        text_of("COMMAND", [b"\xff".decode(errors="surrogateescape")])
