"""ECS's operations on clusters and capacity providers."""

from __future__ import annotations

from collections.abc import Mapping

from awsecs_async.local.ecs.arns import Arns, last_part
from awsecs_async.local.ecs.clusters import (
    AUTO_SCALING,
    FARGATE,
    FARGATE_SPOT,
    MANAGED_INSTANCES,
    Cluster,
    Provider,
    cluster_not_found,
)
from awsecs_async.local.ecs.fleets import Fleets
from awsecs_async.local.ecs.launch_rules import check_tags
from awsecs_async.local.ecs.operation import Operation
from awsecs_async.local.ecs.provider_rules import check_provider
from awsecs_async.local.ecs.strategy import check_strategy
from awsecs_async.local.settings import CloudSettings
from awsecs_async.local.wire import Wire, WireError, client_exception, invalid_parameter, page_of
from awsecs_async.model.quotas import (
    CAPACITY_PROVIDERS_PER_CLUSTER_MAX,
    DESCRIBE_CAPACITY_PROVIDERS_PAGE,
    DESCRIBE_CLUSTERS_MAX,
    LIST_PAGE_MAX,
)


class ClusterOperations:
    """The clusters and providers of one account and Region; its state is the two dicts."""

    def __init__(self, settings: CloudSettings, arns: Arns, fleets: Fleets) -> None:
        self._settings = settings
        self._fleets = fleets
        self._arns = arns
        self.clusters: dict[str, Cluster] = {}
        self.providers: dict[str, Provider] = {}
        for kind in (FARGATE, FARGATE_SPOT):
            self.providers[kind] = self._provider(kind, kind)
        self.operations: Mapping[str, Operation] = {
            "CreateCluster": self._create_cluster,
            "DeleteCluster": self._delete_cluster,
            "DescribeClusters": self._describe_clusters,
            "ListClusters": self._list_clusters,
            "PutClusterCapacityProviders": self._put_providers,
            "CreateCapacityProvider": self._create_provider,
            "DeleteCapacityProvider": self._delete_provider,
            "DescribeCapacityProviders": self._describe_providers,
        }

    def cluster(self, reference: str | None) -> Cluster:
        """The ACTIVE cluster of this name or ARN, `default` for None. Raises ClusterNotFoundException."""
        cluster = self.clusters.get(last_part(reference or "default"))
        if cluster is None or cluster.status != "ACTIVE":
            raise cluster_not_found()
        return cluster

    def instance_arn(self, cluster: Cluster, reference: str) -> str:
        """A container instance's ARN by its ARN or id, whether it exists or not."""
        return reference if reference.startswith("arn:") else self._arns.instance(cluster.name, reference)

    def provider_of(self, cluster: Cluster, reference: str) -> Provider:
        """A provider that this cluster may use. Raises InvalidParameterException."""
        name = last_part(reference)
        if name not in cluster.providers or name not in self.providers:
            raise invalid_parameter(
                f"The specified capacity provider '{name}' was not found on cluster '{cluster.name}'. "
                "Associate it with PutClusterCapacityProviders and try again."
            )
        return self.providers[name]

    def new_cluster(self, name: str) -> Cluster:
        """Make a cluster; one of that name must not be there."""
        self.clusters[name] = cluster = Cluster(name, self._arns.cluster(name), self._settings.capacity)
        self._fleets.of(cluster, None)  # what stands there
        return cluster

    def new_provider(self, name: str, kind: str, cluster: str | None, **members: object) -> Provider:
        """Make a capacity provider; a Managed Instances provider joins its cluster at once."""
        self.providers[name] = provider = self._provider(name, kind, cluster, **members)
        if cluster is not None and name not in self.clusters[cluster].providers:
            self.clusters[cluster].providers.append(name)
        return provider

    def _provider(self, name: str, kind: str, cluster: str | None = None, **members: object) -> Provider:
        shown: Wire = {
            "capacityProviderArn": self._arns.provider(name),
            "name": name,
            "status": "ACTIVE",
            "type": kind,
            **members,
        }
        if cluster is not None:
            shown["cluster"] = self._arns.cluster(cluster)
        return Provider(name=name, kind=kind, wire=shown, cluster=cluster)

    # --- clusters ----------------------------------------------------------------------------

    def _create_cluster(self, params: Wire, _now: float) -> Wire:
        name = params.get("clusterName") or "default"
        cluster = self.clusters.get(name)
        if cluster is None or cluster.status != "ACTIVE":
            check_tags(params.get("tags") or [])
            cluster = self.new_cluster(name)
            cluster.tags = list(params.get("tags") or ())
            cluster.settings = list(params.get("settings") or cluster.settings)
            self._associate(cluster, params)
        return {"cluster": cluster.wire(["TAGS", "SETTINGS"])}

    def _delete_cluster(self, params: Wire, _now: float) -> Wire:
        cluster = self.cluster(params["cluster"])
        if cluster.running:
            message = "The Cluster cannot be deleted while Tasks are active."
            raise WireError("ClusterContainsTasksException", message)
        cluster.status = "INACTIVE"
        return {"cluster": cluster.wire([])}

    def _describe_clusters(self, params: Wire, _now: float) -> Wire:
        names = params.get("clusters") or ["default"]
        if len(names) > DESCRIBE_CLUSTERS_MAX:
            raise invalid_parameter(f"clusters can have at most {DESCRIBE_CLUSTERS_MAX} items.")
        found, failures = [], []
        for name in names:
            cluster = self.clusters.get(last_part(name))
            if cluster is None:
                failures.append({"arn": self._arns.cluster(last_part(name)), "reason": "MISSING"})
            else:
                found.append(cluster.wire(params.get("include") or []))
        return {"clusters": found, "failures": failures}

    def _list_clusters(self, params: Wire, _now: float) -> Wire:
        arns = [cluster.arn for cluster in self.clusters.values() if cluster.status == "ACTIVE"]
        page, token = page_of(arns, params, largest=LIST_PAGE_MAX)
        return {"clusterArns": page} if token is None else {"clusterArns": page, "nextToken": token}

    def _put_providers(self, params: Wire, _now: float) -> Wire:
        cluster = self.cluster(params["cluster"])
        self._associate(cluster, params)
        return {"cluster": cluster.wire(["TAGS", "SETTINGS"])}

    def _associate(self, cluster: Cluster, params: Wire) -> None:
        names = [last_part(name) for name in params.get("capacityProviders") or ()]
        if len(names) > CAPACITY_PROVIDERS_PER_CLUSTER_MAX:
            raise invalid_parameter(
                f"A cluster has at most {CAPACITY_PROVIDERS_PER_CLUSTER_MAX} capacity providers."
            )
        for name in names:
            provider = self.providers.get(name)
            if provider is None or provider.cluster not in {None, cluster.name}:
                raise invalid_parameter(
                    f"The specified capacity provider '{name}' does not exist or is of another cluster."
                )
        own = [item.name for item in self.providers.values() if item.cluster == cluster.name]
        before, cluster.providers = cluster.providers, list(dict.fromkeys([*names, *own]))
        strategy = params.get("defaultCapacityProviderStrategy") or []
        try:
            check_strategy(strategy, cluster, self.provider_of)
        except WireError:
            cluster.providers = before
            raise
        cluster.default_strategy = [{"weight": 0, "base": 0, **item} for item in strategy]

    # --- capacity providers --------------------------------------------------------------------

    def _create_provider(self, params: Wire, _now: float) -> Wire:
        check_provider(params)
        name = params["name"]
        if name in self.providers:
            raise client_exception(f"A capacity provider named '{name}' already exists.")
        managed, scaling = params.get("managedInstancesProvider"), params.get("autoScalingGroupProvider")
        if managed is not None:
            cluster = self.cluster(params["cluster"]).name
            provider = self.new_provider(
                name, MANAGED_INSTANCES, cluster, managedInstancesProvider=_whole(managed)
            )
        else:
            provider = self.new_provider(name, AUTO_SCALING, None, autoScalingGroupProvider=scaling)
        provider.tags = list(params.get("tags") or ())
        return {"capacityProvider": provider.wire}

    def _delete_provider(self, params: Wire, _now: float) -> Wire:
        name = last_part(params["capacityProvider"])
        provider = self.providers.get(name)
        if provider is None or provider.kind in {FARGATE, FARGATE_SPOT}:
            raise client_exception(f"The capacity provider '{name}' cannot be deleted, or does not exist.")
        users = [item for item in self.clusters.values() if name in item.providers]
        if provider.cluster is None and users:
            raise client_exception(f"The capacity provider '{name}' is in use by cluster '{users[0].name}'.")
        for cluster in users:
            cluster.providers.remove(name)
            cluster.default_strategy = [
                item for item in cluster.default_strategy if item["capacityProvider"] != name
            ]
        del self.providers[name]
        return {"capacityProvider": {**provider.wire, "status": "DEPROVISIONING"}}

    def _describe_providers(self, params: Wire, _now: float) -> Wire:
        names = [last_part(name) for name in params.get("capacityProviders") or ()]
        cluster = self.cluster(params["cluster"]).name if params.get("cluster") else None
        # Managed Instances providers are shown only to who names them or their cluster.
        wanted = names or [
            item.name for item in self.providers.values() if item.cluster is None or item.cluster == cluster
        ]
        found = [self.providers[name] for name in wanted if name in self.providers]
        found = [item for item in found if cluster is None or item.cluster in {None, cluster}]
        missing = [name for name in names if name not in {item.name for item in found}]
        page, token = page_of(found, params, largest=DESCRIBE_CAPACITY_PROVIDERS_PAGE)
        tagged = "TAGS" in (params.get("include") or ())
        answer: Wire = {
            "capacityProviders": [{**item.wire, "tags": item.tags if tagged else []} for item in page],
            "failures": [{"arn": self._arns.provider(name), "reason": "MISSING"} for name in missing],
        }
        return answer if token is None else {**answer, "nextToken": token}

    def __repr__(self) -> str:
        return f"<ClusterOperations clusters={list(self.clusters)} providers={list(self.providers)}>"


def _whole(managed: Wire) -> Wire:
    """A managedInstancesProvider as it was created, with what ECS takes where nothing is said."""
    template = {"capacityOptionType": "ON_DEMAND", **managed["instanceLaunchTemplate"]}
    return {"propagateTags": "NONE", **managed, "instanceLaunchTemplate": template}
