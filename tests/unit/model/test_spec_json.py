"""A spec survives the journal: JSON and back is the same spec."""

from __future__ import annotations

import json

from hypothesis import given

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
