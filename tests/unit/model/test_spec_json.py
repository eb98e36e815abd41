"""A spec survives the journal: JSON and back is the same spec."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from awsecs_async.errors import InvalidTask
from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.spec_json import spec_from_json, spec_to_json
from awsecs_async.model.task import TaskSpec
from tests.unit.model.specs import all_specs


@given(all_specs)
def test_json_and_back_is_the_same_spec(spec: TaskSpec) -> None:
    """After a restart a key is compared with what was journalled: nothing may get lost on the way."""
    assert spec_from_json(json.loads(json.dumps(spec_to_json(spec)))) == spec


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    """A hundred thousand specs are on disk: each takes what it says, and no more."""
    assert spec_to_json(TaskSpec(command=["a"])) == {"command": ["a"]}


def test_a_journal_of_an_earlier_version_is_read() -> None:
    """It knows nothing of the later fields, which are at their defaults; its parts are lists and tables."""
    found = {
        "tags": [["t", "v"]],
        "containers": [
            {"container": "a", "depends_on": [{"container": "side", "condition": "HEALTHY"}]},
            {
                "name": "side",
                "environment": [["A", "1"]],
                "essential": False,
                "health_check": {"command": ["CMD", "true"], "retries": 4},
            },
        ],
    }
    side = ContainerSpec(
        name="side",
        environment={"A": "1"},
        essential=False,
        health_check=HealthCheck(command=["CMD", "true"], retries=4),
    )
    main = ContainerSpec(container="a", depends_on=[Dependency(container="side", condition="HEALTHY")])
    assert spec_from_json(found) == TaskSpec(containers=[main, side], tags={"t": "v"})


def test_a_journal_of_a_later_version_is_refused_with_a_reason() -> None:
    """A field that this version does not know may be what the task needs: it is named, not dropped."""
    with pytest.raises(InvalidTask, match="'moon' is not one of"):
        spec_from_json({"command": ["a"], "moon": True})
