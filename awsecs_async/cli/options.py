"""The options of the commands, in groups; panels are how ``--help`` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from typer import Argument, Option

_TASK: Final = "The task"
_MACHINE: Final = "What it needs"
_WHERE: Final = "Where it runs"
_SETTINGS: Final = "Settings (docs/settings.md)"
_MANY: Final = "Several tasks"
_SHOWN: Final = "What is shown"

RuntimeName = Literal["auto", "container", "podman", "docker", "process", "scripted"]
Level = Literal["debug", "info", "warning", "error", "critical"]
LogFormat = Literal["text", "json"]
Texts: TypeAlias = list[str] | None

Command = Annotated[list[str] | None, Argument(metavar="COMMAND", help="None: the image's own.")]
Config = Annotated[
    Path | None, Option(metavar="FILE", help="Instead of awsecs.toml.", rich_help_panel=_SETTINGS)
]
Cluster = Annotated[str | None, Option(metavar="NAME", help="Name or ARN.", rich_help_panel=_SETTINGS)]
Region = Annotated[str | None, Option(metavar="NAME", help="Of AWS.", rich_help_panel=_SETTINGS)]
Profile = Annotated[str | None, Option(metavar="NAME", help="Of ~/.aws/config.", rich_help_panel=_SETTINGS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is run."""

    container: Annotated[
        str | None,
        Option(
            metavar="IMAGE",
            help="Or task-definition://NAME. None: a process, with --local.",
            rich_help_panel=_TASK,
        ),
    ] = None
    entry_point: Annotated[
        str | None, Option(metavar="WORDS", help="Instead of the image's.", rich_help_panel=_TASK)
    ] = None
    env: Annotated[
        Texts, Option(metavar="K[=V]", help="A variable; K alone hands yours on.", rich_help_panel=_TASK)
    ] = None
    env_file: Annotated[
        Texts, Option(metavar="S3_URL", help="Variables from a file *.env.", rich_help_panel=_TASK)
    ] = None
    secret: Annotated[
        Texts, Option(metavar="K=ARN", help="A variable from a secret.", rich_help_panel=_TASK)
    ] = None
    workdir: Annotated[
        str | None, Option(metavar="PATH", help="Directory in the container.", rich_help_panel=_TASK)
    ] = None
    user: Annotated[str | None, Option(metavar="NAME", help="In the container.", rich_help_panel=_TASK)] = (
        None
    )
    container_options: Annotated[
        str | None, Option(metavar="TEXT", help="As docker run has them.", rich_help_panel=_TASK)
    ] = None
    timeout: Annotated[
        str | None, Option(metavar="TIME", help="From its start: '90s', '1h 30m'.", rich_help_panel=_TASK)
    ] = None
    name: Annotated[str | None, Option(metavar="NAME", help="For people.", rich_help_panel=_TASK)] = None
    tag: Annotated[Texts, Option(metavar="K=V", help="An AWS tag.", rich_help_panel=_TASK)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What it needs of a machine."""

    cpus: Annotated[str | None, Option(metavar="N", help="vCPUs: 2, 0.5.", rich_help_panel=_MACHINE)] = None
    memory: Annotated[
        str | None, Option(metavar="AMOUNT", help="'4 GB', '512 MB'.", rich_help_panel=_MACHINE)
    ] = None
    accelerator: Annotated[
        str | None, Option(metavar="[N] TYPE", help="GPUs: '1 nvidia-tesla-t4'.", rich_help_panel=_MACHINE)
    ] = None
    disk: Annotated[
        str | None, Option(metavar="SIZE", help="At /tmp: '500 GB', '1 TB gp3'.", rich_help_panel=_MACHINE)
    ] = None
    machine_type: Annotated[
        str | None, Option(metavar="TYPE", help="c6i.2xlarge, c6i, 'm5.*'.", rich_help_panel=_MACHINE)
    ] = None
    architecture: Annotated[
        str | None, Option(metavar="NAME", help="X86_64 or ARM64.", rich_help_panel=_MACHINE)
    ] = None
    volume: Annotated[
        Texts, Option(metavar="FROM:PATH", help="Host path, or fs-ID (EFS).", rich_help_panel=_MACHINE)
    ] = None
    fusion: Annotated[
        bool | None, Option("--fusion/--no-fusion", help="S3 as files.", rich_help_panel=_MACHINE)
    ] = None
    work_dir: Annotated[
        str | None, Option(metavar="S3_URL", help="Of Fusion: s3://bucket/dir.", rich_help_panel=_MACHINE)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it runs, and how long it waits for that."""

    local: Annotated[
        bool, Option("--local", help="A cloud of its own, on this machine.", rich_help_panel=_WHERE)
    ] = False
    runtime: Annotated[
        RuntimeName | None,
        Option(metavar="NAME", help="Of --local: container, process, ...", rich_help_panel=_WHERE),
    ] = None
    target: Annotated[
        str | None, Option(metavar="NAME", help="One that the settings name.", rich_help_panel=_WHERE)
    ] = None
    provider: Annotated[
        Texts, Option(metavar="NAME", help="Of capacity; repeat for fallbacks.", rich_help_panel=_WHERE)
    ] = None
    network: Annotated[
        str | None, Option(metavar="MODE", help="awsvpc, host, bridge.", rich_help_panel=_WHERE)
    ] = None
    task_role: Annotated[
        str | None, Option(metavar="ARN", help="What the command may do.", rich_help_panel=_WHERE)
    ] = None
    exec: Annotated[bool, Option("--exec", help="Let ECS Exec enter it.", rich_help_panel=_WHERE)] = False
    start_timeout: Annotated[
        str | None, Option(metavar="TIME", help="From launch to running.", rich_help_panel=_WHERE)
    ] = None
    queue_timeout: Annotated[
        str | None, Option(metavar="TIME", help="Until it is launched.", rich_help_panel=_WHERE)
    ] = None
    spot_attempts: Annotated[
        int | None, Option(metavar="N", min=0, help="Again after spot took it.", rich_help_panel=_WHERE)
    ] = None
    host_attempts: Annotated[
        int | None, Option(metavar="N", min=0, help="Again after its host died.", rich_help_panel=_WHERE)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The settings that have a flag of their own; ``--set`` reaches all."""

    config: Config = None
    cluster: Cluster = None
    execution_role: Annotated[
        str | None, Option(metavar="ARN", help="Pulls images, writes logs.", rich_help_panel=_SETTINGS)
    ] = None
    region: Region = None
    profile: Profile = None
    journal: Annotated[
        Path | None, Option(metavar="FILE", help="Keeps tasks, to go on later.", rich_help_panel=_SETTINGS)
    ] = None
    set: Annotated[
        Texts, Option(metavar="NAME=VALUE", help="Any other; repeat.", rich_help_panel=_SETTINGS)
    ] = None

    @property
    def overrides(self) -> dict[str, object]:
        """Those with a flag of their own, by snake_case name; None where it was not given."""
        names = ("cluster", "execution_role", "region", "profile", "journal")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """Several tasks at once."""

    array: Annotated[
        int | None,
        Option(metavar="N", min=1, help="N tasks, told apart by AWSECS_ARRAY_INDEX.", rich_help_panel=_MANY),
    ] = None
    copies: Annotated[
        int | None, Option(metavar="N", min=1, help="N equal tasks.", rich_help_panel=_MANY)
    ] = None
    key: Annotated[
        str | None,
        Option(metavar="KEY", help="The same key, the same task; needs a journal.", rich_help_panel=_MANY),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of it."""

    follow: Annotated[
        bool,
        Option("--follow/--no-follow", help="The output.", show_default=False, rich_help_panel=_SHOWN),
    ] = True
    wait_logs: Annotated[
        bool,
        Option("--wait-logs/--no-wait-logs", help="Late lines.", show_default=False, rich_help_panel=_SHOWN),
    ] = True
    json: Annotated[bool, Option("--json", help="Events, one a line.", rich_help_panel=_SHOWN)] = False
    quiet: Annotated[
        bool, Option("--quiet", "-q", help="Say only what went wrong.", rich_help_panel=_SHOWN)
    ] = False
    log_level: Annotated[
        Level, Option(metavar="LEVEL", help="Of our log: info, ...", rich_help_panel=_SHOWN)
    ] = "error"
    log_format: Annotated[LogFormat, Option(metavar="FORM", help="text or json.", rich_help_panel=_SHOWN)] = (
        "text"
    )
    debug: Annotated[
        bool, Option("--debug", help="Show where a failure came from.", rich_help_panel=_SHOWN)
    ] = False
