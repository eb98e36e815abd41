"""From one STOPPED sighting to a verdict, by the RULES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.facts import facts_of
from awsecs_async.model.outcome.rules import RULES
from awsecs_async.model.outcome.values import Outcome, Verdict, Wish

if TYPE_CHECKING:
    from awsecs_async.model.sighting import Sighting

_WANTED = {Wish.CANCEL: State.CANCELLED, Wish.TIMEOUT: State.TIMED_OUT}


def settle(
    sighting: Sighting, *, result_from: str, wish: Wish | None = None, on_spot: bool = False
) -> Verdict:
    """What a STOPPED sighting means for the task whose exit code is ``result_from``'s.

    Args:
        sighting: ECS's last words on the attempt.

        result_from: Name of the container that decides.

        wish: Why we asked ECS to stop it, if we did.

        on_spot: Whether the attempt's capacity provider is spot: a host lost there was taken back.
    """
    facts = facts_of(sighting, result_from, wish, on_spot=on_spot)
    rule = next(rule for rule in RULES if rule.matches(facts))
    state, goes_round = rule.state, rule.round
    if goes_round is not None and wish in _WANTED:  # it was to be stopped for good, and only went sooner
        state, goes_round = _WANTED[wish], None
    outcome = Outcome(
        state=state,
        cause=rule.cause,
        exit_code=facts.exit_code,
        reason=facts.reasons,
        hint=rule.hint,
        started=facts.started,
    )
    return Verdict(outcome=outcome, round=goes_round)
