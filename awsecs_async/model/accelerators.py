"""Which instance families have the accelerator that somebody names.

People write ``nvidia-tesla-t4`` (as in Nextflow and on Google), ``NVIDIA A10G`` or plain ``t4``; AWS sells
instance types. This table joins the two. Maker, "tesla", case and blanks do not matter. Nothing here asks
whether such an instance can be had: see ``engine/placement``.

ECS reserves NVIDIA GPUs by number (a resource requirement of type GPU), and on Managed Instances parts of
one, which G6f has. Inferentia and Trainium are Neuron devices, of which ECS gives a container the whole
instance's or none. For Gaudi and the Radeon Pro ECS has no resource: those who want one name the machine
type and the devices. Sources: API_ResourceRequirement; the pages of EC2's accelerated instance types.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from awsecs_async.errors import InvalidTask

PARTS: Final = (0.125, 0.25, 0.5)  # of a GPU; task_definition_parameters-managed-instances

Resource = Literal["GPU", "NeuronDevice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One sort of accelerator.

    Args:
        name: What we call it, such as ``"t4"``.

        families: The instance families that have whole ones.

        parts: The families that have a part of one.

        resource: How ECS is asked for it; None where ECS has no such resource.
    """

    name: str
    families: tuple[str, ...]
    parts: tuple[str, ...] = ()
    resource: Resource | None = "GPU"


def _table(*chips: Chip) -> Mapping[str, Chip]:
    return MappingProxyType({chip.name: chip for chip in chips})


CHIPS: Final = _table(
    Chip(name="t4", families=("g4dn",)),
    Chip(name="t4g", families=("g5g",)),
    Chip(name="a10g", families=("g5",)),
    Chip(name="l4", families=("g6", "gr6"), parts=("g6f", "gr6f")),
    Chip(name="l40s", families=("g6e",)),
    Chip(name="rtx-pro-4500", families=("g7",)),
    Chip(name="rtx-pro-6000", families=("g7e",)),
    Chip(name="v100", families=("p3", "p3dn")),
    Chip(name="v100-32gb", families=("p3dn",)),
    Chip(name="a100", families=("p4d", "p4de")),
    Chip(name="a100-80gb", families=("p4de",)),
    Chip(name="h100", families=("p5",)),
    Chip(name="h200", families=("p5e", "p5en")),
    Chip(name="b200", families=("p6-b200",)),
    Chip(name="b300", families=("p6-b300",)),
    Chip(name="inferentia", families=("inf1",), resource="NeuronDevice"),
    Chip(name="inferentia2", families=("inf2",), resource="NeuronDevice"),
    Chip(name="trainium", families=("trn1", "trn1n"), resource="NeuronDevice"),
    Chip(name="trainium2", families=("trn2", "trn2u"), resource="NeuronDevice"),
    Chip(name="gaudi", families=("dl1",), resource=None),
    Chip(name="radeon-pro-v520", families=("g4ad",), resource=None),
)

_OTHER_NAMES: Final = MappingProxyType(
    {
        "v100-16gb": "v100",
        "a100-40gb": "a100",
        "h100-80gb": "h100",
        "h100-mega-80gb": "h100",
        "h200-141gb": "h200",
        "rtx-pro-server-6000": "rtx-pro-6000",
        "rtx-pro-server-4500": "rtx-pro-4500",
        "inferentia1": "inferentia",
        "inf1": "inferentia",
        "inf2": "inferentia2",
        "trainium1": "trainium",
        "trn1": "trainium",
        "trn2": "trainium2",
        "gaudi-hl-205": "gaudi",
        "v520": "radeon-pro-v520",
    }
)
_BEFORE: Final = re.compile(r"(nvidia|aws|amd|intel|habana|tesla|amazon)-")
_AFTER: Final = re.compile(
    r"-(tensor-core|gpus?|pcie|sxm\d?|blackwell|ada|server-edition|neuron|accelerator)$"
)


def chip(name: str) -> Chip:
    """The accelerator that is meant by ``nvidia-tesla-t4``, ``NVIDIA A10G``, ``l4`` and the like.

    Raises:
        InvalidTask: if none is, naming the nearest that there is.
    """
    plain = _plain(name)
    found = CHIPS.get(_OTHER_NAMES.get(plain, plain))
    if found is None:
        nearest = difflib.get_close_matches(plain, CHIPS, 1, cutoff=0.5)
        there = f"the nearest is {nearest[0]!r}" if nearest else f"there are {', '.join(CHIPS)}"
        raise InvalidTask("accelerator", f"no EC2 instance type is known to have a {name!r}; {there}")
    return found


def families(count: float, wanted: Chip | None) -> tuple[str, ...]:
    """The families that have so many, or such a part, of the accelerator; none named means any GPU: ().

    Raises:
        InvalidTask: if it is a part of one that ECS does not give out, or that this accelerator has not.
    """
    if count == int(count):
        return wanted.families if wanted else ()
    if count not in PARTS:
        raise InvalidTask(
            "accelerator", f"{count:g} of them; ECS gives whole ones, or 0.125, 0.25 or 0.5 of an L4 (G6f)"
        )
    if wanted is None:
        return CHIPS["l4"].parts
    if not wanted.parts:
        raise InvalidTask(
            "accelerator",
            f"{count:g} of a {wanted.name}; only the L4 is given out in parts: ask for 'l4', or 1",
        )
    return wanted.parts


def _plain(name: str) -> str:
    """``NVIDIA Tesla T4`` as ``t4``."""
    text = re.sub(r"[\s_]+", "-", name.strip().lower())
    while before := _BEFORE.match(text):
        text = text[before.end() :]
    while after := _AFTER.search(text):
        text = text[: after.start()]
    return text
