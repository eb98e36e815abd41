"""docs/cluster.md is done as it is written: with the AWS CLI, on the local cloud, to a first task."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.local.outsiders import Aws, Unavailable, foreground_cloud, installed_cli

pytestmark = pytest.mark.slow  # each call of the AWS CLI takes a second

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cluster.md"
ACCOUNT = "000000000000"
LIMIT_SECONDS = 120


def blocks(language: str) -> list[str]:
    """The page's blocks of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def ran(*command: str, environment: Mapping[str, str], directory: Path) -> str:
    """Its standard output; a failure tells its words."""
    done = subprocess.run(
        command, capture_output=True, text=True, env=dict(environment), cwd=directory,
        stdin=subprocess.DEVNULL, timeout=LIMIT_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_leads_to_a_first_task(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Who follows the page has a cluster on which the doctor finds nothing wrong and a task runs."""
    if request.config.cache is None:
        pytest.skip("pytest's cache, where the AWS CLI is kept, is switched off")
    try:
        program = installed_cli(request.config.cache.mkdir("awscli"))
    except Unavailable as missing:
        pytest.skip(str(missing))
    with foreground_cloud(tmp_path, "--runtime", "process", "--quiet") as found:
        aws = Aws(program=program, environment=found)
        subnet = aws("ec2", "describe-subnets")["Subnets"][0]
        group = aws("ec2", "describe-security-groups")["SecurityGroups"][0]
        environment = found | {
            "PATH": f"{program.parent}:{Path(sys.executable).parent}:{found['PATH']}",
            "ACCOUNT": ACCOUNT,
            "SUBNET": subnet["SubnetId"],
            "GROUP": group["GroupId"],
        }
        script = "".join(blocks("sh tried"))
        ran("bash", "-euo", "pipefail", "-c", script, environment=environment, directory=tmp_path)
        settings = blocks("toml")[0].replace("123456789012", ACCOUNT).replace("eu-central-1", "us-east-1")
        (tmp_path / "awsecs.toml").write_text(settings)
        awsecs = (sys.executable, "-m", "awsecs_async")
        answer = json.loads(ran(*awsecs, "doctor", "--json", environment=environment, directory=tmp_path))
        verdicts = {check["name"]: check["verdict"] for check in answer["checks"]}
        assert "failed" not in verdicts.values()
        assert verdicts["log group"] == verdicts["infrastructure role"] == "ok"
        submit = (*awsecs, "submit", "--container", "any", "--", "echo", "hello from workflows")
        assert ran(*submit, environment=environment, directory=tmp_path) == "hello from workflows\n"
