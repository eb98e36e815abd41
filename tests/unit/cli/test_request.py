"""What is refused before anything is done."""

from pathlib import Path

import pytest

from awsecs_async.cli.request import Request, UsageError, check
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
        (Request(spec=SPEC, local=True, overrides={"execution_role": "r"}), "--execution-role"),
        (Request(spec=SPEC, local=True, assignments=["a=b"]), "--set"),
        (Request(spec=TaskSpec(target="t"), local=True), "--target"),
        (Request(spec=TaskSpec(container="task-definition://align"), local=True), "--container"),
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
