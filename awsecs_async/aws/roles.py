"""IAM's roles in our words, over any transport: whether one exists, and which services may assume it.

ECS finds out only when a task starts, and then every task fails: so whoever has a role's ARN in the
settings asks before.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from awsecs_async.aws.ports import Role
from awsecs_async.errors import RequestRefused

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Transport


class RolesDoor:
    """``ports.Roles`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<RolesDoor over {self._transport!r}>"

    async def role(self, arn: str) -> Role | None:
        """GetRole: the role of this ARN, or of this bare name; None if the account has none."""
        name = _name_of(arn)
        if not name:
            return None
        try:
            found = (await self._transport.ask("iam", "GetRole", {"RoleName": name}))["Role"]
        except RequestRefused as refusal:
            if refusal.code != "NoSuchEntity":
                raise
            return None
        if arn.startswith("arn:") and found["Arn"] != arn:
            return None  # of the same name, in another account or under another path
        trusts = frozenset(_trusted(found.get("AssumeRolePolicyDocument") or {}))
        return Role(name=found["RoleName"], arn=found["Arn"], trusts=trusts)


def _name_of(arn: str) -> str:
    """The name in a role's ARN, behind its path; empty in the ARN of anything else."""
    if not arn.startswith("arn:"):
        return arn
    return arn.partition(":role/")[2].rpartition("/")[2]


def _trusted(policy: Mapping[str, Any]) -> Iterator[str]:
    """The services in a trust policy's statements (AWS: IAM, reference_policies_elements_principal)."""
    for statement in _listed(policy.get("Statement")):
        actions = _listed(statement.get("Action"))
        allows = any(fnmatch.fnmatchcase("sts:assumerole", action.lower()) for action in actions)
        principal = statement.get("Principal")
        if statement.get("Effect") == "Allow" and allows and isinstance(principal, Mapping):
            yield from _listed(principal.get("Service"))


def _listed(value: Any) -> list[Any]:
    """A policy's element that may be one thing or a list of them."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
