"""ECS's operations on task definitions."""

from __future__ import annotations

from collections.abc import Mapping

from awsecs_async.local.ecs.definitions import ACTIVE, DELETE_IN_PROGRESS, INACTIVE, Definition, Definitions
from awsecs_async.local.ecs.launch_rules import check_tags
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.wire import Wire, WireError, client_exception, invalid_parameter, page_of
from awsecs_async.model.quotas import DELETE_TASK_DEFINITIONS_MAX, LIST_PAGE_MAX


class DefinitionOperations:
    """The operations; the definitions themselves are kept in `definitions`."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.operations: Mapping[str, Operation] = {
            "RegisterTaskDefinition": self._register,
            "DeregisterTaskDefinition": self._deregister,
            "DescribeTaskDefinition": self._describe,
            "ListTaskDefinitions": self._list,
            "ListTaskDefinitionFamilies": self._families,
            "DeleteTaskDefinitions": self._delete,
        }

    def _register(self, params: Wire, now: float) -> Wire:
        check_tags(params.get("tags") or [])
        definition = self.definitions.register(params, now)
        return {"taskDefinition": definition.wire, "tags": definition.tags}

    def _deregister(self, params: Wire, now: float) -> Wire:
        definition = self._exact(params["taskDefinition"])
        if definition.status == ACTIVE:
            definition.become(INACTIVE, deregisteredAt=now)
        return {"taskDefinition": definition.wire}

    def _describe(self, params: Wire, _now: float) -> Wire:
        definition = self.definitions.resolve(params["taskDefinition"])
        answer: Wire = {"taskDefinition": definition.wire}
        if "TAGS" in (params.get("include") or ()):
            answer["tags"] = definition.tags
        return answer

    def _list(self, params: Wire, _now: float) -> Wire:
        prefix = params.get("familyPrefix")
        listed = [
            item.arn
            for item in self.definitions.of_status(params.get("status") or ACTIVE)
            if prefix is None or item.family == prefix  # despite its name it is the whole family
        ]
        if params.get("sort") == "DESC":
            listed.reverse()
        page, token = page_of(listed, params, largest=LIST_PAGE_MAX)
        return (
            {"taskDefinitionArns": page}
            if token is None
            else {"taskDefinitionArns": page, "nextToken": token}
        )

    def _families(self, params: Wire, _now: float) -> Wire:
        wanted, prefix = params.get("status") or ACTIVE, params.get("familyPrefix") or ""
        active = {item.family for item in self.definitions.of_status(ACTIVE)}
        families = {
            "ACTIVE": active,
            "INACTIVE": {item.family for item in self.definitions.of_status(INACTIVE)} - active,
            "ALL": set(self.definitions.families),
        }
        if wanted not in families:
            raise invalid_parameter(f"status is ACTIVE, INACTIVE or ALL, not {wanted!r}.")
        listed = sorted(family for family in families[wanted] if family.startswith(prefix))
        page, token = page_of(listed, params, largest=LIST_PAGE_MAX)
        return {"families": page} if token is None else {"families": page, "nextToken": token}

    def _delete(self, params: Wire, now: float) -> Wire:
        references = params["taskDefinitions"]
        if not 1 <= len(references) <= DELETE_TASK_DEFINITIONS_MAX:
            raise invalid_parameter(f"taskDefinitions takes 1 to {DELETE_TASK_DEFINITIONS_MAX} items.")
        deleted, failures = [], []
        for reference in references:
            try:
                definition = self._exact(reference)
            except WireError as refusal:
                failures.append({"arn": reference, "reason": refusal.message})
                continue
            if definition.status == ACTIVE:
                reason = (
                    "The specified task definition is still in ACTIVE status. Deregister it and try again."
                )
                failures.append({"arn": definition.arn, "reason": reason})
                continue
            definition.become(DELETE_IN_PROGRESS, deleteRequestedAt=now)
            deleted.append(definition.wire)
            self.definitions.delete(definition)
        return {"taskDefinitions": deleted, "failures": failures}

    def _exact(self, reference: str) -> Definition:
        if ":" not in reference.rpartition("task-definition/")[2]:
            raise client_exception(
                "Task definition reference must include a revision: family:revision or an ARN."
            )
        return self.definitions.resolve(reference)
