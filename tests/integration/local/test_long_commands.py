"""A command that RunTask has no room for: through S3, the local cloud as the agent, and a real shell."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from awsecs_async.dispatcher import Dispatcher
from awsecs_async.local.child import LocalCloud
from awsecs_async.model.lifecycle import State
from awsecs_async.model.settings import Settings
from awsecs_async.model.task import TaskSpec

pytest.importorskip("moto", reason="S3 is moto's: pip install 'awsecs-async[local]'")

WORDS = ["x" * 20_000, "", "two\nlines", 'it\'s "quoted" $HOME \\n', "ünïcødé 😀"]
ENVIRONMENT = {
    "PLAIN": "p" * 5_000,
    "WITH_EQUALS": "a=b=c",
    "LINES": "one\ntwo\n",
    "EMPTY": "",
    "dotted.name": "d",
}
CHECK = """
import hashlib, json, os, sys
wanted, names, words = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
told = json.dumps([words, {name: os.environ.get(name) for name in names}], sort_keys=True)
sys.exit(0 if hashlib.sha256(told.encode()).hexdigest() == wanted else 7)
"""


def spec(*, entry_point: bool) -> TaskSpec:
    """A task that succeeds if its words and variables are those, and exits with 7 if not."""
    told = json.dumps([WORDS, ENVIRONMENT], sort_keys=True)
    wanted = hashlib.sha256(told.encode()).hexdigest()
    check = [sys.executable, "-I", "-c", CHECK]
    said = [wanted, ",".join(ENVIRONMENT), *WORDS]
    return TaskSpec(
        entry_point=check[:2] if entry_point else None,
        command=[*(check[2:] if entry_point else check), *said],
        environment=ENVIRONMENT,
    )


async def test_a_long_command_arrives_whole(cloud: LocalCloud, neighbours: dict[str, Any]) -> None:
    """Every word and every variable, with an entry point of its own and without."""
    await neighbours["s3"].create_bucket(Bucket="work")
    target = replace(cloud.target(), work_bucket="s3://work/spilled")
    async with Dispatcher(Settings(targets=(target,))) as dispatcher:
        tasks = [await dispatcher.submit(spec(entry_point=own)) for own in (False, True)]
        results = [await task.result() for task in tasks]
    assert [(result.state, result.exit_code) for result in results] == [(State.SUCCEEDED, 0)] * 2
    listed = await neighbours["s3"].list_objects_v2(Bucket="work", Prefix="spilled/")
    assert all(each["Key"].endswith(".env") for each in listed["Contents"])
