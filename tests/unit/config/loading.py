"""Settings loaded from the text of an awsecs.toml."""

from pathlib import Path

import pytest

from awsecs_async import config
from awsecs_async.errors import SettingsError
from awsecs_async.model.settings import Settings

ROLE = "arn:aws:iam::123456789012:role/execution"
LEAST = f'[aws.ecs]\ncluster = "c"\nexecutionRole = "{ROLE}"\n'


def load(text: str = LEAST, *, target: str | None = None, **flags: object) -> Settings:
    """The settings of such an awsecs.toml and such flags."""
    Path("awsecs.toml").write_text(text)
    return config.load(overrides=flags, target=target)


def refusal(text: str = LEAST, **flags: object) -> str:
    """Why they are refused."""
    with pytest.raises(SettingsError) as refused:
        load(text, target=None, **flags)
    return str(refused.value)
