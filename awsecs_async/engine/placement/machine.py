"""The kind of machine that a task asks for: an architecture, GPUs, instance types.

What contradicts itself is refused here, before any provider is looked at: a machine type without the
accelerator that is asked for, or of another architecture. Only what is known is held against a task: a
machine type that the catalogue has not may be new.

Thousands of tasks ask for the same few machines, so each is looked up once.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from awsecs_async.errors import InvalidTask, Refused
from awsecs_async.model import accelerators, machine_type
from awsecs_async.model.instances import CATALOGUE
from awsecs_async.model.resources import ALL

if TYPE_CHECKING:
    from awsecs_async.model.accelerators import Chip
    from awsecs_async.model.instances import Architecture
    from awsecs_async.model.machine_type import Patterns
    from awsecs_async.model.resources import Accelerator

_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One kind of machine.

    Args:
        gpus: How many accelerators; 0 for none, ``ALL`` for an instance's all.

        chip: Which; None for any GPU.

        families: The instance families that have it, as patterns; empty restricts nothing.

        types: The machine types asked for, as patterns; empty restricts nothing.

        constraint: Both as an expression of ECS's.
    """

    architecture: Architecture
    gpus: float = 0
    chip: Chip | None = None
    families: Patterns = ()
    types: Patterns = ()
    constraint: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[Patterns, Patterns]:
        """What an instance's type must be one of, each."""
        return self.types, self.families

    @property
    def word(self) -> str:
        """What to call it; see ``Placement.machine``."""
        chip = self.chip.name if self.chip else "gpu" if self.gpus else ""
        return " ".join(filter(None, (chip, ",".join(self.types))))

    @property
    def gpu_text(self) -> str:
        """The count as RunTask has it; empty for none."""
        return "ALL" if self.gpus == ALL else f"{self.gpus:g}" if self.gpus else ""


@lru_cache(_REMEMBERED)
def machine(
    architecture: Architecture, accelerator: Accelerator | None, asked_types: tuple[str, ...]
) -> Machine:
    """The machine that is asked for in these words.

    Raises:
        InvalidTask: if the accelerator or the types cannot be read.

        Refused: if they contradict each other, or the architecture.
    """
    chip = _chip(accelerator)
    families = _families(accelerator, chip)
    types = machine_type.parse(asked_types) if asked_types else ()
    if accelerator is not None:
        _check_together(types, families, chip)
    _check_architecture(types, listed(types), architecture)
    if chip is not None:
        _check_architecture(families, f"accelerator {chip.name} ({listed(families)})", architecture)
    return Machine(
        architecture=architecture,
        gpus=accelerator.count if accelerator else 0,
        chip=chip,
        families=families,
        types=types,
        constraint=_constraint(types, families),
        remarks=tuple(_unheard_of(pattern) for pattern in types if not known(pattern)),
    )


@lru_cache(_REMEMBERED)
def known(pattern: str) -> bool:
    """Whether the catalogue has a type of that pattern."""
    if machine_type.is_exact(pattern):
        return pattern in CATALOGUE
    return any(machine_type.matches(pattern, name) for name in CATALOGUE)


def _chip(wanted: Accelerator | None) -> Chip | None:
    if wanted is None:
        return None
    if wanted.type is None:
        return accelerators.CHIPS["l4"] if 0 < wanted.count < 1 else None  # only the L4 comes in parts
    return accelerators.chip(wanted.type)


def _families(wanted: Accelerator | None, chip: Chip | None) -> Patterns:
    if wanted is None:
        return ()
    if chip is not None and chip.resource != "GPU":
        raise InvalidTask(
            "accelerator",
            f"{chip.name} is no GPU, and GPUs are all that ECS is asked for here. Ask for machine_type="
            f"{chip.families[0]!r} instead, and for its devices with container_options='--device ...'",
        )
    count = 1.0 if wanted.count == ALL else wanted.count
    return tuple(f"{family}.*" for family in accelerators.families(count, chip))


def _constraint(types: Patterns, families: Patterns) -> str:
    if not (types and families):
        return machine_type.constraint(types or families)
    both = machine_type.narrowed(types, families)
    inside = all(
        any(machine_type.within(each, other) for other in side) for each in both for side in (types, families)
    )
    return machine_type.constraint(both) if inside else machine_type.constraint(types, families)


def _check_together(types: Patterns, families: Patterns, chip: Chip | None) -> None:
    if types and families and not machine_type.narrowed(types, families):
        name = f"a {chip.name}" if chip else "it"
        raise Refused(
            f"accelerator, machine_type: {name} is in {listed(families)}, and machine_type is "
            f"{listed(types)}, so no instance is both; leave one of them out"
        )
    found = [CATALOGUE[name] for name in CATALOGUE if _is_one_of(types, name)]
    if found and all(known(each) for each in types) and not any(each.gpus for each in found):
        raise Refused(
            f"accelerator, machine_type: {listed(types)} has no GPU; leave one of them out, or ask for a "
            "type that has one, such as 'g4dn.xlarge' or 'g6.2xlarge'"
        )


def _check_architecture(patterns: Patterns, word: str, architecture: Architecture) -> None:
    built_for = {each.architecture for each in CATALOGUE.values() if _is_one_of(patterns, each.name)}
    if built_for and architecture not in built_for and all(known(each) for each in patterns):
        other = built_for.pop()
        raise Refused(
            f"architecture: {word} is {other}, and this task is for {architecture}; set "
            f"architecture={other!r} if its image is built for it, or ask for another machine"
        )


def _is_one_of(patterns: Patterns, name: str) -> bool:
    return any(machine_type.matches(pattern, name) for pattern in patterns)


def listed(patterns: Patterns) -> str:
    """Patterns as people write them, four at most: ``c6i, m5.large``."""
    shown = ", ".join(pattern.removesuffix(".*") for pattern in patterns[:4])
    return f"{shown} and {len(patterns) - 4} more" if len(patterns) > 4 else shown  # noqa: PLR2004


def _unheard_of(pattern: str) -> str:
    family = pattern.partition(".")[0]
    sizes = [each.name.partition(".")[2] for each in CATALOGUE.values() if each.family == family]
    near = difflib.get_close_matches(pattern, CATALOGUE, 1)
    hint = f"; {family} has {', '.join(sizes)}" if sizes else f"; the nearest is {near[0]!r}" if near else ""
    return f"machine_type {pattern!r} is asked for, but is no type known here{hint}"
