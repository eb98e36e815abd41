"""From what ECS says of a stopped task to its ending in our words, and who retries: one table.

ECS tells an ending by four things: the task's ``stopCode`` and ``stoppedReason``, and the result
container's ``exitCode`` and ``reason``. The RULES are read from top to bottom; the first that matches
decides. What no rule knows is kept whole and called by its plain facts: an exit code is an exit, and no
exit code is reported as missing. Nothing is guessed.

The named container decides. Where it exited with 0 and another essential one failed, the task has
SUCCEEDED: that is what ``result_from`` is for, and the reason still tells of the other.

Sources: AWS, Stopped tasks error codes; API_Task (stopCode); Managed Instances, patching.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.facts import EXITED, SIGKILLED, SIGTERMED, Facts
from awsecs_async.model.outcome.rule import Condition, Rule, both, either, says, tells
from awsecs_async.model.outcome.setup import SETUP
from awsecs_async.model.outcome.values import Cause, Round, Wish

COMMAND_NOT_RUN: Final = frozenset({126, 127})  # POSIX: what a shell says of a command it cannot run
FUSION_CODES: Final = frozenset({174, 175, 176, 177})  # 174 input/output, the others snapshots


def _stopped_by_us(wish: Wish) -> Condition:
    # A task that exited by itself before our stop arrived tells its own exit code.
    return lambda facts: facts.wish is wish and (facts.stopped_by_hand or not facts.stop_code)


def _exited(codes: frozenset[int]) -> Condition:
    return lambda facts: facts.exit_code in codes


_lost_its_host: Final = either(
    lambda facts: facts.stop_code in {"TerminationNotice", "InfrastructureHealth"},
    says(r"host ec2 .*(terminated|stopped)"),
)
_interrupted: Final = either(
    lambda facts: facts.stop_code == "SpotInterruption",
    says(r"spot task was interrupted", r"SpotInterruption"),
    both(_lost_its_host, lambda facts: facts.on_spot),
)


def _killed_alone(facts: Facts) -> bool:
    # ECS stopped nothing, no other container failed, and SIGKILL came from somewhere: the memory limit.
    return facts.exit_code == SIGKILLED and facts.stop_code == EXITED and not facts.other_failed


_LATE: Final = "It was not RUNNING within startTimeout, and was stopped. "

OUR_STOPS: Final[tuple[Rule, ...]] = (
    Rule(cause=Cause.CANCELLED, state=State.CANCELLED, matches=_stopped_by_us(Wish.CANCEL)),
    Rule(
        cause=Cause.TIMEOUT,
        state=State.TIMED_OUT,
        matches=_stopped_by_us(Wish.TIMEOUT),
        hint="It ran longer than its timeout and was stopped; give it more with 'timeout'.",
    ),
    # Our stop and its start crossed. What has begun is not begun again for being late.
    Rule(
        cause=Cause.START_TIMEOUT,
        state=State.TIMED_OUT,
        matches=both(_stopped_by_us(Wish.START), lambda facts: facts.started),
        hint=_LATE + "It had just started, so it is not run again; give it more with 'startTimeout'.",
    ),
    Rule(
        cause=Cause.START_TIMEOUT,
        state=State.TIMED_OUT,
        matches=both(_stopped_by_us(Wish.START), lambda facts: facts.has_machine),
        hint=_LATE + "It had a machine and waited for its image, its volumes or its network: check that the "
        "subnets reach the registry, use a smaller image, or raise 'startTimeout'.",
        round=Round.START,
    ),
    Rule(
        cause=Cause.START_TIMEOUT,
        state=State.TIMED_OUT,
        matches=_stopped_by_us(Wish.START),
        hint=_LATE
        + "No machine was seen: it waited for capacity (on Fargate perhaps for its image). Check the "
        "capacity provider, name further ones in 'capacityProviders', or raise 'startTimeout'.",
        round=Round.START,
    ),
)

FROM_OUTSIDE: Final[tuple[Rule, ...]] = (
    # It is done, whatever became of its host or of its other containers afterwards.
    Rule(
        cause=Cause.EXIT,
        state=State.SUCCEEDED,
        matches=lambda facts: facts.exit_code == 0 and not facts.stopped_by_hand,
    ),
    # Before STOPPED: AWS does not say which stop code a forced deregistration has.
    Rule(
        cause=Cause.LIFETIME,
        state=State.LOST,
        matches=says(r"deregistration forced", r"drain\w* deadline"),
        hint="Its instance reached the end of its life: Managed Instances drains every instance after 14 "
        "days at the latest, and ends what still runs 7 days later (AWS: Patching in Amazon ECS Managed "
        "Instances). It never goes round: make the task shorter than 7 days, save and resume, or use EC2 or "
        "Fargate.",
    ),
    Rule(
        cause=Cause.STOPPED,
        state=State.CANCELLED,
        matches=lambda facts: facts.stopped_by_hand,
        hint="Somebody else stopped it on ECS; the reason is theirs.",
    ),
    Rule(
        cause=Cause.SPOT,
        state=State.LOST,
        matches=_interrupted,
        hint="Spot took its machine back. 'maxSpotAttempts' says how often it then runs again; a provider "
        "that is not spot keeps it.",
        round=Round.SPOT,
    ),
    Rule(
        cause=Cause.HOST_LOST,
        state=State.LOST,
        matches=_lost_its_host,
        hint="The machine under it went away. 'maxHostAttempts' (0 unless set) says how often it then runs "
        "again.",
        round=Round.HOST,
    ),
)

OUT_OF_MEMORY: Final = Rule(
    cause=Cause.OUT_OF_MEMORY,
    state=State.FAILED,
    matches=lambda facts: facts.ran_out_of_memory,
    hint="It used more memory than it asked for; ask for more with 'memory'.",
)

BY_ITSELF: Final[tuple[Rule, ...]] = (
    Rule(
        cause=Cause.OUT_OF_MEMORY,
        state=State.FAILED,
        matches=_killed_alone,
        hint="Killed by SIGKILL (137) though nobody stopped it: probably out of memory; ask for more with "
        "'memory'.",
    ),
    Rule(
        cause=Cause.EXIT,
        state=State.FAILED,
        matches=both(_exited(frozenset({SIGKILLED, SIGTERMED})), lambda facts: facts.other_failed),
        hint="Another container of the task failed, and ECS stops all of them when an essential one ends: "
        "read that container's log, or make it essential = false.",
    ),
    Rule(
        cause=Cause.EXIT,
        state=State.FAILED,
        matches=_exited(COMMAND_NOT_RUN),
        hint="As shells mean it, the command was not found in the image (127) or may not be run (126).",
    ),
    Rule(
        cause=Cause.EXIT,
        state=State.FAILED,
        matches=_exited(FUSION_CODES),
        hint="If it used Fusion: 174 is its input and output on S3, 175 to 177 its snapshots. Its log says "
        "more; check the rights of taskRole on the bucket and the network's way to S3.",
    ),
    Rule(cause=Cause.EXIT, state=State.FAILED, matches=lambda facts: facts.exit_code is not None),
    Rule(
        cause=Cause.RUNTIME,
        state=State.LOST,
        matches=tells(
            r"ContainerRuntime", r"Docker\w+Error", r"Cannot(Stop|Inspect)Container", r"InternalError"
        ),
        hint="It started, and then the machine's container software lost it: ECS reports no exit code. Its "
        "log may tell how far it came.",
    ),
    Rule(
        cause=Cause.NO_EXIT_CODE,
        state=State.LOST,
        matches=lambda facts: facts.stop_code == EXITED or not facts.reasons,
        hint="It started, but ECS reports no exit code: the host or the agent was lost with it. Its log may "
        "tell how far it came.",
    ),
    Rule(
        cause=Cause.UNKNOWN,
        state=State.UNKNOWN,
        matches=lambda _: True,
        hint="It started, ECS reports no exit code, and its reason is none that is known here: read it as "
        "it is, and its log.",
    ),
)

# A container may be killed for its memory while others are still being set up.
RULES: Final = (*OUR_STOPS, *FROM_OUTSIDE, OUT_OF_MEMORY, *SETUP, *BY_ITSELF)
