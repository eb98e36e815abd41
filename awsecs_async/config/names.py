"""A setting's name in its three spellings, and the refusal of names that nobody knows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from awsecs_async.errors import SettingsError


def snake(name: str) -> str:
    """``executionRole`` as ``execution_role``; what is snake_case already stays."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    """``execution_role`` as ``executionRole``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def refuse_unknown(found: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a name, in either spelling, that is none of the known ones (snake_case).

    Raises:
        SettingsError: naming the nearest that there is.
    """
    names = {name: camel(name) for name in known}
    for name in found:
        if snake(name) in names:
            continue
        near = difflib.get_close_matches(snake(name), names, 1)
        there = ", ".join(sorted(names.values()))
        mend = f"did you mean {names[near[0]]}?" if near else f"there are {there}"
        raise SettingsError(f"{where}: {name} is no setting; {mend}")
