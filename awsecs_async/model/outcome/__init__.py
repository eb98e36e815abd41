"""How a task ended, in our words: the values, and the one table that they come from.

``settle`` reads what ECS says of a stopped task by the RULES, the first that matches. Whether a task goes
round again is part of a verdict, and each round has an account of its own: SPOT (``maxSpotAttempts``), HOST
(``maxHostAttempts``), CAPACITY (it never had a machine; counts as no attempt) and START (``startTimeout``:
the next provider). Every other failure is the caller's to handle.
"""

from awsecs_async.model.outcome.constructors import cancelled, forgotten, queue_timed_out, refused
from awsecs_async.model.outcome.rules import RULES
from awsecs_async.model.outcome.settling import settle
from awsecs_async.model.outcome.values import Cause, Outcome, Round, Verdict, Wish

__all__ = [
    "RULES",
    "Cause",
    "Outcome",
    "Round",
    "Verdict",
    "Wish",
    "cancelled",
    "forgotten",
    "queue_timed_out",
    "refused",
    "settle",
]
