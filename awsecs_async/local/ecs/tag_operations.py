"""ECS's operations on tags, and the account settings that go with new ARN formats."""

from __future__ import annotations

from collections.abc import Mapping

from awsecs_async.local.ecs.arns import last_part
from awsecs_async.local.ecs.cluster_operations import ClusterOperations
from awsecs_async.local.ecs.definitions import Definitions
from awsecs_async.local.ecs.launch_rules import check_tags
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.wire import Wire, WireError, invalid_parameter

_SETTINGS = {
    "serviceLongArnFormat": "enabled",
    "taskLongArnFormat": "enabled",
    "containerInstanceLongArnFormat": "enabled",
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "defaultLogDriverMode": "non-blocking",
    "tagResourceAuthorization": "off",
    "fargateTaskRetirementWaitPeriod": "7",
}


class TagOperations:
    """Tags of clusters, tasks, task definitions and capacity providers."""

    def __init__(self, clusters: ClusterOperations, definitions: Definitions, account: str) -> None:
        self._clusters = clusters
        self._definitions = definitions
        self._account = account
        self.operations: Mapping[str, Operation] = {
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list,
            "ListAccountSettings": self._settings,
        }

    def _tag(self, params: Wire, _now: float) -> Wire:
        tags, given = self._tags_of(params["resourceArn"]), params["tags"]
        new = {tag["key"] for tag in given}
        merged = [tag for tag in tags if tag["key"] not in new] + list(given)
        check_tags(merged)
        tags[:] = merged
        return {}

    def _untag(self, params: Wire, _now: float) -> Wire:
        tags = self._tags_of(params["resourceArn"])
        tags[:] = [tag for tag in tags if tag["key"] not in params["tagKeys"]]
        return {}

    def _list(self, params: Wire, _now: float) -> Wire:
        return {"tags": list(self._tags_of(params["resourceArn"]))}

    def _settings(self, params: Wire, _now: float) -> Wire:
        name = params.get("name")
        shown = [
            {
                "name": key,
                "value": value,
                "principalArn": f"arn:aws:iam::{self._account}:root",
                "type": "user",
            }
            for key, value in _SETTINGS.items()
            if name in {None, key}
        ]
        return {"settings": shown}

    def _tags_of(self, arn: str) -> list[Wire]:
        kind, _, rest = arn.rpartition(":ecs:")[2].partition(":")[2].partition(":")[2].partition("/")
        if kind == "cluster":
            return self._clusters.cluster(rest).tags
        if kind == "task-definition":
            return self._definitions.resolve(arn).tags
        if kind == "capacity-provider" and rest in self._clusters.providers:
            return self._clusters.providers[rest].tags
        if kind == "task":
            task = self._clusters.cluster(rest.partition("/")[0]).find(last_part(rest))
            if task is not None:
                task.tags = list(task.tags)  # those of one call share a list until one is changed
                return task.tags
            raise WireError("ResourceNotFoundException", "The referenced task was not found.")
        raise invalid_parameter(f"The local cloud knows no resource {arn!r} that has tags.")
