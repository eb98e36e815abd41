"""The package's own voice: structlog events through the standard logger ``awsecs_async``.

A library is quiet until its host wants to hear it: nothing is configured globally, and without a handler
nothing is written. Hosts listen with ``logging.getLogger("awsecs_async")`` as they do with any library;
the command line attaches a handler that renders for a terminal, or JSON.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import structlog

NAME: Final = "awsecs_async"

logging.getLogger(NAME).addHandler(logging.NullHandler())


def get_logger(**bound: Any) -> structlog.stdlib.BoundLogger:  # noqa: ANN401 (structlog binds anything)
    """A logger with these values bound to every event."""
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(NAME),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        **bound,
    )
    return logger


def is_heard(level: int) -> bool:
    """Whether an event of this level would be written at all; asked before costly events are made."""
    return logging.getLogger(NAME).isEnabledFor(level)
