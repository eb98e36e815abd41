"""Faults on demand: what can go wrong with a cloud, said as values and done repeatably.

`Faults` says what is wrong in general; its `rules` name operations. A `FaultPlan` holds the
faults in force, counts the rules down, and draws from a seeded generator, so that the same
calls in the same order meet the same faults.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from awsecs_async.local.wire import AnswerDropped, Wire, WireError, rate_exceeded

if TYPE_CHECKING:
    from awsecs_async.local.ecs.tasks import Task

THROTTLE: Final = "throttle"  # 400 ThrottlingException, nothing done
ERROR_BEFORE: Final = "error-before"  # 500 ServerException, nothing done
ERROR_AFTER: Final = "error-after"  # 500 ServerException, and yet it was done
DROP_BEFORE: Final = "drop-before"  # the connection is cut, nothing done
DROP_AFTER: Final = "drop-after"  # the connection is cut, and yet it was done
REFUSE: Final = "refuse"  # any error answer: code, message, status
EXPIRED: Final = "expired-credentials"
DENIED: Final = "access-denied"
CLUSTER_DELETED: Final = "cluster-deleted"
NO_CAPACITY: Final = "no-capacity"  # RunTask only: `message` becomes the reason in failures[]
SLOW: Final = "slow"  # latency_seconds more
DENY_PURCHASE: Final = "deny-purchase"  # EC2 sells `provider` no instance: `code`, `message`
NEVER_BUY: Final = "never-buy"  # `provider` buys nothing, and says nothing

KINDS: Final = (
    *(THROTTLE, ERROR_BEFORE, ERROR_AFTER, DROP_BEFORE, DROP_AFTER, REFUSE),
    *(EXPIRED, DENIED, CLUSTER_DELETED, NO_CAPACITY, SLOW, DENY_PURCHASE, NEVER_BUY),
)
_OF_NO_CALL: Final = frozenset({NO_CAPACITY, DENY_PURCHASE, NEVER_BUY})  # judged where tasks are placed
_EC2_SAYS: Final = {
    "InsufficientInstanceCapacity": "There is no capacity available that matches your request.",
    "UnfulfillableCapacity": "Unable to fulfill capacity due to your request configuration. "
    "Please adjust your request and try again.",
    "VcpuLimitExceeded": "You have requested more vCPU capacity than your current vCPU limit allows "
    "for the instance bucket that the specified instance type belongs to.",
    "MaxSpotInstanceCountExceeded": "Max spot instance count exceeded",
    "UnauthorizedOperation": "You are not authorized to perform this operation: iam:PassRole.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault of some operations.

    `operation` is a name such as "RunTask" or "logs:FilterLogEvents", or a pattern as "Describe*".
    """

    kind: str
    operation: str = "*"
    probability: float = 1.0  # 0 to 1
    provider: str = "*"  # for purchases: a pattern of capacity providers' names
    times: int | None = None  # how often it may happen; None: for ever
    code: str = ""  # for `refuse` (else ClientException) and `deny-purchase` (InsufficientInstanceCapacity)
    message: str = ""
    status: int = 400  # for `refuse`
    latency_seconds: float = 0.0  # for `slow`

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"no such fault: {self.kind!r}; there are {', '.join(KINDS)}"
            raise ValueError(message)
        if not 0 <= self.probability <= 1:
            message = f"probability is 0 to 1, not {self.probability}"
            raise ValueError(message)

    def concerns(self, service: str, operation: str) -> bool:
        """Whether this rule is about the operation."""
        name = self.operation
        return name == "*" or fnmatchcase(operation, name) or fnmatchcase(f"{service}:{operation}", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Everything that is wrong. The default is a cloud without fault."""

    rules: tuple[Rule, ...] = ()
    latency_seconds: float = 0.0  # of every call
    visibility_delay_seconds: float = 0.0  # until DescribeTasks knows a new task
    event_delay_seconds: float = 0.0  # an event waits between 0 and this
    event_duplicate_probability: float = 0.0
    unpullable_images: tuple[str, ...] = ()  # patterns, as "registry.example/*"
    spot_after_seconds: float | None = None  # Spot tasks are interrupted so long after their start
    spot_providers: tuple[str, ...] = ("FARGATE_SPOT", "*spot*")  # patterns of capacity providers' names
    seed: int = 0

    @classmethod
    def from_json(cls, raw: Wire) -> Faults:
        """Read the JSON of POST /_local/faults. Raises ValueError naming what is not known."""
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(raw) - known)
        if unknown:
            message = f"no such faults: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
            raise ValueError(message)
        members: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()
        }
        members["rules"] = tuple(_rule(item) for item in raw.get("rules", ()))
        return cls(**members)

    def to_json(self) -> Wire:
        """What `from_json` reads."""
        return asdict(self)


def _rule(raw: Wire) -> Rule:
    try:
        return Rule(**raw)
    except TypeError as problem:
        message = f"not a rule: {raw}: {problem}"
        raise ValueError(message) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to go wrong with one call: how late, and which error before or after its effect."""

    latency_seconds: float = 0.0
    before: Exception | None = None
    after: Exception | None = None


_ERRORS: Final = {
    EXPIRED: ("ExpiredTokenException", "The security token included in the request is expired", 400),
    CLUSTER_DELETED: ("ClusterNotFoundException", "Cluster not found.", 400),
    ERROR_BEFORE: ("ServerException", "Service Unavailable. Please try again later.", 500),
    ERROR_AFTER: ("ServerException", "Service Unavailable. Please try again later.", 500),
}
_FINE: Final = Verdict()


class FaultPlan:
    """The faults in force. Its state is what is left of each rule, and the generator."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = Faults()
        self._left: list[int | None] = []
        self._rng = random.Random()
        self.met: dict[str, int] = {}  # how often each kind has happened
        self.set(faults or Faults())

    def set(self, faults: Faults) -> None:
        """Put other faults in force; counts start anew."""
        self.faults = faults
        self._left = [rule.times for rule in faults.rules]
        self._rng = random.Random(faults.seed)

    def add(self, rule: Rule) -> None:
        """Put one more rule in force."""
        self.faults = replace(self.faults, rules=(*self.faults.rules, rule))
        self._left.append(rule.times)

    def judge(self, service: str, operation: str) -> Verdict:
        """What goes wrong with this call."""
        latency = self.faults.latency_seconds
        if not self.faults.rules:
            return _FINE if not latency else Verdict(latency_seconds=latency)
        before: Exception | None = None
        after: Exception | None = None
        for index, rule in enumerate(self.faults.rules):
            if (
                rule.kind in _OF_NO_CALL
                or not rule.concerns(service, operation)
                or not self._happens(index, rule)
            ):
                continue
            if rule.kind == SLOW:
                latency += rule.latency_seconds
            elif rule.kind in {ERROR_AFTER, DROP_AFTER}:
                after = after or _error(rule, service, operation)
            else:
                before = before or _error(rule, service, operation)
        return Verdict(latency_seconds=latency, before=before, after=after)

    def shortage(self, _params: Wire) -> str | None:
        """Why RunTask finds no room for one more task, or None."""
        for index, rule in enumerate(self.faults.rules):
            if rule.kind == NO_CAPACITY and self._happens(index, rule):
                return rule.message or "RESOURCE:CPU"
        return None

    def pull_failure(self, image: str) -> str | None:
        """Why an image cannot be pulled, in ECS's words, or None."""
        if not any(fnmatchcase(image, pattern) for pattern in self.faults.unpullable_images):
            return None
        return (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
            f"failed to resolve ref {image}: {image}: not found"
        )

    def spot_after_seconds(self, task: Task) -> float | None:
        """When a Spot interruption hits a task, in seconds from its start, or None."""
        name = task.capacity_provider
        if self.faults.spot_after_seconds is None or name is None:
            return None
        is_spot = any(fnmatchcase(name, pattern) for pattern in self.faults.spot_providers)
        return self.faults.spot_after_seconds if is_spot else None

    def purchase_refusal(self, provider: str) -> str | None:
        """Why EC2 sells this provider no instance, as "Code: message", or None; counts as one."""
        for index, rule in enumerate(self.faults.rules):
            if (
                rule.kind == DENY_PURCHASE
                and fnmatchcase(provider, rule.provider)
                and self._happens(index, rule)
            ):
                code = rule.code or "InsufficientInstanceCapacity"
                return f"{code}: {rule.message or _EC2_SAYS.get(code, 'Request refused.')}"
        return None

    def never_buys(self, provider: str) -> bool:
        """Whether this provider buys no instance, and says nothing."""
        return any(
            rule.kind == NEVER_BUY and fnmatchcase(provider, rule.provider) and self._happens(index, rule)
            for index, rule in enumerate(self.faults.rules)
        )

    def _happens(self, index: int, rule: Rule) -> bool:
        left = self._left[index]
        if left == 0 or (rule.probability < 1 and self._rng.random() >= rule.probability):
            return False
        if left is not None:
            self._left[index] = left - 1
        self.met[rule.kind] = self.met.get(rule.kind, 0) + 1
        return True

    def __repr__(self) -> str:
        return f"<FaultPlan rules={len(self.faults.rules)} met={self.met}>"


def _error(rule: Rule, service: str, operation: str) -> Exception:
    if rule.kind == THROTTLE:
        return rate_exceeded()
    if rule.kind in {DROP_BEFORE, DROP_AFTER}:
        return AnswerDropped(f"the connection was cut instead of an answer to {service}:{operation}")
    if rule.kind == DENIED:
        text = (
            rule.message
            or f"User: arn:aws:iam::000000000000:user/me is not authorized to perform: {service}:{operation}"
        )
        return WireError("AccessDeniedException", text)
    code, message, status = _ERRORS.get(
        rule.kind, (rule.code or "ClientException", rule.message, rule.status)
    )
    return WireError(code, rule.message or message, status)
