"""From what ECS says of a stopped task to its ending in our words, and who retries: one table.

ECS tells an ending by four things: the task's ``stopCode`` and ``stoppedReason``, and the result
container's ``exitCode`` and ``reason``. ``settle`` reads them in the order of the RULES below; the
first that matches decides. What no rule knows is kept whole and called by its plain facts: an exit
code is an exit, and no exit code is reported as missing. Nothing is guessed.

Sources: AWS, Stopped tasks error codes; API_Task (stopCode); the ECS agent's error names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.values import Cause, Outcome, Round, Verdict, Wish

if TYPE_CHECKING:
    from awsecs_async.model.sighting import Sighting

SIGKILLED: Final = 137  # 128 + 9, as shells and Docker count


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the rules look at.

    Args:
        reasons: ECS's for the task and for all its containers.

        own_reasons: Those for the task and for the container whose exit code counts.
    """

    stop_code: str
    reasons: str
    own_reasons: str
    exit_code: int | None
    started: bool
    wish: Wish | None
    on_spot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If ``matches``, then this cause and state."""

    cause: Cause
    state: State
    matches: Callable[[Ending], bool]
    hint: str = ""
    round: Round | None = None


def settle(
    sighting: Sighting, *, result_from: str, wish: Wish | None = None, on_spot: bool = False
) -> Verdict:
    """What a STOPPED sighting means for the task whose exit code is ``result_from``'s."""
    ending = _ending(sighting, result_from, wish, on_spot=on_spot)
    rule = next(rule for rule in RULES if rule.matches(ending))
    never_started = rule.cause is Cause.DEPENDENCY
    state = rule.state
    if (
        wish in {Wish.CANCEL, Wish.TIMEOUT} and rule.round is not None
    ):  # it was to be stopped anyway, and shall not go round
        state = State.CANCELLED if wish is Wish.CANCEL else State.TIMED_OUT
    outcome = Outcome(
        state=state,
        cause=rule.cause,
        # 143 is what the agent makes up for a container that never started: not an exit code.
        exit_code=None if never_started else ending.exit_code,
        reason=ending.reasons,
        hint=rule.hint,
        started=ending.started and not never_started,
    )
    return Verdict(outcome=outcome, round=rule.round)


def _ending(sighting: Sighting, result_from: str, wish: Wish | None, *, on_spot: bool) -> Ending:
    result = sighting.container(result_from)
    exit_code = result.exit_code if result else None
    task_reason = sighting.stopped_reason or ""
    others = [f"{c.name}: {c.reason}" for c in sighting.containers if c.reason]
    return Ending(
        stop_code=sighting.stop_code or "",
        reasons="; ".join(filter(None, (task_reason, *others))),
        own_reasons="; ".join(filter(None, (task_reason, result.reason if result else None))),
        exit_code=exit_code,
        started=(sighting.started_at is not None or exit_code is not None)
        and sighting.stop_code != "TaskFailedToStart",
        wish=wish,
        on_spot=on_spot,
    )


def _says(*patterns: str) -> Callable[[Ending], bool]:
    found = re.compile("|".join(patterns), re.IGNORECASE)
    return lambda e: found.search(e.reasons) is not None


def _says_of_it(*patterns: str) -> Callable[[Ending], bool]:
    found = re.compile("|".join(patterns), re.IGNORECASE)
    return lambda e: found.search(e.own_reasons) is not None


def _both(*conditions: Callable[[Ending], bool]) -> Callable[[Ending], bool]:
    return lambda e: all(condition(e) for condition in conditions)


def _never_ran(e: Ending) -> bool:
    return e.exit_code is None and not e.started


def _host_lost(e: Ending) -> bool:
    return (
        e.stop_code == "TerminationNotice"
        or re.search(r"host ec2 .*(terminated|stopped)", e.reasons, re.IGNORECASE) is not None
    )


def _stopped_by_us(wish: Wish) -> Callable[[Ending], bool]:
    # A task that exited by itself before our stop arrived tells its own exit code.
    return lambda e: e.wish is wish and e.stop_code in {"UserInitiated", ""}


RULES: Final[tuple[Rule, ...]] = (
    Rule(cause=Cause.CANCELLED, state=State.CANCELLED, matches=_stopped_by_us(Wish.CANCEL)),
    Rule(
        cause=Cause.TIMEOUT,
        state=State.TIMED_OUT,
        matches=_stopped_by_us(Wish.TIMEOUT),
        hint="It ran longer than its timeout and was stopped; give it more with 'timeout'.",
    ),
    Rule(
        cause=Cause.START_TIMEOUT,
        state=State.TIMED_OUT,
        matches=_stopped_by_us(Wish.START),
        hint="It was not RUNNING within startTimeout; the reason has what it waited for.",
        round=Round.START,
    ),
    # It is done, whatever became of its host or of its other containers afterwards.
    Rule(
        cause=Cause.EXIT,
        state=State.SUCCEEDED,
        matches=lambda e: e.exit_code == 0 and e.stop_code != "UserInitiated",
    ),
    Rule(
        cause=Cause.DEPENDENCY,
        state=State.FAILED,
        matches=_says_of_it(r"dependency graph"),
        hint="A container that it depends on did not reach the condition it waits for.",
    ),
    Rule(
        cause=Cause.SPOT,
        state=State.LOST,
        matches=lambda e: (
            e.stop_code == "SpotInterruption"
            or "spot task was interrupted" in e.reasons.lower()
            or (e.on_spot and _host_lost(e))
        ),
        hint="Spot capacity was taken back more often than maxSpotAttempts allows.",
        round=Round.SPOT,
    ),
    Rule(
        cause=Cause.LIFETIME,
        state=State.LOST,
        matches=_says(r"deregistration forced"),
        hint="Its instance reached the end of its life: Managed Instances replaces every instance after "
        "14 days, with 7 more to drain. Make the task shorter, or save and resume.",
    ),
    Rule(
        cause=Cause.HOST_LOST,
        state=State.LOST,
        matches=_host_lost,
        hint="The instance under it went away; maxHostAttempts says how often it then runs again.",
        round=Round.HOST,
    ),
    Rule(
        cause=Cause.CAPACITY,
        state=State.FAILED,
        matches=_both(
            _never_ran,
            _says(
                r"unable to launch instance",
                r"insufficientinstancecapacity",
                r"capacity is unavailable",
                r"RESOURCE:",
                r"no active instances",
                r"empty capacity provider",
            ),
        ),
        hint="ECS found no machine for it.",
        round=Round.CAPACITY,
    ),
    Rule(
        cause=Cause.IMAGE,
        state=State.FAILED,
        matches=_both(_never_ran, _says(r"cannotpull", r"pull access denied", r"pull image")),
        hint="The image could not be pulled: check its name and tag, and that the execution role and the "
        "network reach its registry.",
    ),
    Rule(
        cause=Cause.OUT_OF_MEMORY,
        state=State.FAILED,
        matches=_says_of_it(r"outofmemory", r"killed due to memory usage"),
        hint="It used more memory than it asked for; ask for more with 'memory'.",
    ),
    Rule(
        cause=Cause.OUT_OF_MEMORY,
        state=State.FAILED,
        # ECS stopped nothing and 'kill -9' came from somewhere: most often the memory limit.
        matches=lambda e: e.exit_code == SIGKILLED and e.stop_code == "EssentialContainerExited",
        hint="Killed by SIGKILL (137) though nobody stopped it: probably out of memory; ask for more with "
        "'memory'.",
    ),
    Rule(
        cause=Cause.SETUP,
        state=State.FAILED,
        matches=_never_ran,
        hint="It never started; ECS's reason says what failed while it was set up.",
    ),
    Rule(
        cause=Cause.STOPPED,
        state=State.CANCELLED,
        matches=lambda e: e.stop_code == "UserInitiated",
        hint="Somebody else stopped it on ECS.",
    ),
    Rule(cause=Cause.EXIT, state=State.FAILED, matches=lambda e: e.exit_code is not None),
    Rule(
        cause=Cause.NO_EXIT_CODE,
        state=State.LOST,
        matches=lambda _: True,
        hint="It started, but ECS reports no exit code: the host or the agent was lost with it.",
    ),
)
