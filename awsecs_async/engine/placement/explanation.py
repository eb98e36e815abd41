"""Why no instance of a provider could hold a task, and the nearest that one could.

The fleet is narrowed by one wish after the other: the wish that leaves nothing is the reason, and what was
there before it holds the nearest.
"""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING

from awsecs_async.engine.placement.fleet import ANYTHING, fleet, has_gpus, task_memory_mib
from awsecs_async.engine.placement.machine import listed
from awsecs_async.engine.placement.misfit import Misfit
from awsecs_async.model import units
from awsecs_async.model.accelerators import CHIPS
from awsecs_async.model.instances import CATALOGUE
from awsecs_async.model.machine_type import matches, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from awsecs_async.engine.placement.machine import Machine
    from awsecs_async.engine.placement.need import Need
    from awsecs_async.model.instances import InstanceType
    from awsecs_async.model.machine_type import Patterns
    from awsecs_async.model.placement import Provider


class Explanation:
    """One refusal.

    Args:
        fits_elsewhere: Whether some type that this provider may not launch would hold the task; only then
            is allowing it a way out.
    """

    def __init__(self, need: Need, provider: Provider, *, fits_elsewhere: bool) -> None:
        self._need = need
        self._machine = need.machine
        self._word = provider.word
        self._wanted = provider.requirements or ANYTHING
        self._kind = provider.kind
        self._may_allow = fits_elsewhere and provider.requirements is not None

    def misfit(self) -> Misfit:
        """The first wish that leaves nothing."""
        machine, there = self._machine, fleet(self._wanted, self._kind)
        if not there:
            return self._nothing_known()
        of_type = _of(machine.types, there)
        if not of_type:
            return self._machine_type(_built_for(machine, there) or there)
        of_chip = _of(machine.families, of_type)
        if not of_chip:
            return self._chip(_built_for(machine, of_type) or of_type)
        built_for = _built_for(machine, of_chip)
        if not built_for:
            return self._architecture()
        with_gpus = [each for each in built_for if has_gpus(each, machine.gpus)]
        return self._size(with_gpus) if with_gpus else self._count(built_for)

    def _nothing_known(self) -> Misfit:
        """Of the types allowed here the catalogue has none: only names and limits can be compared."""
        need, machine, allowed = self._need, self._machine, self._wanted.allowed
        if allowed and machine.types and not narrowed(machine.types, allowed):
            return self._machine_type(())
        if allowed and machine.families and not narrowed(machine.families, allowed):
            return self._chip(())
        most_vcpus, most_memory_mib = self._wanted.vcpus[1], self._wanted.memory_mib[1]
        if most_vcpus is not None and need.cpus > most_vcpus:
            return Misfit(
                "cpus",
                f"{need.cpus:g} vCPUs are more than {self._word} may launch; ask for {most_vcpus} or fewer, "
                "or raise vCpuCount in the provider's instanceRequirements",
            )
        if most_memory_mib is not None and need.memory_mib > most_memory_mib:
            return Misfit(
                "memory",
                f"{units.format_memory(need.memory_mib)} is more than {self._word} may launch; ask for less "
                f"than {units.format_memory(most_memory_mib)}, or raise memoryMiB in the provider's "
                "instanceRequirements",
            )
        problem = f"no instance type known here meets {self._word}'s instanceRequirements"
        return Misfit("capacity_providers", problem)

    def _architecture(self) -> Misfit:
        other = "X86_64" if self._machine.architecture == "ARM64" else "ARM64"
        return Misfit(
            "architecture",
            f"{self._word} launches no {self._machine.architecture} instances; set architecture={other!r} if "
            "the image is built for it, or name another capacity provider",
        )

    def _machine_type(self, left: Sequence[InstanceType]) -> Misfit:
        types, asked = self._machine.types, listed(self._machine.types)
        if _of(types, CATALOGUE.values()) and not _of(types, fleet(ANYTHING, self._kind)):
            problem = f"Managed Instances have no {asked}"
        else:
            only = f", only {listed(self._wanted.allowed)}" if self._wanted.allowed else ""
            problem = f"{self._word} may not launch {asked}{only}"
        if not left:
            return Misfit("machine_type", f"{problem}; allow it in the provider's instanceRequirements")
        nearest, mend = _nearest(self._machine, left), self._or_allow("it")
        problem += f"; the nearest it may launch is {nearest!r}: ask for that{mend}"
        return Misfit("machine_type", problem)

    def _chip(self, left: Sequence[InstanceType]) -> Misfit:
        wanted = self._machine.chip.name if self._machine.chip else "GPU"
        families = {each.family for each in left}
        gpus = (chip for chip in CHIPS.values() if chip.resource == "GPU")
        there = tuple(chip.name for chip in gpus if families.intersection(chip.families))
        mend = f"it has {listed(there)}: ask for one of these" if there else "leave accelerator out"
        return Misfit(
            "accelerator",
            f"{self._word} may launch no instance with a {wanted} ({listed(self._machine.families)}); {mend}"
            f"{self._or_allow('it')}",
        )

    def _count(self, left: Sequence[InstanceType]) -> Misfit:
        count = self._machine.gpus
        having = [each for each in left if has_gpus(each, 1 if count >= 1 else 0.125)]
        if not having:
            mend = f"leave accelerator out{self._or_allow('one')}"
            return Misfit("accelerator", f"{self._word} may launch no instance with a GPU; {mend}")
        most = max(having, key=lambda each: (each.gpus, each.name))
        return Misfit(
            "accelerator",
            f"{count:g} of them on one instance are more than {self._word} could give; the most is "
            f"{most.gpus:g}, on {most.name}: ask for {most.gpus:g}{self._or_allow('larger types')}",
        )

    def _size(self, left: Sequence[InstanceType]) -> Misfit:
        need, mend = self._need, self._or_allow("larger types")
        if self._machine.types:
            mend = f", or for another machine_type{mend}"
        cpus, memory = f"{need.cpus:g}", units.format_memory(need.memory_mib)
        widest = max(left, key=lambda each: (each.vcpus, not each.is_bare_metal, each.memory_mib))
        if widest.vcpus < need.cpus:
            return Misfit(
                "cpus",
                f"{cpus} vCPUs are more than {self._word} could give: its largest is {widest.name} with "
                f"{widest.vcpus}; ask for {widest.vcpus} or fewer{mend}",
            )
        deepest = max(left, key=lambda each: (each.memory_mib, not each.is_bare_metal, each.vcpus))
        if task_memory_mib(deepest) < need.memory_mib:
            return Misfit(
                "memory",
                f"{memory} is more than {self._word} could give: its largest is {deepest.name} with "
                f"{units.format_memory(deepest.memory_mib)}, of which the system keeps some; ask for "
                f"{_offer(deepest)!r} or less{mend}",
            )
        roomy = max((each for each in left if each.vcpus >= need.cpus), key=task_memory_mib)
        quick = max((each for each in left if task_memory_mib(each) >= need.memory_mib), key=_vcpus)
        return Misfit(
            "cpus, memory",
            f"{self._word} could launch no instance with both {cpus} vCPUs and {memory}; the nearest are "
            f"{_offer(roomy)!r} with {cpus} vCPUs ({roomy.name}), and {quick.vcpus} with {memory} "
            f"({quick.name}): ask for one of these{mend}",
        )

    def _or_allow(self, what: str) -> str:
        return f", or allow {what} in the provider's instanceRequirements" if self._may_allow else ""


def _of(patterns: Patterns, types: Iterable[InstanceType]) -> list[InstanceType]:
    if not patterns:
        return list(types)
    return [each for each in types if any(matches(pattern, each.name) for pattern in patterns)]


def _built_for(machine: Machine, types: Iterable[InstanceType]) -> list[InstanceType]:
    return [each for each in types if each.architecture == machine.architecture]


def _vcpus(of: InstanceType) -> int:
    return of.vcpus


def _offer(of: InstanceType) -> str:
    """Memory that a task may have there, in a round figure."""
    memory_mib = task_memory_mib(of)
    return f"{memory_mib // 1024} GB" if memory_mib >= 1024 else f"{memory_mib} MB"  # noqa: PLR2004


def _nearest(machine: Machine, left: Sequence[InstanceType]) -> str:
    """The type that resembles the first machine type asked for: in having GPUs, its size, then its name."""
    asked = machine.types[0]
    wanted = next(iter(_of(machine.types, CATALOGUE.values())), None)

    def distance(of: InstanceType) -> tuple[bool, float, bool, float]:
        likeness = difflib.SequenceMatcher(None, asked, of.name).ratio()
        if wanted is None:
            return False, 0.0, False, -likeness
        apart = abs(math.log(of.vcpus / wanted.vcpus)) + abs(math.log(of.memory_mib / wanted.memory_mib))
        lacks_gpus = bool(wanted.gpus) and not of.gpus
        return lacks_gpus, apart, bool(of.gpus) and not machine.gpus, -likeness

    return min(left, key=distance).name
