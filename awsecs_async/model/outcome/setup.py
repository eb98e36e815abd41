"""The rules for tasks that never came to run: no machine, no volume, no network, no secret, no command.

ECS says what was wrong in prose that changes over the years and differs between Fargate and the agent, so
the rules look for the few words that stayed the same, the narrow ones first. What has the form of an error
of ECS's but none of these words is SETUP; what has not even that is UNKNOWN, and kept whole.

Only CAPACITY goes round, and only what never started: words about capacity in the reason of a task that ran
do not run it a second time. ``pulling`` has the rules for images.

Sources: AWS, Stopped tasks error codes, Resolve TaskFailedToStart errors, API failure reasons; EC2's error
codes behind Managed Instances; the ECS agent's error names.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.pulling import IMAGE, IMAGE_CURE, NOT_REACHED
from awsecs_async.model.outcome.rule import Rule, both, kept_from_running, never_started, says_of_it, tells
from awsecs_async.model.outcome.values import Cause, Round

NO_MACHINE: Final[tuple[Rule, ...]] = (
    # It does not go round: no waiting mends a role, and the next provider would hide at a price what a
    # person has to mend here.
    kept_from_running(
        Cause.ROLE,
        both(
            tells(r"unable to launch instance"),
            tells(r"UnauthorizedOperation", r"AccessDenied", r"not authorized", r"ServiceLinkedRole"),
        ),
        "The capacity provider's infrastructure role may not start instances: give it the policy "
        "AmazonECSInfrastructureRolePolicyForManagedInstances and iam:PassRole on the instance role.",
    ),
    kept_from_running(
        Cause.ROLE,
        tells(r"(unable to|could not|cannot|can't) assume", r"sts:AssumeRole"),
        "ECS cannot take on a role: check that executionRole, taskRole and infrastructureRole exist, and "
        "trust ecs-tasks.amazonaws.com (the infrastructure role: ecs.amazonaws.com).",
    ),
    Rule(
        cause=Cause.CAPACITY,
        state=State.FAILED,
        matches=never_started(
            tells(
                r"VcpuLimitExceeded",
                r"MaxSpotInstanceCountExceeded",
                r"InstanceLimitExceeded",
                r"reached the limit on the number of",
                r"vcpu limit",
            )
        ),
        hint="The account's quota of running vCPUs or instances is used up: wait for other tasks to end, or "
        "raise it in Service Quotas.",
        round=Round.CAPACITY,
    ),
    Rule(
        cause=Cause.CAPACITY,
        state=State.FAILED,
        matches=never_started(
            tells(
                r"unable to launch instance",
                r"InsufficientInstanceCapacity",
                r"UnfulfillableCapacity",
                r"capacity is unavailable",
                r"\bRESOURCE:",
                r"no active instances",
                r"empty capacity provider",
                r"no container instances were found",
                r"TaskFailedToStart: AGENT\b",
            )
        ),
        hint="ECS found no machine for it: check the capacity provider, allow it more instance types or "
        "zones, or name further providers in 'capacityProviders'.",
        round=Round.CAPACITY,
    ),
    kept_from_running(
        Cause.PLACEMENT,
        tells(
            r"placement constraint",
            r"TaskFailedToStart: (ATTRIBUTE|LOCATION)\b",
            r"not compatible with the selected compute strategy",
        ),
        "No machine of the capacity provider may take it: check 'machineType', 'architecture' and "
        "'accelerator' against the provider's instance types, and subnets against its zones.",
    ),
)

SURROUNDINGS: Final[tuple[Rule, ...]] = (
    kept_from_running(
        Cause.LOGGING,
        tells(r"logging driver", r"logger args", r"log group", r"log stream"),
        "Its log could not be opened: check that logsGroup exists in this region, that executionRole has "
        "logs:CreateLogStream and logs:PutLogEvents, and that the subnets reach CloudWatch Logs.",
    ),
    kept_from_running(
        Cause.VOLUME,
        tells(
            r"EFS (utils|volume)",
            r"CannotCreateVolume",
            r"EBS volume",
            r"Amazon EBS",
            r"(Create|Attach)Volume\b",
            r"EphemeralStorage",
        ),
        "A volume could not be made or mounted: check 'disk' and 'volumes', the rights of infrastructureRole "
        "(EBS), and for EFS its mount targets and that securityGroups allow port 2049.",
    ),
    kept_from_running(
        Cause.NETWORK,
        both(tells(r"ResourceInitializationError"), tells(*NOT_REACHED)),
        "The task's network has no way to AWS (ECR, S3, Secrets Manager, SSM): check NAT gateway or VPC "
        "endpoints of subnets, securityGroups, and assignPublicIp on Fargate in public subnets.",
    ),
    kept_from_running(
        Cause.SECRET,
        tells(
            r"secrets ?manager",
            r"from (asm|ssm)\b",
            r"ssm parameter",
            r"parameter store",
            r"GetSecretValue",
            r"ssm:Get",
            r"kms:Decrypt",
            r"specified secret",
        ),
        "A secret or parameter is not there, or may not be read: check the names in 'secrets', and that "
        "executionRole has secretsmanager:GetSecretValue, ssm:GetParameters and, for your own keys, "
        "kms:Decrypt.",
    ),
    kept_from_running(
        Cause.IMAGE, tells(r"ecr registry auth", r"GetAuthorizationToken", r"pull registry auth"), IMAGE_CURE
    ),
    kept_from_running(
        Cause.SETUP,
        tells(r"env(ironment)? files?\b"),
        "An environment file could not be fetched: check that it is on S3, and that executionRole has "
        "s3:GetObject on it and s3:GetBucketLocation on its bucket.",
    ),
    kept_from_running(
        Cause.NETWORK,
        tells(r"InsufficientFreeAddresses"),
        "A subnet has no free address: name more or larger ones in 'subnets', or use host networking.",
    ),
    kept_from_running(
        Cause.NETWORK,
        tells(
            r"network interface",
            r"\bENI\b",
            r"ContainerNetworkingError",
            r"network namespace",
            r"port is already allocated",
            r"address already in use",
        ),
        "The task's network could not be set up: check subnets and securityGroups, and EC2's quota of "
        "network interfaces; many awsvpc tasks at once are slowed by EC2, host networking is not.",
    ),
)

CONTAINER: Final[tuple[Rule, ...]] = (
    kept_from_running(
        Cause.COMMAND,
        both(
            tells(r"Cannot(Start|Create)Container", r"ContainerRuntimeError"),
            tells(
                r"executable file not found",
                r"no such file or directory",
                r"permission denied",
                r"no command specified",
                r"container process",
                r"unable to find user",
                r"matching entries in passwd",
                r"\bchdir\b",
                r"not a directory",
            ),
        ),
        "The image cannot run this: check that it has the command (and a shell, if one is named), the 'user' "
        "and the 'workingDirectory'.",
    ),
    # After all that may have stopped the container it waited for: that one's trouble is the cause.
    Rule(
        cause=Cause.DEPENDENCY,
        state=State.FAILED,
        matches=says_of_it(r"dependency graph", r"TaskDependencyError"),
        hint="A container that it depends on did not reach the condition it waits for, so the command never "
        "started: read that container's log, and check 'dependsOn'.",
    ),
    Rule(
        cause=Cause.RUNTIME,
        state=State.FAILED,
        matches=never_started(
            tells(
                r"ContainerRuntime",
                r"Docker\w+Error",
                r"Cannot(Start|Stop|Create|Inspect)Container",
                r"ContainerVanished",
                r"InternalError",
                r"HostConfigError",
            )
        ),
        hint="The machine's container software failed to start it: try again; if it stays, check "
        "'containerOptions' and 'accelerator' against what the machine has.",
    ),
    Rule(
        cause=Cause.SETUP,
        state=State.FAILED,
        matches=never_started(tells(r"\w+(Error|Exception)\b", r"TaskFailedToStart:")),
        hint="It never started; ECS's reason says what failed while it was set up.",
    ),
    Rule(
        cause=Cause.UNKNOWN,
        state=State.FAILED,
        matches=never_started(),
        hint="It never started, and ECS's reason, if it gave one, is none that is known here: read it.",
    ),
)

SETUP: Final = (*NO_MACHINE, *IMAGE, *SURROUNDINGS, *CONTAINER)
