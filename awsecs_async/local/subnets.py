"""Subnets looked up, where a setting says so: those that EC2 does not have are refused, as ECS refuses them.

The local cloud's EC2 is moto's, which has to be asked over HTTP, so this stands before the machine,
which never waits. What is learned on the way, the zone of each subnet, is where instances then are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from awsecs_async.local.wire import Wire, invalid_parameter

Lookup = Callable[[], Awaitable[Mapping[str, str] | None]]  # every subnet and its zone; None: no EC2


class Subnets:
    """Checks the subnets of calls; its state is the zones that it was told."""

    def __init__(self, lookup: Lookup, zones: dict[str, str]) -> None:
        self._lookup = lookup
        self._zones = zones  # is filled

    async def check(self, operation: str, params: Wire) -> None:
        """Raise InvalidParameterException for a subnet that is not there."""
        named = _subnets_of(operation, params)
        if not named or all(name in self._zones for name in named):
            return
        found = await self._lookup()
        if found is None:
            return
        self._zones.update(found)
        missing = [name for name in named if name not in self._zones]
        if missing:
            raise invalid_parameter(
                f"Error retrieving subnet information for [{', '.join(missing)}]: "
                f"The subnet ID '{missing[0]}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            )

    def __repr__(self) -> str:
        return f"<Subnets known={len(self._zones)}>"


def _subnets_of(operation: str, params: Wire) -> list[str]:
    if operation == "RunTask":
        network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    elif operation == "CreateCapacityProvider":
        managed = params.get("managedInstancesProvider") or {}
        network = (managed.get("instanceLaunchTemplate") or {}).get("networkConfiguration") or {}
    else:
        return []
    return list(network.get("subnets") or ())
