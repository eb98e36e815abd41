"""Every number of AWS's that this project obeys, with its unit and its source.

A dispatcher that launches as fast as it may has to know how fast that is, and a local cloud
that refuses what ECS refuses has to know the same figures. Both read them here, so that they
cannot disagree. The figures are the *defaults* AWS documents: most can be raised per account,
so whoever uses one lets it be overridden. Nothing here decides anything; these are values.

Sources are pages of the AWS documentation, named in short: "ECS throttling" is
AmazonECS/latest/APIReference/request-throttling, "ECS quotas" is general/latest/gr/ecs-service,
"Fargate throttling" is AmazonECS/latest/developerguide/throttling, "Logs quotas" is
AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class BucketQuota:
    """A token bucket: `rate_per_second` tokens are added, at most `burst` are held.

    One token is one request, whatever the request carries (RunTask with count=10 costs one).
    """

    rate_per_second: float
    burst: float

    def share(self, part: float) -> BucketQuota:
        """The `part` (0 < part <= 1) of this quota; the burst keeps at least one whole token."""
        if not 0 < part <= 1:
            message = f"a share of a quota is above 0 and at most 1, not {part!r}"
            raise ValueError(message)
        return BucketQuota(self.rate_per_second * part, max(1.0, self.burst * part))


# --- ECS requests: per account and Region, one bucket per category -------------------------
# Source: ECS throttling; the same in ECS quotas. All adjustable through Service Quotas.

CLUSTER_RESOURCE_MODIFY: Final = "cluster-resource-modify"
CLUSTER_RESOURCE_READ: Final = "cluster-resource-read"
TASK_DEFINITION_MODIFY: Final = "task-definition-modify"
TASK_DEFINITION_READ: Final = "task-definition-read"
TASK_DEFINITION_DELETE: Final = "task-definition-delete"
CLUSTER_MODIFY: Final = "cluster-modify"
CLUSTER_READ: Final = "cluster-read"
CAPACITY_PROVIDER_MODIFY: Final = "capacity-provider-modify"
CAPACITY_PROVIDER_READ: Final = "capacity-provider-read"
TAG_MODIFY: Final = "tag-modify"
TAG_READ: Final = "tag-read"
SETTING_MODIFY: Final = "setting-modify"
SETTING_READ: Final = "setting-read"
AGENT_MODIFY: Final = "agent-modify"

ECS_BUCKETS: Final[Mapping[str, BucketQuota]] = MappingProxyType(
    {
        CLUSTER_RESOURCE_MODIFY: BucketQuota(40, 100),  # L-C3AEE9D2 sustained, L-3B4FAC68 burst
        CLUSTER_RESOURCE_READ: BucketQuota(20, 100),  # L-80627E8A sustained, L-281CBA4C burst
        TASK_DEFINITION_MODIFY: BucketQuota(1, 20),  # L-1E6DEB89 sustained, L-CDF9F16B burst
        TASK_DEFINITION_READ: BucketQuota(20, 50),
        TASK_DEFINITION_DELETE: BucketQuota(1, 5),
        CLUSTER_MODIFY: BucketQuota(1, 20),
        CLUSTER_READ: BucketQuota(20, 50),
        CAPACITY_PROVIDER_MODIFY: BucketQuota(1, 10),
        CAPACITY_PROVIDER_READ: BucketQuota(20, 50),
        TAG_MODIFY: BucketQuota(10, 20),
        TAG_READ: BucketQuota(20, 50),
        SETTING_MODIFY: BucketQuota(1, 10),
        SETTING_READ: BucketQuota(20, 50),
        AGENT_MODIFY: BucketQuota(120, 200),  # how fast agents may report their tasks' states
    }
)

ECS_CATEGORY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "RunTask": CLUSTER_RESOURCE_MODIFY,
        "StartTask": CLUSTER_RESOURCE_MODIFY,
        "StopTask": CLUSTER_RESOURCE_MODIFY,
        "ExecuteCommand": CLUSTER_RESOURCE_MODIFY,
        "DescribeTasks": CLUSTER_RESOURCE_READ,
        "ListTasks": CLUSTER_RESOURCE_READ,
        "DescribeContainerInstances": CLUSTER_RESOURCE_READ,
        "ListContainerInstances": CLUSTER_RESOURCE_READ,
        "RegisterTaskDefinition": TASK_DEFINITION_MODIFY,
        "DeregisterTaskDefinition": TASK_DEFINITION_MODIFY,
        "DescribeTaskDefinition": TASK_DEFINITION_READ,
        "ListTaskDefinitions": TASK_DEFINITION_READ,
        "ListTaskDefinitionFamilies": TASK_DEFINITION_READ,
        "DeleteTaskDefinitions": TASK_DEFINITION_DELETE,
        "CreateCluster": CLUSTER_MODIFY,
        "DeleteCluster": CLUSTER_MODIFY,
        "UpdateCluster": CLUSTER_MODIFY,
        "UpdateClusterSettings": CLUSTER_MODIFY,
        "PutClusterCapacityProviders": CLUSTER_MODIFY,
        "DescribeClusters": CLUSTER_READ,
        "ListClusters": CLUSTER_READ,
        "CreateCapacityProvider": CAPACITY_PROVIDER_MODIFY,
        "UpdateCapacityProvider": CAPACITY_PROVIDER_MODIFY,
        "DeleteCapacityProvider": CAPACITY_PROVIDER_MODIFY,
        "DescribeCapacityProviders": CAPACITY_PROVIDER_READ,
        "TagResource": TAG_MODIFY,
        "UntagResource": TAG_MODIFY,
        "ListTagsForResource": TAG_READ,
        "PutAccountSetting": SETTING_MODIFY,
        "DeleteAccountSetting": SETTING_MODIFY,
        "ListAccountSettings": SETTING_READ,
    }
)

# --- ECS's hard limits -------------------------------------------------------------------------

RUN_TASK_MAX_COUNT: Final = 10  # tasks per RunTask; ECS quotas, not adjustable
DESCRIBE_TASKS_MAX_ARNS: Final = 100  # ids or ARNs per call; API_DescribeTasks
DESCRIBE_CLUSTERS_MAX: Final = 100  # names or ARNs per call; API_DescribeClusters
DESCRIBE_CAPACITY_PROVIDERS_PAGE: Final = 10  # entries per page; API_DescribeCapacityProviders
DELETE_TASK_DEFINITIONS_MAX: Final = 10  # definitions per call; API_DeleteTaskDefinitions
LIST_PAGE_MAX: Final = 100  # ARNs per page of ListTasks and the other ECS lists
OVERRIDES_MAX_CHARACTERS: Final = 8_192  # with the JSON's own characters; API_RunTask, overrides
STARTED_BY_MAX_CHARACTERS: Final = 128  # API_RunTask, startedBy
CLIENT_TOKEN_MAX_CHARACTERS: Final = 64  # ASCII 33 to 126; API_RunTask, clientToken
STOPPED_REASON_MAX_CHARACTERS: Final = 1_024  # the ECS agent cuts reasons to this
TASK_DEFINITION_MAX_BYTES: Final = 64 * 1024  # ECS quotas, not adjustable
CONTAINERS_PER_DEFINITION_MAX: Final = 10  # ECS quotas, not adjustable
FAMILY_MAX_CHARACTERS: Final = 255  # API_RegisterTaskDefinition, family
TAGS_MAX: Final = 50  # tags per resource; ECS quotas
TAG_KEY_MAX_CHARACTERS: Final = 128  # API_Tag
TAG_VALUE_MAX_CHARACTERS: Final = 256  # API_Tag
STRATEGY_ITEMS_MAX: Final = 20  # API_RunTask, capacityProviderStrategy
STRATEGY_WEIGHT_MAX: Final = 1_000  # API_CapacityProviderStrategyItem
STRATEGY_BASE_MAX: Final = 100_000  # API_CapacityProviderStrategyItem
PLACEMENT_CONSTRAINTS_MAX: Final = 10  # the definition's and the call's together; API_RunTask
PLACEMENT_STRATEGIES_MAX: Final = 5  # API_RunTask, placementStrategy
SUBNETS_MAX: Final = 16  # per awsvpcConfiguration; ECS quotas
SECURITY_GROUPS_MAX: Final = 5  # per awsvpcConfiguration; ECS quotas
CAPACITY_PROVIDERS_PER_CLUSTER_MAX: Final = 20  # ECS quotas
PROVISIONING_TASKS_PER_CLUSTER_MAX: Final = 500  # Auto Scaling group providers only; ECS quotas
STOPPED_TASK_RETENTION_SECONDS: Final = 3_600  # "at least one hour"; API_DescribeTasks
CLIENT_TOKEN_LIFETIME_SECONDS: Final = 24 * 3_600  # at most; ECS_Idempotency
CLIENT_TOKEN_AFTER_STOP_SECONDS: Final = 3_600  # from the call's last stopped task; ECS_Idempotency

STOP_TIMEOUT_DEFAULT_SECONDS: Final = 30  # API_ContainerDefinition, stopTimeout
STOP_TIMEOUT_MAX_FARGATE_SECONDS: Final = 120  # API_ContainerDefinition, stopTimeout
STOP_TIMEOUT_MAX_MANAGED_INSTANCES_SECONDS: Final = 86_400  # task_definition_parameters-managed-instances
SPOT_WARNING_SECONDS: Final = 120  # SIGTERM to the end of the machine; fargate-capacity-providers

# --- Fargate ---------------------------------------------------------------------------------

FARGATE_RUN_TASK_CALLS: Final = BucketQuota(20, 20)  # RunTask calls for Fargate; Fargate throttling
FARGATE_LAUNCHES_BIG_REGION: Final = BucketQuota(20, 100)  # tasks; L-6BAD92DD, L-551A4E9D; Spot its own
FARGATE_LAUNCHES_OTHER_REGION: Final = BucketQuota(5, 25)  # tasks; Fargate throttling
FARGATE_VCPUS_DEFAULT: Final = 6  # running at once, On-Demand L-3032A538, Spot L-36FBB829
FARGATE_EPHEMERAL_GIB: Final = range(21, 201)  # API_EphemeralStorage; 20 come free

# Fargate throttling gives sixteen Regions the higher rate. Which sixteen is taken from general
# knowledge and not checked against the page: treat it as a first guess that a setting corrects.
FARGATE_BIG_REGIONS: Final = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
        *("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2"),
    }
)


def fargate_launches(region: str) -> BucketQuota:
    """How fast Fargate starts tasks in `region`; On-Demand and Spot have one bucket each."""
    return FARGATE_LAUNCHES_BIG_REGION if region in FARGATE_BIG_REGIONS else FARGATE_LAUNCHES_OTHER_REGION


def _gib(first: int, last: int, step: int = 1) -> tuple[int, ...]:
    return tuple(1024 * size for size in range(first, last + 1, step))


# CPU units -> the task memory sizes, in MiB, that Fargate sells with them. Source:
# AmazonECS/latest/developerguide/fargate-tasks-services, "Task CPU and memory".
FARGATE_SIZES: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        256: (512, 1024, 2048),
        512: _gib(1, 4),
        1024: _gib(2, 8),
        2048: _gib(4, 16),
        4096: _gib(8, 30),
        8192: _gib(16, 60, 4),
        16384: _gib(32, 120, 8),
        32768: (60 * 1024, 120 * 1024, 244 * 1024),
    }
)

# --- CloudWatch Logs: requests per second, per account and Region -----------------------------
# Source: Logs quotas. FilterLogEvents and GetLogEvents cannot be raised.

_FILTER_SLOW: Final = ("eu-central-1", "ap-northeast-3", "ap-southeast-3", "ca-west-1", "il-central-1")
_FILTER_PER_SECOND: Final = MappingProxyType({"us-east-1": 25, **dict.fromkeys(_FILTER_SLOW, 5)})
_GET_SLOW: Final = ("us-west-2", "eu-west-1", *_FILTER_SLOW)
_GET_PER_SECOND: Final = MappingProxyType({"eu-west-3": 30, **dict.fromkeys(_GET_SLOW, 10)})

_LOGS_PER_SECOND: Final[Mapping[str, float]] = MappingProxyType(
    {
        "CreateLogStream": 50,  # L-76507CEF; one call per container that starts
        "CreateLogGroup": 10,
        "DeleteLogGroup": 10,
        "DeleteLogStream": 15,
        "DescribeLogStreams": 25,
        "DescribeLogGroups": 10,
        "PutRetentionPolicy": 10,
        "PutLogEvents": 5_000,
        "StartLiveTail": 5,
        "StartQuery": 10,
        "GetQueryResults": 10,
    }
)


def logs_requests(operation: str, region: str) -> BucketQuota:
    """The requests per second of one Logs `operation` in `region`; the burst is one second's worth.

    Raises KeyError for an operation whose quota is not recorded here.
    """
    if operation == "FilterLogEvents":
        rate: float = _FILTER_PER_SECOND.get(region, 10)
    elif operation == "GetLogEvents":
        rate = _GET_PER_SECOND.get(region, 25)
    else:
        rate = _LOGS_PER_SECOND[operation]
    return BucketQuota(rate, rate)


LOG_EVENT_MAX_BYTES: Final = 1_048_576  # one event; Logs quotas
LOG_LINE_SPLIT_BYTES: Final = 262_118  # the awslogs driver splits longer lines; 262,144 less the overhead
LOG_EVENT_OVERHEAD_BYTES: Final = 26  # counted per event of a batch; API_PutLogEvents
LOG_BATCH_MAX_BYTES: Final = 1_048_576  # API_PutLogEvents
LOG_BATCH_MAX_EVENTS: Final = 10_000  # API_PutLogEvents
LOG_EVENT_MAX_AGE_SECONDS: Final = 14 * 24 * 3_600  # API_PutLogEvents
LOG_EVENT_MAX_AHEAD_SECONDS: Final = 2 * 3_600  # API_PutLogEvents
LOG_PAGE_MAX_EVENTS: Final = 10_000  # API_FilterLogEvents, limit
LOG_PAGE_MAX_BYTES: Final = 1_048_576  # API_FilterLogEvents
LOG_FILTER_MAX_STREAMS: Final = 100  # API_FilterLogEvents, logStreamNames
LIVE_TAIL_MAX_GROUPS: Final = 10  # API_StartLiveTail
LIVE_TAIL_SESSIONS: Final = 15  # at once per account, L-D6990B80

# --- SQS -------------------------------------------------------------------------------------

SQS_BATCH_MAX_MESSAGES: Final = 10  # ReceiveMessage and DeleteMessageBatch; SQS quotas-messages
SQS_LONG_POLL_MAX_SECONDS: Final = 20  # API_ReceiveMessage
SQS_RETENTION_MAX_SECONDS: Final = 14 * 24 * 3_600  # SQS quotas-messages
