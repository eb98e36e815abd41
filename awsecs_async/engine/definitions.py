"""Fingerprint -> task definition ARN: rendered once, found again, registered at most once.

RegisterTaskDefinition refills at one a second, so 10,000 tasks over three images must register three
definitions. Those who need the same one share one flight; before it registers, it asks ECS for its own
family, whose name holds the fingerprint, so a restarted dispatcher finds what it registered before.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from awsecs_async.kit.once import Once
from awsecs_async.model.container_definition import Mounting
from awsecs_async.model.definition import Definition, render_definition

if TYPE_CHECKING:
    from collections.abc import Hashable

    from awsecs_async.engine.targets import Station
    from awsecs_async.model.container import ContainerSpec
    from awsecs_async.model.fusion import Fusion
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.sighting import Arn
    from awsecs_async.model.task import TaskSpec

REMEMBERED = 10_000  # definitions; a dispatcher with more distinct images asks again for the oldest


class Definitions:
    """The definitions of all targets. Its mutable state is what it has rendered and resolved."""

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion
        self._once: Once[tuple[str, str], Arn] = Once(capacity=REMEMBERED)
        self._rendered: OrderedDict[Hashable, Definition] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Definitions {len(self._rendered)} rendered>"

    def render(self, spec: TaskSpec, placement: Placement, station: Station) -> Definition:
        """The definition that this task needs there; the same fixed parts give the same one."""
        shape = _fixed_parts(spec, placement, self._fusion)
        found = self._rendered.get(shape)
        if found is None:
            found = self._rendered[shape] = render_definition(spec, placement, station.target, self._fusion)
            if len(self._rendered) > REMEMBERED:
                self._rendered.popitem(last=False)
        return found

    async def resolve(self, definition: Definition, station: Station) -> Arn:
        """Its ARN, found or registered.

        Raises:
            RequestRefused: if ECS will never accept it.
        """
        key = (station.account, definition.fingerprint)
        return await self._once(key, lambda: _find_or_register(definition, station))

    def forget(self, definition: Definition, station: Station, arn: Arn) -> None:
        """This revision was found INACTIVE: the next who needs one finds or registers it anew.

        Many launches may find that out of the same revision; what replaces it is not forgotten with it.
        """
        key = (station.account, definition.fingerprint)
        if self._once.get(key) == arn:
            self._once.forget(key)


async def _find_or_register(definition: Definition, station: Station) -> Arn:
    buckets = station.buckets
    found = await station.call(
        lambda: station.ecs.find_definition(definition.family),
        [(buckets.definition_read, 1)],
        activity="registering",
    )
    if found is not None:
        return found.arn
    return await station.call(
        lambda: station.ecs.register(definition), [(buckets.register, 1)], activity="registering"
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
