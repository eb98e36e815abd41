"""One question and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What came of a check."""

    HOLDS = "ok"
    WARNS = "warning"
    FAILS = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, what was found, and what to do about it.

    Args:
        target: The target's name; empty for what concerns all of them.

        mend: Which setting or command mends it; empty where nothing needs mending.
    """

    target: str
    name: str
    verdict: Verdict
    found: str
    mend: str = ""
