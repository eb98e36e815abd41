"""The network that a task asks for, where it asks for another than its target's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from awsecs_async.errors import InvalidTask
from awsecs_async.model import checks, reading
from awsecs_async.model.quotas import SECURITY_GROUPS_MAX, SUBNETS_MAX

NetworkMode = Literal["awsvpc", "host", "bridge"]
_MODES: Final = ("awsvpc", "host", "bridge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A task's own choice; what is None or empty is as its target has it.

    Args:
        mode: ``awsvpc`` (an interface of its own), ``host`` (the instance's) or ``bridge`` (EC2 only).

        subnets: Up to 16, for awsvpc.

        security_groups: Up to 5, for awsvpc.

        assign_public_ip: On Fargate only.

    Raises:
        InvalidTask: at construction.
    """

    mode: NetworkMode | None = None
    subnets: Sequence[str] = ()
    security_groups: Sequence[str] = ()
    assign_public_ip: bool | None = None

    def __post_init__(self) -> None:
        reading.within("network", self, _READINGS)
        if self.mode in {"host", "bridge"}:
            for name in ("subnets", "security_groups", "assign_public_ip"):
                if getattr(self, name):
                    raise InvalidTask("network", f"{name}: these are for mode awsvpc, not for {self.mode}")

    @classmethod
    def of(cls, value: object) -> Network:
        """A network as people write it: a mode, or a mapping."""
        if isinstance(value, Network):
            return value
        if isinstance(value, Mapping):
            return reading.made(cls, "network", value)
        if isinstance(value, str):
            return cls(mode=value)  # type: ignore[arg-type]
        raise InvalidTask("network", f"{value!r} is no mode ({', '.join(_MODES)}) and no mapping")


def _mode(value: object) -> NetworkMode:
    if value not in _MODES:
        raise InvalidTask("mode", f"{value!r} is not one of {', '.join(_MODES)}")
    return value


def _ids(field: str, form: str, most: int, value: object) -> tuple[str, ...]:
    found = checks.texts(field, value)
    if len(found) > most:
        raise InvalidTask(field, f"{len(found)} of them; AWS allows {most}")
    for each in found:
        if not each.startswith(form):
            raise InvalidTask(field, f"{each!r} is not an id such as '{form}12345678'")
    return found


_READINGS: Final = reading.readings(
    Network,
    {
        "mode": reading.optional(_mode),
        "subnets": partial(_ids, "subnets", "subnet-", SUBNETS_MAX),
        "security_groups": partial(_ids, "security_groups", "sg-", SECURITY_GROUPS_MAX),
        "assign_public_ip": partial(checks.flag, "assign_public_ip"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awsvpc:
    """The network of tasks with an interface of their own, as RunTask is asked for it.

    Args:
        assign_public_ip: None where the kind of capacity has no such choice (AWS: only Fargate has).
    """

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()
    assign_public_ip: bool | None = None
