"""A task under Fusion: its command and its environment, in the form that Nextflow gives them.

Fusion mounts S3 below ``/fusion/s3`` for what it starts. A task without a command is Nextflow's own: it
runs ``.command.run`` of its work directory. Any other command runs with ``/usr/bin/fusion`` before it, its
words as they were written: a program that knows S3 wants its ``s3://`` words, and whoever means the mounted
file writes ``/fusion/s3/bucket/key``. Only the container whose exit code counts is under Fusion.

A second attempt works in the first one's directory, where ``.exitcode`` may still say how that one ended,
and engines take it for the task's own. So from the second attempt on it is removed before anything runs, and
if it cannot be removed, nothing runs. The dispatcher itself never reads it.

Source: Nextflow's fusion package (FusionHelper, FusionScriptLauncher, FusionEnvProvider).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsecs_async.errors import InvalidTask
from awsecs_async.model import named, units
from awsecs_async.model.s3 import S3Url

if TYPE_CHECKING:
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.task import TaskSpec

FUSION: Final = "/usr/bin/fusion"
MOUNT: Final = "/fusion/s3"

_AFRESH: Final = 'rm -f "$0" && exec "$@"'  # $0 is the .exitcode, the other words are the command
_PER_VARIABLE: Final = 24  # characters of JSON: {"name":"","value":""},
_EXTRA_WORDS: Final = 400  # characters of the words that we put before a command, without the directory
_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def is_on(spec: TaskSpec, fusion: Fusion) -> bool:
    """Whether this task runs under Fusion: as it says itself, else as the settings say.

    The settings do not say it of definitions that were there before the task: Fusion is theirs to have.
    """
    if spec.fusion is None:
        return fusion.enabled and not named.is_named(spec.container)
    return spec.fusion


def check(spec: TaskSpec, fusion: Fusion) -> None:
    """Refuse what Fusion cannot run; nothing for tasks that are not under it.

    Raises:
        InvalidTask: naming the field and the mend.
    """
    if not is_on(spec, fusion):
        return
    if spec.work_dir is None:
        nothing = (
            "" if _result_of(spec).command else ", and without a command its .command.run is what is run"
        )
        raise InvalidTask(
            "work_dir",
            f"Fusion needs the task's directory on S3: work_dir='s3://bucket/path'{nothing}; or fusion=False",
        )
    _place(spec)
    variables(spec, fusion, None)
    given = dict(_result_of(spec).environment)
    if keys := [name for name in _KEYS if name in given]:
        raise InvalidTask(
            "environment",
            f"{', '.join(keys)}: whoever may describe the task sees its environment; let Fusion reach S3 by "
            "the task's role (task_role, or taskRole in the settings)",
        )


def secrets(fusion: Fusion) -> tuple[tuple[str, str], ...]:
    """Variables by the ARN of what holds their values, for the task definition: Fusion's licence."""
    return (("FUSION_LICENSE_TOKEN", fusion.license),) if fusion.license else ()


def command(spec: TaskSpec, container: ContainerSpec | TaskSpec, attempt: int) -> list[str]:
    """The words that run it under Fusion, after the container's entry point."""
    place = _place(spec)
    words = list(container.command) or ["bash", f"{place}/.command.run"]
    if words[0] == FUSION:
        words = words[1:]
    if attempt > 1:
        words = ["sh", "-c", _AFRESH, f"{place}/.exitcode", *words]
    wrapped = bool(container.entry_point) and container.entry_point[0] == FUSION  # type: ignore[index]
    return words if wrapped else [FUSION, *words]


def variables(spec: TaskSpec, fusion: Fusion, region: str | None) -> dict[str, str]:
    """What Fusion is told by its environment; the task's own variables win over these."""
    cache = fusion.cache_size
    found = {
        "FUSION_WORK": _place(spec),
        "FUSION_TAGS": fusion.tags,
        "FUSION_LOG_LEVEL": fusion.log_level,
        "FUSION_LOG_OUTPUT": fusion.log_output,
        "FUSION_CACHE_SIZE": f"{units.parse_memory(cache, field='fusion.cacheSize')}M" if cache else None,
        "FUSION_AWS_SERVER_SIDE_ENCRYPTION": fusion.server_side_encryption,
        "FUSION_AWS_SSEKMS_KEY_ID": fusion.kms_key,
        "AWS_S3_ENDPOINT": fusion.s3_endpoint,
        "FUSION_AWS_REGION": region if fusion.s3_endpoint else None,  # nothing else tells it, there
    }
    return {name: value for name, value in found.items() if value}


def longest(spec: TaskSpec, fusion: Fusion, region: str | None) -> int:
    """No fewer characters of JSON than Fusion adds to a task's overrides, if its texts are ASCII."""
    told = variables(spec, fusion, region)
    texts = sum(len(name) + len(value) + _PER_VARIABLE for name, value in told.items())
    return 2 * texts + 2 * len(_place(spec)) + _EXTRA_WORDS


def _place(spec: TaskSpec) -> str:
    """The work directory as the task sees it."""
    try:
        url = S3Url.parse(spec.work_dir or "")
    except ValueError as error:
        raise InvalidTask("work_dir", str(error)) from None
    return f"{MOUNT}/{url.bucket}/{url.key}".rstrip("/")


def _result_of(spec: TaskSpec) -> ContainerSpec:
    return next(c for c in spec.all_containers if c.name == spec.result_container)
