"""FilterLogEvents' filterPattern, as far as it is words.

Plain terms must all appear, `"quoted phrases"` too, of `?terms` one must, and a `-term` must not.
JSON and space-delimited patterns are refused by name: half of them would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from awsecs_async.local.wire import invalid_parameter

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def matcher(pattern: str | None) -> Callable[[str], bool] | None:
    """A test of a message by `pattern`; None when every message passes."""
    text = (pattern or "").strip()
    if not text:
        return None
    if text[0] in "{[" or text.startswith("%"):
        raise invalid_parameter(
            f"The local cloud filters by words and quoted phrases only, not by {text!r}: "
            "filter the events after reading them."
        )
    needed: list[str] = []
    wanted: list[str] = []
    banned: list[str] = []
    for sign, quoted, bare in _TERM.findall(text):
        kind = {"?": wanted, "-": banned}.get(sign, needed)
        kind.append(quoted.replace('\\"', '"') if quoted else bare)

    def matches(message: str) -> bool:
        return (
            all(term in message for term in needed)
            and (not wanted or any(term in message for term in wanted))
            and not any(term in message for term in banned)
        )

    return matches
