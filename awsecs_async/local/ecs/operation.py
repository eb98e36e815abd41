"""What an operation is: a function of the request and the moment."""

from __future__ import annotations

from collections.abc import Callable

from awsecs_async.local.wire import Wire

Operation = Callable[[Wire, float], Wire]  # parameters, now in epoch seconds -> answer; raises WireError
