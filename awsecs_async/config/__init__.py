"""Where settings come from: flags, the environment, a TOML file. What they mean is in ``model/settings``.

    [aws]
    region = "eu-central-1"

    [aws.ecs]
    cluster = "workflows"
    executionRole = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    quotas = { share = 0.5 }

    [aws.ecs.targets.gpu]
    cluster = "gpu"

The fields are taken from the settings' own dataclasses, and so are the defaults, so that nothing can be
set that is not there and nothing is there that cannot be set. Names may be written in camelCase or
snake_case; ``AWSECS_EXECUTION_ROLE`` and ``AWSECS_QUOTAS_SHARE`` set the same from the environment. Flags
go before the environment, and that before the file. A name that nobody knows is refused: a setting that
is silently ignored is found only when its effect is missed.

What ``[aws]`` and ``[aws.ecs]`` say makes the target ``default`` where it includes a cluster, and is
inherited by each of ``[aws.ecs.targets.NAME]``, whose own word goes before: a region that holds for all
must not move a target that has said where it is.

One file is read: the one that is named, else ``awsecs.toml`` here, else the one in the user's
configuration directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from awsecs_async.config.fields import PREFIX
from awsecs_async.config.files import FILE_NAME, find_file, looked_for, user_file
from awsecs_async.config.sheet import Sheet, read
from awsecs_async.config.sources import Said
from awsecs_async.errors import SettingsError
from awsecs_async.model.settings import Settings

__all__ = [
    "FILE_NAME", "PREFIX", "Said", "Sheet", "find_file", "load", "looked_for", "read", "user_file",
]  # fmt: skip


def load(
    config_file: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    *,
    assignments: Iterable[str] = (),
    target: str | None = None,
) -> Settings:
    """The settings in force.

    Args:
        config_file: Read instead of the files that would be looked for.

        overrides: What flags say, by snake_case name (``quotas_share``); None as a value means not said.

        assignments: ``NAME=VALUE`` for any setting, as ``--set`` has it; ``overrides`` go before.

        target: The target that those flags are about, where the file has several; None is the first.

    Raises:
        SettingsError: if something is missing, unknown or not acceptable, saying where and how to mend it.
    """
    sheet = read(config_file, overrides, assignments=assignments, target=target)
    if sheet.settings is None:
        raise SettingsError("\n".join(sheet.problems))
    return sheet.settings
