"""A target at work: its doors to AWS, its limits, and the gate that closes when it is blocked.

Buckets belong to an account and region, because AWS counts there; so targets (and dispatchers in the
same loop) of one account and region share them through the ``Registry``. The gate is the target's own:
when the account, the credentials, the cluster or the network is at fault, every launch of that target
waits there, one probe at a time tries again, and nothing fails.

``Station.call`` is the one way to make a call that must get through: it draws the tokens, sends, slows
the bucket on a throttle, waits at the gate when blocked, and sends the same request again when the
answer was lost. What only concerns the request itself is the caller's to handle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from awsecs_async.errors import (
    CapacityShort,
    RequestRefused,
    TargetBlocked,
    Throttled,
    TokenConflict,
    Unanswered,
)
from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.bucket import acquire_all
from awsecs_async.kit.gate import Gate, Passage
from awsecs_async.kit.speech import get_logger

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Cluster, Ecs, Logs, Objects
    from awsecs_async.engine.buckets import Buckets, Demand
    from awsecs_async.model.network import Awsvpc
    from awsecs_async.model.settings import Target

T = TypeVar("T")
log = get_logger()

BLOCKED_FIRST_SECONDS = 1.0  # until the first probe of a blocked target
BLOCKED_CEILING_SECONDS = 30.0
UNANSWERED_FIRST_SECONDS = 0.2
UNANSWERED_CEILING_SECONDS = 20.0


class Unwanted(Exception):
    """Nobody wants the call any more; it was not sent."""


class Halted(Exception):
    """The target is blocked, and ECS did nothing of what was asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _wanted() -> bool:
    return True


@dataclass(slots=True, kw_only=True, eq=False)
class Station:
    """One target at work. Its mutable state is its gates, one for each activity.

    Activities are blocked apart: an account that may not stop tasks can still launch them.

    Args:
        default_network: The default VPC's subnets and security group, found when the target was opened; used
            for awsvpc where neither the task nor the target says any. None where nothing was found or needed.

        unfit: Providers (by ``Provider.word``) on which nothing can be placed, and why, as found at opening.
    """

    target: Target
    ecs: Ecs
    logs: Logs
    buckets: Buckets
    cluster: Cluster
    account: str
    objects: Objects
    cure: Callable[[TargetBlocked], str] = str
    default_network: Awsvpc | None = None
    unfit: Mapping[str, str] = field(default_factory=dict)
    _gates: dict[str, Gate] = field(default_factory=dict)

    def __repr__(self) -> str:
        gates = ", ".join(f"{name} {gate!r}" for name, gate in self._gates.items())
        return f"<Station {self.target.name} {self.target.cluster}: {gates}>"

    def gate(self, activity: str) -> Gate:
        """Where an activity waits while the target is blocked for it."""
        if activity not in self._gates:
            self._gates[activity] = Gate(Backoff(BLOCKED_FIRST_SECONDS, BLOCKED_CEILING_SECONDS))
        return self._gates[activity]

    @property
    def blocked(self) -> str:
        """What halts here, why, and the cure; empty while nothing does."""
        closed = ((name, gate) for name, gate in self._gates.items() if not gate.is_open)
        return "; ".join(f"{name}: {gate.reason}" for name, gate in closed)

    async def call(
        self,
        action: Callable[[], Awaitable[T]],
        demands: Sequence[Demand],
        *,
        activity: str = "launching",
        urgent: bool = False,
        wanted: Callable[[], bool] = _wanted,
        leave: Passage | None = None,
        cure: Callable[[TargetBlocked], str] | None = None,
    ) -> T:
        """Do it until it is done: its answer, or what concerns the request itself.

        ``wanted`` is asked each time before anything is sent. Who comes with ``leave`` to pass the gate does
        not wait at it again: should the target be blocked, that is told instead. ``cure`` says what mends it
        where that is more than the station knows.

        Raises:
            Halted: when the target is blocked, to those who came with ``leave``.

            Unwanted: when ``wanted`` said no.

            AwsFault: RequestRefused, CapacityShort or TokenConflict.
        """
        gate, patient = self.gate(activity), leave is None
        backoff: Backoff | None = None
        while True:
            with leave or await self._leave(gate, patient=patient) as passage:
                leave = None
                await acquire_all(demands, urgent=urgent)
                if not wanted():
                    raise Unwanted
                if not (gate.is_open or passage.probe):
                    continue  # it closed while we waited for tokens
                try:
                    answer = await action()
                except Throttled as fault:
                    log.debug("throttled", operation=fault.operation, target=self.target.name)
                    for bucket, _ in demands:
                        bucket.throttled()
                    continue
                except TargetBlocked as fault:
                    self._block(gate, activity, fault, (cure or self.cure)(fault))
                    continue
                except Unanswered as fault:
                    log.debug(
                        "unanswered", operation=fault.operation, target=self.target.name, code=fault.code
                    )
                except (RequestRefused, CapacityShort, TokenConflict):
                    gate.open()  # it answers: whatever this is, the target is not blocked
                    raise
                else:
                    gate.open()
                    return answer
            backoff = backoff or Backoff(UNANSWERED_FIRST_SECONDS, UNANSWERED_CEILING_SECONDS)
            await asyncio.sleep(backoff.next())

    async def _leave(self, gate: Gate, *, patient: bool) -> Passage:
        if not (patient or gate.is_open):
            raise Halted(gate.reason or "")
        return await gate.passage()

    def _block(self, gate: Gate, activity: str, fault: TargetBlocked, cure: str) -> None:
        if gate.is_open:
            log.error(
                "target blocked", target=self.target.name, activity=activity, code=fault.code,
                said=fault.message, cure=cure,
            )  # fmt: skip
        said = f" (AWS: {fault.message.rstrip('. ')})" if fault.message else ""  # the cure may point to it
        gate.close(f"{fault.code}: {cure}{said}")
