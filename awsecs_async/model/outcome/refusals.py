"""What ECS refuses at once, by RegisterTaskDefinition or RunTask, and the setting that mends each.

ECS's own sentence names what it will not have, in its own words; the hint says what that is called here.
Most of it is refused before ECS is asked, so this is for what slips through: limits that AWS changes, and
clusters that are not what they were.

Sources: AWS, API_RunTask, API_RegisterTaskDefinition, API failure reasons; messages seen in public.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Known(NamedTuple):
    """A refusal that has been seen: an expression for its words, and what to do."""

    says: str
    hint: str


UNKNOWN_REFUSAL: Final = "ECS refused to run it; the reason names what to change."

# From top to bottom, the first that is found, in any case but that of the bare words of failures[].
KNOWN: Final[tuple[Known, ...]] = (
    Known(
        r"(?-i:^\W*LOCATION\b)",
        "The instance is in another zone than the subnets: name subnets of its zone in 'subnets'.",
    ),
    Known(
        r"(?-i:^\W*ATTRIBUTE\b)|placement constraint|invalid expression",
        "No instance is as it asks: check 'machineType', 'architecture' and 'accelerator' against the "
        "capacity provider's instance types.",
    ),
    Known(
        r"(?-i:^\W*(MISSING|INACTIVE)\b)",
        "What it names is gone or was deleted: check 'cluster' and 'capacityProviders'; 'doctor' lists what "
        "is there.",
    ),
    Known(
        r"PassRole|not authorized",
        "The dispatcher's own credentials lack a right: allow what the reason names, and iam:PassRole on "
        "executionRole, taskRole and infrastructureRole; 'doctor --policy' prints the least.",
    ),
    Known(
        r"(unable to|cannot|could not) assume|role is not valid|invalid role|not a valid role",
        "Check that the role exists in this account and trusts ecs-tasks.amazonaws.com (infrastructureRole: "
        "ecs.amazonaws.com).",
    ),
    Known(
        r"secrets.*execution ?role|execution ?role.*(required|specify|support)",
        "Secrets, private images and Fargate's logs need a role that fetches them: set 'executionRole'.",
    ),
    Known(
        r"overrides? length|at most 8192",
        "The command and the environment are too long for RunTask: set 'workBucket', so that they go by S3, "
        "or put them into a file.",
    ),
    Known(
        r"No Fargate configuration|invalid ['\"]?(cpu|memory)|cpu or memory value",
        "Fargate has a fixed table of pairs of 'cpus' and 'memory' (AWS: Fargate task sizes): ask for the "
        "next larger pair, or use a provider of instances.",
    ),
    Known(
        r"public ip",
        "Only Fargate gives tasks public addresses: set assignPublicIp = false, and give the subnets a NAT.",
    ),
    Known(
        r"network ?mode|network ?configuration|subnets?\b|security ?groups?\b",
        "Fargate needs networkMode awsvpc, Managed Instances awsvpc or host; awsvpc needs 'subnets' and "
        "takes 'securityGroups', all in the provider's own VPC, and host takes neither.",
    ),
    Known(
        r"ephemeral ?storage",
        "Ephemeral storage is Fargate's alone, from 21 to 200 GiB: change 'disk', or use a provider of "
        "instances with infrastructureRole set.",
    ),
    Known(
        r"\bEBS\b|volume|configuredAtLaunch|mount ?point",
        "Check 'disk' (size, type, iops and throughput that go together) and 'volumes'; a disk on instances "
        "needs 'infrastructureRole'.",
    ),
    Known(
        r"\bGPU\b|resource ?requirement|accelerator",
        "Check 'accelerator': Fargate has no GPUs, and other providers only whole ones or the fractions of "
        "their instance types.",
    ),
    Known(
        r"privileged|capabilit|linux ?parameters|devices|tmpfs|shared ?memory|ulimit",
        "The capacity provider cannot give what 'containerOptions' (or 'fusion') asks for: Fargate allows no "
        "privileges and no devices; use Managed Instances or EC2.",
    ),
    Known(
        r"execute ?command",
        "ECS Exec needs a 'taskRole' with ssmmessages:*; or leave 'executeCommand' off.",
    ),
    Known(
        r"platform|runtime|cpu ?architecture",
        "Check 'architecture' and 'platformVersion' against what the capacity provider has.",
    ),
    Known(
        r"capacity provider|launch[_ ]?type|compatib",
        "Check 'capacityProviders': each must be active and belong to the cluster; one strategy never mixes "
        "Managed Instances, Fargate and EC2.",
    ),
    Known(
        r"task definition.*(size|bytes|length)|max allowed length",
        "A task definition holds 64 KB, and this is more: move environment and command into a file on S3.",
    ),
    Known(
        r"\btags?\b",
        "Check 'tags': at most 50, keys to 128 and values to 256 characters, none beginning with aws:.",
    ),
    Known(
        r"dependenc|dependsOn|essential|health ?check|stop ?timeout|container name|override for container",
        "Check 'containers': their names, 'dependsOn', 'essential', health checks and 'stopTimeout'.",
    ),
)

_TABLE: Final = tuple((re.compile(known.says, re.IGNORECASE), known.hint) for known in KNOWN)


def hint_for(reason: str) -> str:
    """What to do about a refusal, by the words of its reason."""
    return next((hint for pattern, hint in _TABLE if pattern.search(reason)), UNKNOWN_REFUSAL)
