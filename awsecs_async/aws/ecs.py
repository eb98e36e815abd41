"""Amazon ECS in the engine's words, over any transport.

Requests are shaped and answers read here, and nowhere else. DescribeTasks is the hot one: ten thousand
tasks are looked at some 250,000 times, and nearly every look sees what the last one saw. So a task whose
``version`` is no newer than the one known is passed over before anything is made of it.

What is read is taken by name and with a default, because AWS leaves out what it does not know. Nothing
is made up: an absent exit code stays None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsecs_async.aws.faults import is_capacity
from awsecs_async.aws.ports import Cluster, KnownDefinition, LaunchAnswer, LaunchFailure, Look, Machine
from awsecs_async.aws.providers import FARGATE, by_preference, provider_of
from awsecs_async.errors import DefinitionGone, RequestRefused, TargetBlocked
from awsecs_async.model.quotas import LIST_PAGE_MAX, STOPPED_REASON_MAX_CHARACTERS
from awsecs_async.model.sighting import Arn, ContainerSighting, Sighting, task_id_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from awsecs_async.aws.ports import Transport
    from awsecs_async.model.definition import Definition
    from awsecs_async.model.placement import Provider


class EcsDoor:
    """``ports.Ecs`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<EcsDoor over {self._transport!r}>"

    async def run(self, request: str) -> LaunchAnswer:
        """RunTask with exactly this JSON text. Raises DefinitionGone if its definition is inactive."""
        answer = await self._transport.send("ecs", "RunTask", request)
        return LaunchAnswer(
            tasks=tuple(sighting_of(task) for task in answer.get("tasks", ())),
            failures=tuple(_failure_of(failure) for failure in answer.get("failures", ())),
        )

    async def stop(self, cluster: str, arn: Arn, reason: str) -> bool:
        """StopTask; False if ECS does not know the task: not any more, or not yet."""
        reason = reason[:STOPPED_REASON_MAX_CHARACTERS]
        try:
            await self._call("StopTask", cluster=cluster, task=arn, reason=reason)
        except RequestRefused as refusal:
            if "task was not found" not in refusal.message:  # AWS: StopTask, InvalidParameterException
                raise
            return False
        return True

    async def describe(
        self, cluster: str, arns: Sequence[Arn], known_versions: Mapping[Arn, int] | None = None
    ) -> Look:
        """DescribeTasks of up to 100; tasks no newer than ``known_versions`` says are left out."""
        answer = await self._call("DescribeTasks", cluster=cluster, tasks=list(arns))
        known = known_versions or {}
        newer = [
            sighting_of(task)
            for task in answer.get("tasks", ())
            if task.get("version", 0) > known.get(task["taskArn"], -1)
        ]
        return Look(sightings=newer, missing=_missing(arns, answer.get("failures", ())))

    async def ours(self, cluster: str, started_by: str) -> AsyncIterator[Sequence[Arn]]:
        """ListTasks of all that this dispatcher started, running and stopped, page by page.

        AWS documents ``startedBy`` as the only filter; together with ``desiredStatus`` it is in wide use.
        Where ECS refuses that, only what runs is listed.
        """
        try:
            for desired in ("RUNNING", "STOPPED"):
                async for arns in self._ours(cluster, startedBy=started_by, desiredStatus=desired):
                    yield arns
        except RequestRefused:
            async for arns in self._ours(cluster, startedBy=started_by):
                yield arns

    async def _ours(self, cluster: str, **filters: str) -> AsyncIterator[Sequence[Arn]]:
        async for page in self._pages("ListTasks", cluster=cluster, maxResults=LIST_PAGE_MAX, **filters):
            if arns := page.get("taskArns"):
                yield arns

    async def register(self, definition: Definition) -> Arn:
        """RegisterTaskDefinition."""
        answer = await self._transport.call("ecs", "RegisterTaskDefinition", definition.request)
        return Arn(answer["taskDefinition"]["taskDefinitionArn"])

    async def find_definition(self, name: str) -> KnownDefinition | None:
        """The newest ACTIVE revision of a family, or ``family:revision`` if that is ACTIVE; else None."""
        try:
            answer = await self._call("DescribeTaskDefinition", taskDefinition=name)
        except DefinitionGone:
            return None
        found = answer["taskDefinition"]
        if found.get("status", "ACTIVE") != "ACTIVE":
            return None
        return KnownDefinition(
            arn=Arn(found["taskDefinitionArn"]),
            network_mode=found.get("networkMode"),
            containers=tuple(each["name"] for each in found.get("containerDefinitions", ())),
        )

    async def cluster(self, name: str) -> Cluster:
        """DescribeClusters and DescribeCapacityProviders. Raises TargetBlocked without an active cluster."""
        answer = await self._call("DescribeClusters", clusters=[name])
        found = next(iter(answer.get("clusters", ())), None)
        if found is None or found.get("status", "ACTIVE") not in {"ACTIVE", "PROVISIONING"}:
            state = "does not exist" if found is None else f"is {found['status']}"
            raise TargetBlocked(
                "ClusterNotFoundException",
                f"the cluster {name!r} {state} in {self._transport.region}",
                operation="DescribeClusters",
            )
        providers = await self._providers(name, found.get("capacityProviders", ()))
        return Cluster(
            arn=Arn(found["clusterArn"]),
            name=found["clusterName"],
            providers=tuple(providers),
            default=by_preference(found.get("defaultCapacityProviderStrategy", ())),
        )

    async def machines(self, cluster: str, arns: Sequence[Arn]) -> Sequence[Machine]:
        """DescribeContainerInstances of up to 100; those that ECS does not know are left out."""
        if not arns:
            return []
        answer = await self._call(
            "DescribeContainerInstances", cluster=cluster, containerInstances=list(arns)
        )
        return [machine_of(instance) for instance in answer.get("containerInstances", ())]

    async def _providers(self, cluster: str, names: Sequence[str]) -> list[Provider]:
        found = dict(FARGATE)
        if asked := [name for name in names if name not in FARGATE]:
            # The cluster is named too: without it AWS leaves Managed Instances providers out.
            pages = self._pages("DescribeCapacityProviders", cluster=cluster, capacityProviders=asked)
            async for page in pages:
                found |= {each["name"]: provider_of(each) for each in page.get("capacityProviders", ())}
        return [found[name] for name in names if name in found]

    async def _pages(self, operation: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        page = await self._call(operation, **params)
        yield page
        while token := page.get("nextToken"):
            page = await self._call(operation, **params, nextToken=token)
            yield page

    async def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self._transport.call("ecs", operation, params)


def sighting_of(task: Mapping[str, Any]) -> Sighting:
    """What ECS's Task object says (AWS: API_Task); times must be epoch seconds."""
    get = task.get
    return Sighting(
        arn=task["taskArn"],
        version=get("version", 0),
        last_status=get("lastStatus", ""),
        desired_status=get("desiredStatus", "RUNNING"),
        stop_code=get("stopCode"),
        stopped_reason=get("stoppedReason"),
        containers=tuple(_containers(get("containers", ()))),
        created_at=get("createdAt"),
        started_at=get("startedAt"),
        stopped_at=get("stoppedAt"),
        capacity_provider=get("capacityProviderName"),
        launch_type=get("launchType"),
        instance_arn=get("containerInstanceArn"),
        zone=get("availabilityZone"),
        ecs_group=get("group"),
        started_by=get("startedBy"),
    )


def machine_of(instance: Mapping[str, Any]) -> Machine:
    """What ECS's ContainerInstance object says (AWS: API_ContainerInstance)."""
    attributes = {each["name"]: each.get("value") for each in instance.get("attributes", ())}
    return Machine(
        arn=Arn(instance["containerInstanceArn"]),
        ec2_id=instance.get("ec2InstanceId"),
        type=attributes.get("ecs.instance-type"),
        zone=attributes.get("ecs.availability-zone"),
        provider=instance.get("capacityProviderName"),
        is_draining=instance.get("status") in {"DRAINING", "DEREGISTERING"},
    )


def _containers(containers: Sequence[Mapping[str, Any]]) -> Iterator[ContainerSighting]:
    for each in containers:
        yield ContainerSighting(
            name=each["name"],
            last_status=each.get("lastStatus", ""),
            exit_code=each.get("exitCode"),
            reason=each.get("reason"),
        )


def _failure_of(failure: Mapping[str, Any]) -> LaunchFailure:
    reason = failure.get("reason", "")
    return LaunchFailure(reason=reason, detail=failure.get("detail", ""), is_capacity=is_capacity(reason))


def _missing(asked: Sequence[Arn], failures: Sequence[Mapping[str, Any]]) -> list[Arn]:
    """The ARNs as they were asked for: a failure may name them in the short format of old accounts."""
    if not failures:
        return []
    ids = {task_id_of(failure.get("arn", "")) for failure in failures}
    return [arn for arn in asked if task_id_of(arn) in ids]
