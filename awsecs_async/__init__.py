"""An asyncio dispatcher for containers on Amazon ECS.

    from awsecs_async import Dispatcher, Settings, Target

    async with Dispatcher(Settings(targets=[Target(cluster="research")])) as d:
        task = await d.submit(container="ubuntu:24.04", command=["echo", "hello"])
        print(await task.result())

This module is the public door and stays light: importing it imports nothing else, so that a library user
pays for what they use and the command line answers ``--help`` at once. Names are resolved when first
asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awsecs_async.config import load as load_settings
    from awsecs_async.dispatcher import Dispatcher
    from awsecs_async.engine.logs import LogLine
    from awsecs_async.engine.registry import Registry
    from awsecs_async.engine.roll import Transition
    from awsecs_async.errors import (
        AwsecsError,
        AwsFault,
        DispatcherClosed,
        InvalidTask,
        JournalError,
        KeyConflict,
        LogsUnavailable,
        Refused,
        SettingsError,
        TaskFailed,
    )
    from awsecs_async.kit.fanout import Dropped
    from awsecs_async.local.child import LocalCloud
    from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.lifecycle import State
    from awsecs_async.model.network import Network
    from awsecs_async.model.options import ContainerOptions
    from awsecs_async.model.outcome import Cause, Outcome
    from awsecs_async.model.resources import Accelerator, Disk
    from awsecs_async.model.result import Attempt, Result
    from awsecs_async.model.settings import Quotas, Settings, Target
    from awsecs_async.model.task import TaskSpec
    from awsecs_async.model.volumes import Volume
    from awsecs_async.task import Task

__all__ = [
    "Accelerator",
    "Attempt",
    "AwsFault",
    "AwsecsError",
    "Cause",
    "ContainerOptions",
    "ContainerSpec",
    "Dependency",
    "Disk",
    "Dispatcher",
    "DispatcherClosed",
    "Dropped",
    "Fusion",
    "HealthCheck",
    "InvalidTask",
    "JournalError",
    "KeyConflict",
    "LocalCloud",
    "LogLine",
    "LogsUnavailable",
    "Network",
    "Outcome",
    "Quotas",
    "Refused",
    "Registry",
    "Result",
    "Settings",
    "SettingsError",
    "State",
    "Target",
    "Task",
    "TaskFailed",
    "TaskSpec",
    "Transition",
    "Volume",
    "__version__",
    "load_settings",
]

_HOMES = {
    "config": ("load_settings",),
    "dispatcher": ("Dispatcher",),
    "engine.logs": ("LogLine",),
    "engine.registry": ("Registry",),
    "engine.roll": ("Transition",),
    "errors": (
        "AwsFault", "AwsecsError", "DispatcherClosed", "InvalidTask", "JournalError", "KeyConflict",
        "LogsUnavailable", "Refused", "SettingsError", "TaskFailed",
    ),
    "kit.fanout": ("Dropped",),
    "local.child": ("LocalCloud",),
    "model.container": ("ContainerSpec", "Dependency", "HealthCheck"),
    "model.fusion": ("Fusion",),
    "model.lifecycle": ("State",),
    "model.network": ("Network",),
    "model.options": ("ContainerOptions",),
    "model.outcome": ("Cause", "Outcome"),
    "model.resources": ("Accelerator", "Disk"),
    "model.result": ("Attempt", "Result"),
    "model.settings": ("Quotas", "Settings", "Target"),
    "model.task": ("TaskSpec",),
    "model.volumes": ("Volume",),
    "task": ("Task",),
}  # fmt: skip
_OTHER_NAMES = {"load_settings": "load"}  # what they are called at home


def __getattr__(name: str) -> object:
    """Resolve a public name on first use (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version("awsecs-async")
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"awsecs_async.{home}"), _OTHER_NAMES.get(name, name))
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
