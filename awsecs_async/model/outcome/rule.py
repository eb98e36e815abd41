"""One row of the table of endings, and the words in which its conditions are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.facts import Facts
from awsecs_async.model.outcome.values import Cause, Round

Condition = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If ``matches``, then this cause and state."""

    cause: Cause
    state: State
    matches: Condition
    hint: str = ""
    round: Round | None = None


def any_of(*patterns: str) -> re.Pattern[str]:
    """One expression for all of them, in any case."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def tells(*patterns: str) -> Condition:
    """ECS says one of these of the task or of any of its containers."""
    found = any_of(*patterns)
    return lambda facts: found.search(facts.told) is not None


def says(*patterns: str) -> Condition:
    """ECS says one of these of the task itself."""
    found = any_of(*patterns)
    return lambda facts: found.search(facts.said) is not None


def says_of_it(*patterns: str) -> Condition:
    """ECS says one of these of the container whose exit code counts."""
    found = any_of(*patterns)
    return lambda facts: found.search(facts.own) is not None


def both(*conditions: Condition) -> Condition:
    """All of the conditions."""
    return lambda facts: all(condition(facts) for condition in conditions)


def either(*conditions: Condition) -> Condition:
    """At least one of the conditions."""
    return lambda facts: any(condition(facts) for condition in conditions)


def never_started(*conditions: Condition) -> Condition:
    """All of the conditions, for a command that was not seen to start."""
    return both(lambda facts: not facts.started, *conditions)


def kept_from_running(cause: Cause, matches: Condition, hint: str) -> Rule:
    """The rule for a task that failed while it was set up: FAILED, and it does not go round."""
    in_set_up = both(lambda facts: facts.failed_to_start, matches)
    return Rule(cause=cause, state=State.FAILED, matches=in_set_up, hint=hint)
