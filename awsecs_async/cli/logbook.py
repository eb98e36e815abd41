"""The package's log, for those who ask for it: the only place where logging is configured.

It goes to standard error line by line, past the status line, readable or as JSON. Nothing but this
package's own logger is touched.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["text", "json"]
LEVELS = ("debug", "info", "warning", "error", "critical")


class _Lines(logging.Handler):
    """Hands every formatted record on."""

    def __init__(self, line: Callable[[str], None]) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one on."""
        self._line(self.format(record))


def listen(line: Callable[[str], None], *, level: str, form: Format, colors: bool) -> None:
    """Give every event of this level and above to ``line``."""
    import structlog

    from awsecs_async.kit.speech import NAME

    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0)
    )
    handler = _Lines(line)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso")],
        )
    )
    logger = logging.getLogger(NAME)
    logger.addHandler(handler)
    logger.setLevel(level.upper())
