"""Fingerprint -> task definition ARN: rendered once, found again, registered at most once.

RegisterTaskDefinition refills at one a second, so 10,000 tasks over three images must register three
definitions. Those who need the same one share one flight; before one is registered, ECS is asked for its
family, whose name holds the fingerprint, so a restarted dispatcher finds what it registered before.

A definition that the task names itself is only looked up, once for all that name it, and held to what each of
them needs of it: a network as it was placed, and the container whose command is theirs.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from awsecs_async.errors import Refused
from awsecs_async.kit.once import Once
from awsecs_async.model.container_definition import Mounting
from awsecs_async.model.definition import Definition, render_definition
from awsecs_async.model.named import FORM, NamedDefinition, is_named

if TYPE_CHECKING:
    from collections.abc import Hashable

    from awsecs_async.aws.ports import KnownDefinition
    from awsecs_async.engine.targets import Station
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.network import NetworkMode
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskSpec

REMEMBERED = 10_000  # definitions; a dispatcher with more distinct images asks again for the oldest


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A definition that the task names itself, and the network that it was placed in."""

    named: NamedDefinition
    network_mode: NetworkMode


Needed: TypeAlias = Definition | Existing


class Definitions:
    """The definitions of all targets. Its mutable state is what it has rendered and resolved."""

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion
        self._once: Once[tuple[str, str], Arn] = Once(capacity=REMEMBERED)
        self._known: Once[tuple[str, str], KnownDefinition] = Once(capacity=REMEMBERED)
        self._rendered: OrderedDict[Hashable, Definition] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Definitions {len(self._rendered)} rendered>"

    def needed(self, spec: TaskSpec, placement: Placement, station: Station) -> Needed:
        """The definition that this task needs there: the one that it names, else one that is rendered."""
        if spec.container is not None and is_named(spec.container):
            return Existing(named=NamedDefinition.of(spec.container), network_mode=placement.network_mode)
        return self.render(spec, placement, station)

    def render(self, spec: TaskSpec, placement: Placement, station: Station) -> Definition:
        """The definition that a task needs there; the same fixed parts give the same one."""
        shape = _fixed_parts(spec, placement, self._fusion)
        found = self._rendered.get(shape)
        if found is None:
            found = self._rendered[shape] = render_definition(spec, placement, station.target, self._fusion)
            if len(self._rendered) > REMEMBERED:
                self._rendered.popitem(last=False)
        return found

    def key(self, definition: Needed, station: Station) -> Hashable:
        """What those who need the same one there have in common."""
        return station.account, definition if isinstance(definition, Existing) else definition.fingerprint

    def known(self, definition: Needed, station: Station) -> Arn | None:
        """Its ARN if it is at hand.

        Raises:
            Refused: if it is not what the task needs.
        """
        if not isinstance(definition, Existing):
            return self._once.get((station.account, definition.fingerprint))
        known = self._known.get((station.account, definition.named.name))
        if known is None:
            return None
        _check(definition, known)
        return known.arn

    async def find(self, definition: Needed, station: Station) -> bool:
        """Look whether ECS has it: if so it is known from now on, else it is to be registered.

        Raises:
            Refused: if the task names it itself, and it is not there, or not what the task needs.
        """
        if isinstance(definition, Existing):
            name = definition.named.name
            _check(definition, await self._known((station.account, name), lambda: _find(name, station)))
            return True
        key = (station.account, definition.fingerprint)
        if self._once.get(key) is None and (arn := await _find_own(definition, station)) is not None:
            self._once.put(key, arn)
        return self._once.get(key) is not None

    async def register(self, definition: Definition, station: Station) -> Arn:
        """Its ARN, once it is registered, which those who need it do together.

        Raises:
            RequestRefused: if ECS will never accept it.
        """
        key = (station.account, definition.fingerprint)
        return await self._once(key, lambda: _register(definition, station))

    def forget(self, definition: Needed, station: Station, arn: Arn) -> None:
        """This revision was found INACTIVE: the next who needs one finds or registers it anew.

        Many launches may find that out of the same revision; what replaces it is not forgotten with it.
        """
        if isinstance(definition, Existing):
            name = (station.account, definition.named.name)
            if (known := self._known.get(name)) is not None and known.arn == arn:
                self._known.forget(name)
            return
        key = (station.account, definition.fingerprint)
        if self._once.get(key) == arn:
            self._once.forget(key)


async def _find_own(definition: Definition, station: Station) -> Arn | None:
    found = await station.call(
        lambda: station.ecs.find_definition(definition.family),
        [(station.buckets.definition_read, 1)],
        activity="finding",
    )
    return found.arn if found is not None else None


async def _register(definition: Definition, station: Station) -> Arn:
    return await station.call(
        lambda: station.ecs.register(definition), [(station.buckets.register, 1)], activity="registering"
    )


async def _find(name: str, station: Station) -> KnownDefinition:
    found = await station.call(
        lambda: station.ecs.find_definition(name),
        [(station.buckets.definition_read, 1)],
        activity="finding",
    )
    if found is None:
        raise Refused(
            f"container: there is no ACTIVE task definition {name} on target {station.target.name}; register "
            f"it there, or name one that is there: {FORM}"
        )
    return found


def _check(definition: Existing, known: KnownDefinition) -> None:
    """Hold what is there to what the task needs of it. Raises Refused."""
    named, mode = definition.named, definition.network_mode
    if named.container not in known.containers:
        raise Refused(
            f"container: the task definition {named.name} has no container {named.container}; name the one "
            f"that runs the command: #{', #'.join(known.containers)}"
        )
    # Of host and bridge RunTask says nothing; a network configuration is for awsvpc, which needs one.
    if known.network_mode is not None and (known.network_mode == "awsvpc") != (mode == "awsvpc"):
        raise Refused(
            f"network: the task definition {named.name} is for {known.network_mode}, and the task was placed "
            f"in {mode}; say network={known.network_mode!r} (--network {known.network_mode})"
        )


def _fixed_parts(spec: TaskSpec, placement: Placement, fusion: Fusion) -> Hashable:
    """All of a spec that RunTask cannot override, and the place: what a definition is made of."""
    disk = placement.ebs.mount_path if placement.ebs is not None else None
    kind, mounting = placement.provider.kind, Mounting.of(spec, fusion)
    place = (
        placement.target, kind, placement.network_mode, placement.architecture, spec.architecture is None,
        disk, mounting, spec.result_from,
    )  # fmt: skip
    return place, _fixed(spec) if not spec.containers else tuple(
        (c.name, c.essential, c.depends_on, c.health_check, _fixed(c)) for c in spec.containers
    )


def _fixed(c: TaskSpec | ContainerSpec) -> Hashable:
    return (
        c.container, c.entry_point, c.working_directory, c.user, c.stop_timeout, c.container_options,
        c.volumes, c.secrets,
    )  # fmt: skip
