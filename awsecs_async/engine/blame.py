"""Who is to blame for a refusal: the target, or the task that alone names what AWS refuses.

A task may have a role, subnets, groups or a definition of its own. Where AWS refuses one of these, no target
is blocked: else a hundred tasks with one mistake in them would hold up all the others. Told by the recorded
request, and by what AWS's message names.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from awsecs_async.model.definition import FAMILY_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsecs_async.engine.targets import Station


def own_name(message: str, request: str, station: Station) -> str:
    """What the message names and only this RunTask request has; empty where it names nothing of the kind."""
    return next((name for name in _own_names(request, station) if _names(message, name)), "")


def _names(message: str, name: str) -> bool:
    """Whether it has this name, and no longer one that only begins so."""
    return re.search(rf"{re.escape(name)}(?![\w+=@,-]|\.\w)", message) is not None


def _own_names(request: str, station: Station) -> Iterator[str]:
    asked, target = json.loads(request), station.target
    role = asked["overrides"].get("taskRoleArn")
    if role and role != target.task_role:
        yield role
    network = asked.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    default, providers = station.default_network, station.cluster.providers
    common = {*target.subnets, *target.security_groups, *(s for p in providers for s in p.subnets)}
    common |= {group for provider in providers for group in provider.security_groups}
    common |= {*default.subnets, *default.security_groups} if default else set()
    for name in (*network.get("subnets", ()), *network.get("securityGroups", ())):
        if name not in common:
            yield name
    definition = asked["taskDefinition"].rpartition(":")[0]  # of any revision
    if definition and not definition.partition("/")[2].startswith(FAMILY_PREFIX):
        yield definition
