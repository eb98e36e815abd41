"""ECS's operations on container instances: listing and describing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from awsecs_async.local.ecs.arns import last_part
from awsecs_async.local.ecs.cluster_operations import ClusterOperations
from awsecs_async.local.ecs.expressions import BadExpression, expression
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.wire import Wire, invalid_parameter, page_of
from awsecs_async.model.quotas import LIST_PAGE_MAX

_DESCRIBED_AT_ONCE: Final = 100  # API_DescribeContainerInstances, containerInstances
_STATUSES: Final = ("ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED")


class InstanceOperations:
    """The operations; instances are kept in their clusters."""

    def __init__(self, clusters: ClusterOperations) -> None:
        self._clusters = clusters
        self.operations: Mapping[str, Operation] = {
            "ListContainerInstances": self._list,
            "DescribeContainerInstances": self._describe,
        }

    def _list(self, params: Wire, _now: float) -> Wire:
        cluster = self._clusters.cluster(params.get("cluster"))
        status = params.get("status")
        if status is not None and status not in _STATUSES:
            raise invalid_parameter(f"status is one of {', '.join(_STATUSES)}, not {status!r}.")
        try:
            wanted = expression(params["filter"]) if params.get("filter") else lambda _attributes: True
        except BadExpression as problem:
            raise invalid_parameter(f"Invalid filter {problem}.") from None
        arns = [
            item.arn
            for item in cluster.instances.values()
            if status in {None, item.status} and wanted(item.attributes)
        ]
        page, token = page_of(arns, params, largest=LIST_PAGE_MAX)
        answer: Wire = {"containerInstanceArns": page}
        return answer if token is None else {**answer, "nextToken": token}

    def _describe(self, params: Wire, now: float) -> Wire:
        cluster = self._clusters.cluster(params.get("cluster"))
        references = params["containerInstances"]
        if not 1 <= len(references) <= _DESCRIBED_AT_ONCE:
            raise invalid_parameter(f"containerInstances takes 1 to {_DESCRIBED_AT_ONCE} items.")
        found, failures = [], []
        for reference in references:
            instance = cluster.instances.get(last_part(reference))
            if instance is None:
                failures.append({"arn": self._clusters.instance_arn(cluster, reference), "reason": "MISSING"})
            else:
                found.append(instance.wire(now))
        return {"containerInstances": found, "failures": failures}
