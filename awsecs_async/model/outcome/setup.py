"""The rules for tasks that never came to run: no machine, no image, no volume, no network, no command.

ECS says what was wrong in prose that changes over the years and differs between Fargate and the agent, so
the rules look for the few words that stayed the same, the narrow ones first. What has the form of an error
of ECS's but none of these words is SETUP; what has not even that is UNKNOWN, and kept whole.

None of these goes round but CAPACITY. An image that cannot be pulled just now may be pulled later, but
whether to try again, and how often, is the caller's to say.

Sources: AWS, Stopped tasks error codes, Resolve TaskFailedToStart errors, CannotPullContainer task errors,
API failure reasons; EC2's error codes behind Managed Instances; the ECS agent's error names.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome.rule import Condition, Rule, both, tells
from awsecs_async.model.outcome.values import Cause, Round


def _never_ran(*conditions: Condition) -> Condition:
    return both(lambda facts: facts.failed_to_start, *conditions)


def _had_no_machine(*conditions: Condition) -> Condition:
    # What did start never goes round for want of capacity, whatever the words of its reason.
    return both(lambda facts: not facts.started, *conditions)


def _failed(cause: Cause, matches: Condition, hint: str) -> Rule:
    return Rule(cause=cause, state=State.FAILED, matches=_never_ran(matches), hint=hint)


NOT_REACHED: Final = (
    r"i/o timeout",
    r"timed out",
    r"\btimeout\b",
    r"connection (issue|refused|reset)",
    r"waiting for connection",
    r"dial tcp",
    r"no such host",
    r"network is unreachable",
    r"request ?canceled",
    r"context (canceled|deadline exceeded)",
    r"task network configuration",
    r"send request failed",
    r"request send failed",
    r"awaiting headers",
    r"tls handshake",
)
_PULLING: Final = tells(r"CannotPull", r"pull(ing)? image", r"pull access denied", r"image pull")
_DENIED: Final = (
    r"not found",
    r"denied",
    r"unauthorized",
    r"forbidden",
    r"no basic auth",
    r"manifest unknown",
    r"not authorized",
    r"does not exist",
    r"invalid reference",
)
_IMAGE_CURE: Final = (
    "The registry does not give the image: check its name and tag in 'container', and that executionRole may "
    "pull it (on ECR: ecr:GetAuthorizationToken, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer)."
)
_ARCHITECTURE_CURE: Final = (
    "The image is built for another processor: set 'architecture' to X86_64 or ARM64, as the image is, or "
    "build the image for both."
)

NO_MACHINE: Final[tuple[Rule, ...]] = (
    # It does not go round: no waiting mends a role, and the next provider would hide at a price what a
    # person has to mend here.
    _failed(
        Cause.ROLE,
        both(
            tells(r"unable to launch instance"),
            tells(r"UnauthorizedOperation", r"AccessDenied", r"not authorized", r"ServiceLinkedRole"),
        ),
        "The capacity provider's infrastructure role may not start instances: give it the policy "
        "AmazonECSInfrastructureRolePolicyForManagedInstances and iam:PassRole on the instance role.",
    ),
    _failed(
        Cause.ROLE,
        tells(r"(unable to|could not|cannot|can't) assume", r"sts:AssumeRole"),
        "ECS cannot take on a role: check that executionRole, taskRole and infrastructureRole exist, and "
        "trust ecs-tasks.amazonaws.com (the infrastructure role: ecs.amazonaws.com).",
    ),
    Rule(
        cause=Cause.CAPACITY,
        state=State.FAILED,
        matches=_had_no_machine(
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
        matches=_had_no_machine(
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
    _failed(
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

IMAGE: Final[tuple[Rule, ...]] = (
    _failed(
        Cause.VOLUME,
        tells(r"no space left on device"),
        "The disk of the machine was full, perhaps with images: ask for more with 'disk', or raise the "
        "capacity provider's storageSizeGiB.",
    ),
    _failed(Cause.IMAGE, tells(r"matching platform", r"exec format error"), _ARCHITECTURE_CURE),
    _failed(
        Cause.IMAGE_PULL,
        both(_PULLING, tells(r"toomanyrequests", r"too many requests", r"rate limit", r"rate exceeded")),
        "The registry was asked too often: try again later, log in to it, or keep the image in ECR.",
    ),
    _failed(Cause.IMAGE, both(_PULLING, tells(*_DENIED)), _IMAGE_CURE),
    _failed(
        Cause.IMAGE_PULL,
        both(_PULLING, tells(r"httpReaderSeeker", r"\bEOF\b", r"\b50[0-4]\b", *NOT_REACHED)),
        "The registry could not be reached, or broke off: try again; if it stays, the subnets need a way "
        "out (a NAT gateway, assignPublicIp on Fargate, or VPC endpoints for ECR and S3) that "
        "securityGroups allow.",
    ),
    _failed(Cause.IMAGE, _PULLING, _IMAGE_CURE),
)

SURROUNDINGS: Final[tuple[Rule, ...]] = (
    _failed(
        Cause.LOGGING,
        tells(r"logging driver", r"logger args", r"log group", r"log stream"),
        "Its log could not be opened: check that logsGroup exists in this region, that executionRole has "
        "logs:CreateLogStream and logs:PutLogEvents, and that the subnets reach CloudWatch Logs.",
    ),
    _failed(
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
    _failed(
        Cause.NETWORK,
        both(tells(r"ResourceInitializationError"), tells(*NOT_REACHED)),
        "The task's network has no way to AWS (ECR, S3, Secrets Manager, SSM): check NAT gateway or VPC "
        "endpoints of subnets, securityGroups, and assignPublicIp on Fargate in public subnets.",
    ),
    _failed(
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
    _failed(
        Cause.IMAGE, tells(r"ecr registry auth", r"GetAuthorizationToken", r"pull registry auth"), _IMAGE_CURE
    ),
    _failed(
        Cause.SETUP,
        tells(r"env(ironment)? files?\b"),
        "An environment file could not be fetched: check that it is on S3, and that executionRole has "
        "s3:GetObject on it and s3:GetBucketLocation on its bucket.",
    ),
    _failed(
        Cause.NETWORK,
        tells(r"InsufficientFreeAddresses"),
        "A subnet has no free address: name more or larger ones in 'subnets', or use host networking.",
    ),
    _failed(
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
    _failed(
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
    _failed(
        Cause.RUNTIME,
        tells(
            r"ContainerRuntime",
            r"Docker\w+Error",
            r"Cannot(Start|Stop|Create|Inspect)Container",
            r"ContainerVanished",
            r"InternalError",
            r"HostConfigError",
        ),
        "The machine's container software failed to start it: try again; if it stays, check "
        "'containerOptions' and 'accelerator' against what the machine has.",
    ),
    _failed(
        Cause.SETUP,
        tells(r"\w+(Error|Exception)\b", r"TaskFailedToStart:"),
        "It never started; ECS's reason says what failed while it was set up.",
    ),
    _failed(
        Cause.UNKNOWN,
        lambda _: True,
        "It never started, and ECS's reason, if it gave one, is none that is known here: read it as it is.",
    ),
)

SETUP: Final = (*NO_MACHINE, *IMAGE, *SURROUNDINGS, *CONTAINER)
