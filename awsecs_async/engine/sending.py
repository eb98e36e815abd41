"""A recorded launch becomes ECS tasks: sent until it is answered, every answer settled in the ledger.

The launcher sends launches that it has just made, adoption sends those that a dead process had made;
what may come back, and what then is true, is the same and stands here once:

    tasks            the members have their ARNs
    failures[]       members without a task go back to the queue, or end where it can never be
    conflict         the token is known: the tasks it made are adopted
    capacity         the members go back, their lane waits: they go on elsewhere if they may
    refused          the members end, with the reason
    blocked          the members go back, and wait for the cure; in doubt, the launch itself waits; but what
                     only this request names blocks nobody: it is refused
    throttled, unanswered: ``Station.call`` sends the same request again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.engine.blame import own_name
from awsecs_async.engine.targets import Halted, Station, Unwanted
from awsecs_async.errors import (
    CapacityShort,
    DefinitionGone,
    RequestRefused,
    TargetBlocked,
    Throttled,
    TokenConflict,
)
from awsecs_async.kit.wall import wall_time
from awsecs_async.model import outcome, quotas
from awsecs_async.model.sighting import Arn, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from awsecs_async.aws.ports import LaunchAnswer
    from awsecs_async.engine.buckets import Demand
    from awsecs_async.engine.lanes import Lane
    from awsecs_async.engine.ledger import Ledger
    from awsecs_async.kit.gate import Passage
    from awsecs_async.model.launch import Launch

TOKEN_TRUSTED_SECONDS = quotas.CLIENT_TOKEN_AFTER_STOP_SECONDS * 0.9
"""How long after it was first sent a launch may be sent again: ECS keeps a token for an hour at least, and
the margin is for clocks that differ. After that, what became of it must be found out in another way."""


async def send(
    launch: Launch,
    station: Station,
    ledger: Ledger,
    demands: Sequence[Demand],
    lane: Lane,
    *,
    leave: Passage | None = None,
    sent: bool = False,
) -> None:
    """Send it until it is settled.

    A fresh launch comes with its ``leave`` to pass the target's gate. If the target turns out to be blocked,
    and ECS did nothing of it, its members are queued again: nothing waits recorded but unsent. ``sent``
    says that a process before us may have sent it, with effect.

    Raises:
        DefinitionGone: if its task definition is no longer ACTIVE; its members are queued again.

        TokenExpired: if it may have been sent, and too long ago to send it again.
    """
    delivery = _Delivery(launch, station, in_doubt_since=launch.made_at if sent else None)

    def wanted() -> bool:
        return delivery.in_doubt or not ledger.unwanted(launch)

    try:
        answer = await _answer(delivery, station, demands, wanted, leave)
    except Unwanted:
        ledger.returned(launch, "")
    except Halted as halt:
        ledger.returned(launch, halt.reason)
    except DefinitionGone:
        ledger.returned(launch, "its task definition was deregistered; registering it anew")
        raise
    except CapacityShort as fault:
        lane.close(fault.message)
        ledger.returned(launch, f"{lane.name}: {fault.message}")
    except TokenConflict as fault:
        if not fault.arns:  # it made something, and does not say what
            raise TokenExpired(launch.id) from fault
        ledger.launched(
            launch, [Sighting(arn=Arn(arn), version=-1, last_status="PROVISIONING") for arn in fault.arns]
        )
    except RequestRefused as fault:
        ledger.refused(launch, outcome.refused(str(fault)))
    else:
        settle(launch, answer, ledger, lane)


async def _answer(
    delivery: _Delivery,
    station: Station,
    demands: Sequence[Demand],
    wanted: Callable[[], bool],
    leave: Passage | None,
) -> LaunchAnswer:
    try:
        return await station.call(delivery.run, demands, wanted=wanted, leave=leave)
    except Halted:
        if not delivery.in_doubt:
            raise
        # What became of it has to be known, so this one waits for the cure.
        return await station.call(delivery.run, demands, wanted=wanted)


class _Delivery:
    """A launch on its way. In doubt is that it may have had its effect, and since when."""

    def __init__(self, launch: Launch, station: Station, *, in_doubt_since: float | None) -> None:
        self._launch = launch
        self._station = station
        self._in_doubt_since = in_doubt_since

    @property
    def in_doubt(self) -> bool:
        """Whether it may have had its effect, and we have not heard of that."""
        return self._in_doubt_since is not None

    async def run(self) -> LaunchAnswer:
        """Send it once."""
        now, before = wall_time(), self._in_doubt_since
        if before is not None and now - before > TOKEN_TRUSTED_SECONDS:
            raise TokenExpired(self._launch.id)
        self._in_doubt_since = now if before is None else before
        try:
            return await self._station.ecs.run(self._launch.request)
        except (Throttled, TargetBlocked) as fault:
            self._in_doubt_since = before  # ECS did nothing, and said so
            if isinstance(fault, TargetBlocked) and before is None:
                self._blame(fault)
            raise

    def _blame(self, fault: TargetBlocked) -> None:
        """Refuse the request where what AWS names is its own, and none of the target's settings."""
        if name := own_name(fault.message, self._launch.request, self._station):
            said = f"{fault.message} ({name} is named by the task itself: mend it there, or allow it)"
            raise RequestRefused(fault.code, said, operation=fault.operation) from fault


def settle(launch: Launch, answer: LaunchAnswer, ledger: Ledger, lane: Lane) -> None:
    """Write down what an answer with tasks, failures or both means."""
    never = next((f for f in answer.failures if not f.is_capacity), None)
    short = next((f for f in answer.failures if f.is_capacity), None)
    said = " ".join(filter(None, (short.reason, short.detail))) if short else ""
    if never is not None and not answer.tasks:
        ledger.refused(launch, outcome.refused(f"{never.reason} {never.detail}".strip()))
        return
    if short is not None:
        lane.close(said)
    elif answer.tasks and not lane.gate.is_open:
        # Accepted is not yet placed: the lane opens when one of its tasks has got a machine.
        lane.close(lane.gate.reason or "")
    ledger.launched(launch, answer.tasks, note=f"{lane.name}: {said}" if said else "")


class TokenExpired(Exception):
    """The launch may have happened, and ECS may have forgotten its token."""
