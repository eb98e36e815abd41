"""The local cloud on an event loop: machine, logs, faults, containers and a clock, put together.

`call` is the in-process door, and the HTTP door calls it too, so that throttles, faults,
latency and idempotency are the same behind both. The clock is the loop's (a virtual one in
tests). Every call first has the machine do what has become due, each step at its own moment; in
between, one timer wakes it, but only where somebody would notice: containers that are to be
started, or listeners to events. Answers are the machine's own dicts: whoever gets one reads it
and leaves it as it is.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from awsecs_async.kit.wall import wall_time
from awsecs_async.local.account_quotas import AccountQuotas
from awsecs_async.local.ecs.effects import StartContainers, StopContainers
from awsecs_async.local.ecs.events import EventFaults
from awsecs_async.local.ecs.machine import Ecs
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.ecs.script import Scripts, scripts_from_environment
from awsecs_async.local.ecs.upkeep import HOST_LOST
from awsecs_async.local.faults import DENY_PURCHASE, NEVER_BUY, FaultPlan, Faults, Rule
from awsecs_async.local.logs.service import Logs
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.subnets import Subnets
from awsecs_async.local.throttle import Throttle
from awsecs_async.local.wire import Wire, malformed, not_done_here, rate_exceeded
from awsecs_async.model.quotas import ECS_CATEGORY, BucketQuota, logs_requests

_NOTICES = 1000  # the oldest go

Sink = Callable[[Wire], None]  # is given every state-change event


class Containers(Protocol):
    """What carries real containers out; see `carrier`."""

    def start(self, effect: StartContainers) -> None:
        """Begin a task's containers."""
        ...

    def stop(self, effect: StopContainers) -> None:
        """End a task's containers."""
        ...

    async def close(self) -> None:
        """End all containers."""
        ...


class Cloud:
    """ECS and CloudWatch Logs, in process. Use it as an async context manager.

    The mutable state is the machine's, the logs', the faults', and the counts of calls.
    """

    def __init__(
        self,
        settings: CloudSettings | None = None,
        *,
        faults: Faults | None = None,
        scripts: Scripts = scripts_from_environment,
        clock: Callable[[], float] = wall_time,
    ) -> None:
        self.settings = settings or CloudSettings()
        self.clock = clock
        self.faults = FaultPlan(faults)
        self.logs = Logs(self.settings)
        self.ecs = Ecs(self.settings, self.logs, scripts, self.faults)
        self.subnets: Subnets | None = None  # None: any name of a subnet will do
        self.sinks: list[Sink] = []
        self.containers: Containers | None = None  # None: every task must be scripted
        self.calls: Counter[str] = Counter()  # by "ecs:RunTask"
        self.throttles: Counter[str] = Counter()
        self.notices: deque[Wire] = deque(maxlen=_NOTICES)  # what users should be told, by task
        self._operations: dict[str, Mapping[str, Operation]] = {
            "ecs": self.ecs.operations,
            "logs": self.logs.operations,
            "service-quotas": AccountQuotas(self.settings).operations,
        }
        self._log_throttle = Throttle(_log_quotas(self.settings, self.logs.operations))
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self.set_faults(self.faults.faults)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the timer and end all containers."""
        self._cancel_timer()
        if self.containers is not None:
            await self.containers.close()

    async def call(self, service: str, operation: str, params: Wire) -> Wire:
        """Perform one operation of "ecs", "logs" or "service-quotas"; the answer is read-only.

        Raises WireError for an error answer, and AnswerDropped when a fault cuts the connection.
        """
        verdict = self.faults.judge(service, operation)
        if verdict.latency_seconds > 0:
            await asyncio.sleep(verdict.latency_seconds)
        self.calls[f"{service}:{operation}"] += 1
        if verdict.before is not None:
            raise verdict.before
        if self.subnets is not None and service == "ecs":
            await self.subnets.check(operation, params)
        answer = self.perform(service, operation, params)
        if verdict.after is not None:
            raise verdict.after
        return answer

    def perform(self, service: str, operation: str, params: Wire) -> Wire:
        """`call` without faults and latency, and without awaiting."""
        now = self.clock()
        self.ecs.advance(now)
        self._carry_out_what_is_due()
        try:
            self._throttle(service, operation, now)
            perform = self._operations.get(service, {}).get(operation)
            if perform is None:
                raise not_done_here(service, operation)
            return perform(params, now)
        except (AttributeError, KeyError, TypeError) as problem:
            raise malformed(problem) from problem  # requests are not checked against AWS's shapes beforehand
        finally:
            self.settle(now)

    def set_faults(self, faults: Faults) -> None:
        """Put other faults in force."""
        self.faults.set(faults)
        self.ecs.outbox.faults = EventFaults(
            delay_seconds=faults.event_delay_seconds, duplicate_probability=faults.event_duplicate_probability
        )
        if self.ecs.hosts.somebody_waits:  # for an instance that nobody bought
            now = self._now()
            self.ecs.hosts.retry(now)
            self.settle(now)

    def listen(self, sink: Sink) -> None:
        """Give every state-change event from now on to `sink`."""
        self.sinks.append(sink)
        self.ecs.lifecycle.listening = True
        if self.ecs.next_wake is not None:  # then a loop runs, on which something was called
            self._set_timer(self.clock())

    def notify(self, task_arn: str, text: str) -> None:
        """Keep what a task's user should be told; it is shown at /_local/notices."""
        self.notices.append({"task": task_arn, "text": text})

    def interrupt(self, task_arn: str) -> bool:
        """Take the Spot capacity of a task back; False if there is no such task."""
        now = self._now()
        task = self.ecs.task(task_arn)
        if task is None:
            return False
        self.ecs.lifecycle.interrupt_spot(task, now)
        self.settle(now)
        return True

    def interrupt_spot(
        self, share: float = 1.0, providers: Sequence[str] = (), *, stop_code: str = HOST_LOST
    ) -> list[str]:
        """Take Spot capacity back, now: see `Losses.interrupt_spot`; returns the ARNs of all tasks hit."""
        now = self._now()
        hit = self.ecs.losses.interrupt_spot(now, share, providers, stop_code=stop_code)
        self.settle(now)
        return hit

    def lose_host(self, reference: str) -> list[str]:
        """Have an instance fail, now: see `Losses.lose_host`. Raises KeyError."""
        now = self._now()
        hit = self.ecs.losses.lose_host(reference, now)
        self.settle(now)
        return hit

    def deny_purchases(
        self, provider: str = "*", code: str = "InsufficientInstanceCapacity", count: int | None = None
    ) -> None:
        """EC2 sells the providers of this name, or pattern, no instance; `count` times, or from now on."""
        self.faults.add(Rule(kind=DENY_PURCHASE, provider=provider, code=code, times=count))

    def never_buys(self, provider: str = "*") -> None:
        """The providers of this name, or pattern, buy nothing from now on, and say nothing."""
        self.faults.add(Rule(kind=NEVER_BUY, provider=provider))

    def _now(self) -> float:
        now = self.clock()
        self.ecs.advance(now)
        return now

    def settle(self, now: float) -> None:
        """Do what the machine wants done outside, and set the timer; after every change of it."""
        self._carry_out_what_is_due()
        if self.sinks:
            for event in self.ecs.events(now):
                for sink in self.sinks:
                    sink(event)
        self._set_timer(now)

    def _throttle(self, service: str, operation: str, now: float) -> None:
        throttle = self._log_throttle if service == "logs" else self.ecs.throttle
        name = operation if service == "logs" else ECS_CATEGORY.get(operation)
        if not throttle.allows(name, now):
            self.throttles[f"{service}:{operation}"] += 1
            raise rate_exceeded()

    def _carry_out_what_is_due(self) -> None:
        for effect in self.ecs.effects():
            self._carry_out(effect)

    def _carry_out(self, effect: StartContainers | StopContainers) -> None:
        if self.containers is None:
            self._refuse(effect)
        elif isinstance(effect, StartContainers):
            self.containers.start(effect)
        else:
            self.containers.stop(effect)

    def _refuse(self, effect: StartContainers | StopContainers) -> None:
        """Without a runtime a task that is no script fails to start, and says what is missing."""
        arn = effect.plan.task_arn if isinstance(effect, StartContainers) else effect.task_arn
        task = self.ecs.task(arn)
        if task is None:
            return
        now = self.clock()
        if isinstance(effect, StartContainers):
            reason = (
                "CannotStartContainerError: this cloud has no runtime and only plays scripts (AWSECS_SCRIPT)"
            )
            self.ecs.lifecycle.stop(task, now, "TaskFailedToStart", reason)
        self.ecs.lifecycle.containers_ended(task, now)

    # --- the timer -----------------------------------------------------------------------------

    def _set_timer(self, now: float) -> None:
        if self.containers is None and not self.sinks:
            return  # a simulation of 10,000 tasks would wake 50,000 times for nobody
        wake = self.ecs.next_wake
        if wake == self._timer_at:
            return
        self._cancel_timer()
        if wake is not None:
            self._timer_at = wake
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, wake - now), self._wake)

    def _wake(self) -> None:
        self._timer = self._timer_at = None
        now = self.clock()
        self.ecs.advance(now)
        self.settle(now)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timer_at = None

    def state(self) -> Wire:
        """What GET /_local/ shows: counts of calls, throttles, launches and tasks."""
        self.ecs.advance(self.clock())
        counts: Counter[str] = Counter()
        for cluster in self.ecs.clusters.clusters.values():
            counts.update(cluster.counts)
        return {
            "region": self.settings.region,
            "account": self.settings.account,
            "calls": dict(self.calls),
            "throttles": dict(self.throttles),
            "launches": dict(self.ecs.launcher.launches),
            "tasks": {status: count for status, count in counts.items() if count},
            "tasksMade": self.ecs.launcher.made,
            "faultsMet": self.faults.met,
        }

    def __repr__(self) -> str:
        return f"<Cloud {self.ecs} calls={self.calls.total()} throttles={self.throttles.total()}>"


def _log_quotas(
    settings: CloudSettings, operations: Mapping[str, Operation]
) -> dict[str, BucketQuota | None]:
    return {name: settings.quota(f"logs:{name}", logs_requests(name, settings.region)) for name in operations}
