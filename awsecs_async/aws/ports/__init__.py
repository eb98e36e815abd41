"""What is asked of AWS, in our words, as small as its use: of ECS and its logs, and of the services beside.

These are not clients: no request is shaped here, no dictionary crosses. Every method raises
the AwsFault kinds of ``errors`` and nothing else, and every one may be cancelled at any time; what
was sent may then have happened.
"""

from awsecs_async.aws.ports.ecs import (
    Cluster,
    Ecs,
    KnownDefinition,
    LaunchAnswer,
    LaunchFailure,
    Look,
    Machine,
)
from awsecs_async.aws.ports.logs import LogEvent, LogGroup, LogPage, Logs
from awsecs_async.aws.ports.neighbours import (
    BODY_MAX_BYTES,
    Account,
    Bucket,
    Identity,
    Network,
    Objects,
    Role,
    Roles,
    SecurityGroup,
    Subnet,
)
from awsecs_async.aws.ports.transport import Transport

__all__ = [
    "BODY_MAX_BYTES",
    "Account",
    "Bucket",
    "Cluster",
    "Ecs",
    "Identity",
    "KnownDefinition",
    "LaunchAnswer",
    "LaunchFailure",
    "LogEvent",
    "LogGroup",
    "LogPage",
    "Logs",
    "Look",
    "Machine",
    "Network",
    "Objects",
    "Role",
    "Roles",
    "SecurityGroup",
    "Subnet",
    "Transport",
]
