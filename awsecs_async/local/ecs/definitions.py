"""Task definitions: families, their revisions, and what of them is needed at every launch."""

from __future__ import annotations

from typing import Final

from awsecs_async.local.ecs.arns import Arns
from awsecs_async.local.ecs.definition_rules import check_definition, compatibilities, network_mode
from awsecs_async.local.ecs.sizes import cpu_units, memory_mib
from awsecs_async.local.wire import Wire, client_exception

ACTIVE: Final = "ACTIVE"
INACTIVE: Final = "INACTIVE"
DELETE_IN_PROGRESS: Final = "DELETE_IN_PROGRESS"

_COPIED = (
    *("family", "taskRoleArn", "executionRoleArn", "placementConstraints", "requiresCompatibilities"),
    *("runtimePlatform", "cpu", "memory", "pidMode", "ipcMode", "proxyConfiguration", "ephemeralStorage"),
    *("enableFaultInjection", "inferenceAccelerators"),
)


class Definition:
    """One revision of a family. Only its status changes."""

    __slots__ = (
        *("arn", "compatibilities", "containers", "cpu_units", "family", "memory_mib", "names"),
        *("network_mode", "revision", "status", "tags", "wire"),
    )

    def __init__(self, request: Wire, arn: str, revision: int, now: float) -> None:
        self.arn = arn
        self.family: str = request["family"]
        self.revision = revision
        self.status = ACTIVE
        self.tags: list[Wire] = list(request.get("tags") or ())
        self.network_mode = network_mode(request)
        self.compatibilities = compatibilities(request)
        self.containers: list[Wire] = [
            _with_defaults(container) for container in request["containerDefinitions"]
        ]
        self.names = frozenset(container["name"] for container in self.containers)
        self.cpu_units = cpu_units(request.get("cpu"))
        self.memory_mib = memory_mib(request.get("memory"))
        self.wire: Wire = self._shown(request, now)

    def _shown(self, request: Wire, now: float) -> Wire:
        shown: Wire = {key: request[key] for key in _COPIED if request.get(key) is not None}
        shown.update(
            taskDefinitionArn=self.arn,
            revision=self.revision,
            status=ACTIVE,
            networkMode=self.network_mode,
            compatibilities=self.compatibilities,
            containerDefinitions=self.containers,
            volumes=request.get("volumes") or [],
            requiresAttributes=[],
            registeredAt=now,
            registeredBy="arn:aws:iam::000000000000:root",
        )
        shown.setdefault("placementConstraints", [])
        return shown

    def become(self, status: str, **times: float) -> None:
        """Change the status, in `wire` too; a new dict, since the old one may be in someone's hands."""
        self.status = status
        self.wire = {**self.wire, "status": status, **times}

    def __repr__(self) -> str:
        return f"<Definition {self.family}:{self.revision} {self.status}>"


def _with_defaults(container: Wire) -> Wire:
    return {
        "cpu": 0,
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "portMappings": [],
        "volumesFrom": [],
        "systemControls": [],
        **{key: value for key, value in container.items() if value is not None},
    }


class Definitions:
    """Every revision ever registered, by family; revisions are counted from 1 and never reused."""

    def __init__(self, arns: Arns) -> None:
        self._arns = arns
        self.families: dict[str, list[Definition | None]] = {}  # None: deleted

    def register(self, request: Wire, now: float) -> Definition:
        """Add a revision. Raises ClientException for a request that breaks a rule."""
        check_definition(request)
        revisions = self.families.setdefault(request["family"], [])
        revision = len(revisions) + 1
        definition = Definition(request, self._arns.definition(request["family"], revision), revision, now)
        revisions.append(definition)
        return definition

    def resolve(self, reference: str) -> Definition:
        """The revision meant by a family, family:revision or ARN; without a revision the latest ACTIVE one.

        Raises ClientException when there is none.
        """
        family, _, revision = reference.rpartition("task-definition/")[2].partition(":")
        revisions = self.families.get(family, [])
        found: Definition | None = None
        if not revision:
            found = next(
                (item for item in reversed(revisions) if item is not None and item.status == ACTIVE), None
            )
        elif revision.isdecimal() and 0 < int(revision) <= len(revisions):
            found = revisions[int(revision) - 1]
        if found is None:
            raise client_exception("Unable to describe task definition.")
        return found

    def delete(self, definition: Definition) -> None:
        """Forget a revision; its number stays used."""
        self.families[definition.family][definition.revision - 1] = None

    def of_status(self, status: str) -> list[Definition]:
        """Every revision with this status, by family, then revision."""
        return [
            item
            for family in sorted(self.families)
            for item in self.families[family]
            if item is not None and item.status == status
        ]

    def __repr__(self) -> str:
        return (
            f"<Definitions families={len(self.families)} revisions={sum(map(len, self.families.values()))}>"
        )
