"""The account's own quotas, as Service Quotas tells them, in the words of the settings.

An account's quotas may have been raised, and a rate that nobody has to write down is one that nobody writes
down wrong. What Service Quotas does not tell keeps the documented figure; what the settings say goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from awsecs_async.model.settings import Quotas

SERVICES: Final = ("ecs", "fargate")

# The two codes of each bucket: its rate and its burst. Which is which need not be known: no burst is less
# than its rate. Source: general/latest/gr/ecs-service; the Fargate pairs are unverified.
CODES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "run_task": ("L-C3AEE9D2", "L-3B4FAC68"),
        "read": ("L-80627E8A", "L-281CBA4C"),
        "register": ("L-1E6DEB89", "L-CDF9F16B"),
        "fargate_launches": ("L-551A4E9D", "L-6BAD92DD"),
        "fargate_spot_launches": ("L-FAA52651", "L-F6E37E82"),
    }
)

FARGATE_VCPUS: Final = MappingProxyType({"FARGATE": "L-3032A538", "FARGATE_SPOT": "L-36FBB829"})
"""vCPUs that may run at once, by provider."""


def in_force(asked: Quotas, told: Mapping[str, float]) -> Quotas:
    """The quotas that the settings ask for, the others as the account has them (by quota code)."""
    found = {
        name: (min(told[one], told[other]), max(told[one], told[other]))
        for name, (one, other) in CODES.items()
        if getattr(asked, name) is None and told.get(one, 0) > 0 and told.get(other, 0) > 0
    }
    return replace(asked, **found)  # type: ignore[arg-type]  # the names are fields that hold pairs
