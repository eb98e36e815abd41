"""Which capacity provider each task of a call is placed with.

How AWS applies weights to a call of one task is not documented; here the first `base` tasks go
to the item that has a base, and every further one to the item that is most behind its weight,
within the call. A call of one task therefore always goes to the heaviest item.
"""

from __future__ import annotations

from collections.abc import Callable

from awsecs_async.local.ecs.clusters import MANAGED_INSTANCES, Cluster, Provider
from awsecs_async.local.wire import Wire, invalid_parameter
from awsecs_async.model.quotas import STRATEGY_BASE_MAX, STRATEGY_ITEMS_MAX, STRATEGY_WEIGHT_MAX


def placements(
    params: Wire, cluster: Cluster, count: int, provider_of: Callable[[Cluster, str], Provider]
) -> list[tuple[str, Provider | None]]:
    """Launch type and provider of each of `count` tasks. Raises InvalidParameterException."""
    launch_type = params.get("launchType")
    if launch_type == MANAGED_INSTANCES:
        raise invalid_parameter(
            "Launch type MANAGED_INSTANCES is not accepted: use a capacityProviderStrategy instead."
        )
    if launch_type not in {None, "EC2", "FARGATE", "EXTERNAL"}:
        raise invalid_parameter(f"Invalid launch type: {launch_type!r}.")
    if launch_type is not None:
        return [(launch_type, None)] * count
    strategy = params.get("capacityProviderStrategy") or cluster.default_strategy
    if not strategy:
        return [("EC2", None)] * count
    providers = check_strategy(strategy, cluster, provider_of)
    chosen = [providers[index] for index in _spread(strategy, count)]
    return [(provider.launch_type, provider) for provider in chosen]


def check_strategy(
    strategy: list[Wire], cluster: Cluster, provider_of: Callable[[Cluster, str], Provider]
) -> list[Provider]:
    """The strategy's providers, in its order. Raises InvalidParameterException."""
    if len(strategy) > STRATEGY_ITEMS_MAX:
        raise invalid_parameter(f"A capacity provider strategy has at most {STRATEGY_ITEMS_MAX} items.")
    for item in strategy:
        if (
            not 0 <= item.get("weight", 0) <= STRATEGY_WEIGHT_MAX
            or not 0 <= item.get("base", 0) <= STRATEGY_BASE_MAX
        ):
            raise invalid_parameter(
                f"weight is 0 to {STRATEGY_WEIGHT_MAX} and base 0 to {STRATEGY_BASE_MAX}: {item}."
            )
    if sum(bool(item.get("base", 0)) for item in strategy) > 1:
        raise invalid_parameter("Only one capacity provider of a strategy can have a base.")
    if len(strategy) > 1 and not any(item.get("weight", 0) for item in strategy):
        raise invalid_parameter("At least one capacity provider of a strategy must have a weight above 0.")
    providers = [provider_of(cluster, item["capacityProvider"]) for item in strategy]
    if len({provider.family for provider in providers}) > 1:
        raise invalid_parameter(
            "A capacity provider strategy can contain only one type of capacity provider: "
            "Fargate, Auto Scaling group, or Managed Instances."
        )
    return providers


def _spread(strategy: list[Wire], count: int) -> list[int]:
    if len(strategy) == 1:
        return [0] * count
    based, shared = [0] * len(strategy), [0] * len(strategy)  # the base does not count for the weights
    order: list[int] = []
    for _ in range(count):
        short = [i for i, item in enumerate(strategy) if based[i] < item.get("base", 0)]
        weighed = [i for i, item in enumerate(strategy) if item.get("weight", 0)]
        if short:
            index = short[0]
            based[index] += 1
        else:
            index = min(weighed, key=lambda i: (shared[i] + 1) / strategy[i]["weight"])
            shared[index] += 1
        order.append(index)
    return order
