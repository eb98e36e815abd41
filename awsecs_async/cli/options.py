"""The options of ``submit``, by the field that they set; panels are how ``--help`` groups them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from typer import Argument, Option

_TASK: Final = "The task"
_WHERE: Final = "Where it runs"
_MANY: Final = "Several tasks"
_SHOWN: Final = "What is shown"
_LATER: Final = "Not yet: refused by this version"

RuntimeName = Literal["auto", "container", "podman", "docker", "process", "scripted"]
Level = Literal["debug", "info", "warning", "error", "critical"]

Command = Annotated[list[str] | None, Argument(metavar="COMMAND", help="None: the image's own.")]

Container = Annotated[
    str | None, Option(metavar="IMAGE", help="None: a process, with --local.", rich_help_panel=_TASK)
]
Cpus = Annotated[str | None, Option(metavar="N", help="vCPUs: 2, 0.5.", rich_help_panel=_TASK)]
Memory = Annotated[str | None, Option(metavar="AMOUNT", help="'4 GB', '512 MB'.", rich_help_panel=_TASK)]
Env = Annotated[
    list[str] | None,
    Option(metavar="K[=V]", help="A variable; K alone hands yours on.", rich_help_panel=_TASK),
]
Tag = Annotated[list[str] | None, Option(metavar="K=V", help="An AWS tag.", rich_help_panel=_TASK)]
Name = Annotated[str | None, Option(metavar="NAME", help="For people.", rich_help_panel=_TASK)]
Timeout = Annotated[
    str | None, Option(metavar="TIME", help="From its start: '90s', '1h 30m'.", rich_help_panel=_TASK)
]

Local = Annotated[
    bool, Option("--local", help="On a cloud of its own, on this machine.", rich_help_panel=_WHERE)
]
Runtime = Annotated[
    RuntimeName | None, Option(help="Of --local: what carries it out.", rich_help_panel=_WHERE)
]
Cluster = Annotated[str | None, Option(metavar="NAME", help="Name or ARN.", rich_help_panel=_WHERE)]
Region = Annotated[str | None, Option(metavar="NAME", help="Of AWS.", rich_help_panel=_WHERE)]
Config = Annotated[
    Path | None, Option(metavar="FILE", help="Instead of awsecs.toml.", rich_help_panel=_WHERE)
]
Journal = Annotated[
    Path | None, Option(metavar="FILE", help="Keeps tasks, to go on later.", rich_help_panel=_WHERE)
]

Array = Annotated[
    int | None,
    Option(metavar="N", min=1, help="N tasks, told apart by AWSECS_ARRAY_INDEX.", rich_help_panel=_MANY),
]
Copies = Annotated[int | None, Option(metavar="N", min=1, help="N equal tasks.", rich_help_panel=_MANY)]
Key = Annotated[
    str | None,
    Option(metavar="KEY", help="The same key, the same task; needs a journal.", rich_help_panel=_MANY),
]

Follow = Annotated[bool, Option("--follow/--no-follow", help="Show the output.", rich_help_panel=_SHOWN)]
WaitLogs = Annotated[
    bool, Option("--wait-logs/--no-wait-logs", help="Wait for late lines.", rich_help_panel=_SHOWN)
]
Json = Annotated[bool, Option("--json", help="Events, one a line.", rich_help_panel=_SHOWN)]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Say only what went wrong.", rich_help_panel=_SHOWN)]
LogLevel = Annotated[Level, Option(help="Of the program's own log.", rich_help_panel=_SHOWN)]
LogFormat = Annotated[Literal["text", "json"], Option(help="Of that log.", rich_help_panel=_SHOWN)]
Debug = Annotated[bool, Option("--debug", help="Show where a failure came from.", rich_help_panel=_SHOWN)]

Accelerator = Annotated[str | None, Option(metavar="N", help="GPUs.", rich_help_panel=_LATER)]
Disk = Annotated[str | None, Option(metavar="AMOUNT", help="Of the task's own.", rich_help_panel=_LATER)]
MachineType = Annotated[str | None, Option(metavar="TYPE", help="Of the instance.", rich_help_panel=_LATER)]
