"""The network that a task asks for, where it asks for another than its target's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from awsecs_async.errors import InvalidTask
from awsecs_async.model.quotas import SECURITY_GROUPS_MAX, SUBNETS_MAX
from awsecs_async.model.resources import known

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
    """

    mode: NetworkMode | None = None
    subnets: Sequence[str] = ()
    security_groups: Sequence[str] = ()
    assign_public_ip: bool | None = None

    def __post_init__(self) -> None:
        if self.mode not in {None, *_MODES}:
            raise InvalidTask("network", f"{self.mode!r} is not one of {', '.join(_MODES)}")
        for name, most in (("subnets", SUBNETS_MAX), ("security_groups", SECURITY_GROUPS_MAX)):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(each, str) and each for each in value):
                raise InvalidTask("network", f"{name} is a list of ids, not {value!r}")
            if len(value) > most:
                raise InvalidTask("network", f"{len(value)} {name}; AWS allows {most}")
            object.__setattr__(self, name, tuple(value))
        if self.mode in {"host", "bridge"} and (self.subnets or self.security_groups):
            raise InvalidTask("network", f"subnets and security groups are for awsvpc, not for {self.mode}")

    @classmethod
    def of(cls, value: object) -> Network:
        """A network as people write it: a mode, or a mapping."""
        if isinstance(value, Network):
            return value
        if isinstance(value, Mapping):
            return cls(**known(cls, "network", value))
        if isinstance(value, str):
            return cls(mode=value)  # type: ignore[arg-type]
        raise InvalidTask("network", f"{value!r} is no mode ({', '.join(_MODES)}) and no mapping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Awsvpc:
    """The network of tasks with an interface of their own, as RunTask is asked for it.

    Args:
        assign_public_ip: None where the kind of capacity has no such choice (AWS: only Fargate has).
    """

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()
    assign_public_ip: bool | None = None
